"""How soon the window is painted and what it holds when idle, beside a bare window of the same libraries.

python -m benchmarks.window [--times N] [--offscreen]

Each measurement is a process of its own on a virtual display of its own (Xvfb; `--offscreen` does without).
Time counts from before the process is made to the turn of the loop after the first paint. The idle figures
are read a few seconds after the core behind the window stood, with no project open.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager

PROBE = """
import json, os, sys, time
started = float(sys.argv[1])
{imports}
from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication, QMainWindow

def memory():
    # Pages that only this process holds, and all of its pages, in MiB.
    fields = dict(line.split(":", 1) for line in open("/proc/self/smaps_rollup").readlines()[1:])
    size = lambda name: int(fields[name].split()[0]) / 1024
    return size("Private_Dirty") + size("Private_Clean"), size("Rss")

class Watch(QObject):
    painted = None

    def eventFilter(self, watched, event):
        if self.painted is None and event.type() == QEvent.Type.Paint and isinstance(watched, QMainWindow):
            self.painted = 0
            QTimer.singleShot(0, self.note)
        return False

    def note(self):
        self.painted = (time.monotonic() - started) * 1000
        QTimer.singleShot({idle_after}, self.begin_idle)

    def begin_idle(self):
        self.used, self.since = time.process_time(), time.monotonic()
        QTimer.singleShot(3000, self.end)

    def end(self):
        busy = (time.process_time() - self.used) / (time.monotonic() - self.since) * 100
        private, whole = memory()
        print(json.dumps(dict(painted=self.painted, private=private, memory=whole, processor=busy)), flush=True)
        QApplication.quit()

QApplication.setAttribute(Qt.ApplicationAttribute.AA_ShareOpenGLContexts)
application = QApplication(sys.argv[:1])
watch = Watch()
application.installEventFilter(watch)
{body}
"""

KINDS = {
    "bare window (floor)": PROBE.format(
        imports="import PySide6.QtWidgets, PySide6QtAds",
        idle_after=500,
        body="window = QMainWindow(); window.resize(1440, 900); window.show(); application.exec()",
    ),
    "window without a core": PROBE.format(
        imports="import studio.ui.application as program, asyncio",
        idle_after=2500,
        body="program.run_window(os.environ, None, build=asyncio.Event().wait)",
    ),
    "studio": PROBE.format(
        imports="import studio.ui.application as program",
        idle_after=6000,
        body="program.run_window(os.environ, None)",
    ),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--offscreen", action="store_true")
    wanted = parser.parse_args()
    print(f"{'':24} {'painted':>10} {'memory':>10} {'its own':>10} {'idle CPU':>9}   (medians of {wanted.times})")
    with _display(wanted.offscreen) as display:
        # Taken in turns, so that what else the machine does meets all kinds alike; the first round only warms up.
        rounds = [
            {name: _measure(program, display) for name, program in KINDS.items()} for _ in range(wanted.times + 1)
        ]
    for name in KINDS:
        painted, memory, private, processor = (
            statistics.median(one[name][key] for one in rounds[1:])
            for key in ("painted", "memory", "private", "processor")
        )
        print(f"{name:24} {painted:7.0f} ms {memory:6.0f} MiB {private:6.0f} MiB {processor:7.1f} %")


def _measure(program: str, display: dict[str, str]) -> dict[str, float]:
    with tempfile.TemporaryDirectory(prefix="studio-bench-") as home:
        environment = {**os.environ, **display, "STUDIO_HOME": home}
        started = time.monotonic()
        ended = subprocess.run(
            [sys.executable, "-c", program, str(started)], env=environment, capture_output=True, text=True, timeout=120
        )
    if not ended.stdout.strip():
        raise SystemExit(f"The probe failed:\n{ended.stderr}")
    found: dict[str, float] = json.loads(ended.stdout)
    return found


@contextmanager
def _display(offscreen: bool) -> Iterator[dict[str, str]]:
    """What the environment must say for a process to have a display."""
    if offscreen:
        yield {"QT_QPA_PLATFORM": "offscreen"}
        return
    reader, writer = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writer), "-screen", "0", "1600x1000x24", "-nolisten", "tcp"],
        pass_fds=[writer],
        stderr=subprocess.DEVNULL,
    )
    os.close(writer)
    try:
        with os.fdopen(reader) as lines:
            number = lines.readline().strip()
        yield {"DISPLAY": f":{number}", "QT_QPA_PLATFORM": "xcb"}
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    main()
