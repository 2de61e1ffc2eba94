"""How late the window's loop is while a previewed page writes 10,000 lines a second to its console.

python -m benchmarks.console, with QT_QPA_PLATFORM=offscreen where there is no screen

Ours beside the engine's own callback, which gets every line, and beside a page that writes nothing. What writes without
end, where no script of ours is, begins half a second into the measuring and is stopped.
"""

from __future__ import annotations

import http.server
import json
import os
import sys
import threading
from functools import partial
from time import perf_counter, thread_time
from typing import Any

import shiboken6
from PySide6.QtCore import QCoreApplication, Qt, QTimer
from PySide6.QtWidgets import QApplication

from studio.domain.console import ConsoleLevel
from studio.domain.ids import RunId
from studio.sandbox.console import Console
from studio.ui.preview.browser import Browser
from studio.ui.preview.console import ConsoleReporter

SECONDS, EVERY, A_SECOND = 8, 5, 10_000
WRITES = """<script>
let line = 0;
setInterval(() => { for (let at = 0; at < COUNT; at++) console.log("request", line++, {status: 200}) }, 10);
</script>"""

FRAMES = 40
FRAMED = """<script>
const errors = "for (let at = 0; at < 20; at++) console.error('no', n++)";
const page = "<script>let n = 0; setInterval(() => { " + errors + " }, 10)<\\/script>";
for (let at = 0; at < COUNT; at++) document.write('<iframe srcdoc="' + page + '"></iframe>');
</script>"""

IN_A_WORKER = """<script>
const code = "let line = 0; setTimeout(() => setInterval(() => {" +
  "for (let at = 0; at < COUNT; at++) console.log('request', line++, {status: 200}) }, 10), 2500)";
new Worker(URL.createObjectURL(new Blob([code])));
</script>"""
HEAVY = """<script>
const code = "const long = 'x'.repeat(SIZE); setTimeout(() => setInterval(() => console.log(long), EVERY), 2500)";
new Worker(URL.createObjectURL(new Blob([code])));
</script>"""
UNHOOKED = """<body><script>
const frame = document.body.appendChild(document.createElement("iframe")), blank = frame.contentWindow.console.log;
let line = 0;
setTimeout(() => { for (;;) blank("request", line++, {status: 200}) }, 2500);
</script>"""


class _Page(http.server.BaseHTTPRequestHandler):
    body = b""

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)


class _Bridge:
    """Gives what is reported to a console at once: here the window's thread does the core's work, too."""

    def __init__(self) -> None:
        self.console = Console()
        self.heard = self.dropped = 0

    def call(self, make: Any, done: Any = None, failed: Any = None) -> None:
        try:
            make(self).send(None)
        except StopIteration:
            if done is not None:
                done(None)

    @property
    def consoles(self) -> _Bridge:
        return self

    async def report(self, run: RunId, entries: Any, dropped: int, port: int) -> None:
        self.heard += sum(entry.count for entry in entries)
        self.dropped += dropped
        self.console.report(entries, dropped)


def measure(app: QApplication, url: str, *, ours: bool) -> tuple[list[float], list[float], int, int]:
    """Milliseconds by which ticks of a timer came late, and that the thread worked between two, on a machine that does
    other things too; and how many lines were heard and counted.
    """
    browser, bridge = Browser(), _Bridge()
    reporter = ConsoleReporter(bridge, RunId("r"), browser)  # type: ignore[arg-type]
    lines: list[str] = []
    if ours:
        browser.hear(reporter.mark, reporter.note)
        reporter.flooded.connect(lambda: QTimer.singleShot(0, browser, partial(_stop, browser)))
    else:
        browser.hear("", lambda level, text, source, line: _take(lines, level, text))
    browser.resize(600, 400)
    browser.show()
    browser.show_server(url)
    late, worked = list[float](), list[float]()
    last = [0.0, 0.0]

    def tick() -> None:
        now = perf_counter()
        if last[0]:
            late.append(max(0.0, (now - last[0]) * 1000 - EVERY))
            worked.append((thread_time() - last[1]) * 1000)
        last[:] = now, thread_time()

    timer = QTimer()
    timer.setTimerType(Qt.TimerType.PreciseTimer)
    timer.timeout.connect(tick)
    QTimer.singleShot(2000, lambda: timer.start(EVERY))
    QTimer.singleShot(2000 + SECONDS * 1000, app.quit)
    app.exec()
    timer.stop()
    _stop(browser)
    return sorted(late), sorted(worked), bridge.heard + len(lines), bridge.dropped


def _stop(browser: Browser) -> None:
    if shiboken6.isValid(browser):
        browser.release()


def _take(lines: list[str], level: ConsoleLevel, text: str) -> None:
    lines.append(f"{level.value}: {json.dumps(text)}")


def main() -> None:
    """Prints the table."""
    QCoreApplication.setAttribute(Qt.ApplicationAttribute.AA_ShareOpenGLContexts)
    app = QApplication(sys.argv)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Page)
    threading.Thread(target=partial(server.serve_forever, 0.1), daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/"
    print(
        f"{'':34}{'late, median':>14}{'p99':>10}{'most':>10}{'worked, p99':>14}{'most':>10}{'heard':>10}{'counted':>10}"
    )
    for name, ours, page in (
        ("a page that writes nothing", True, "<p>quiet</p>"),
        ("10,000 lines/s, ours", True, WRITES.replace("COUNT", str(A_SECOND // 100))),
        (f"{FRAMES} frames of 2,000 errors/s, ours", True, FRAMED.replace("COUNT", str(FRAMES))),
        ("10,000 lines/s of a worker, ours", True, IN_A_WORKER.replace("COUNT", "100")),
        ("a worker without end, ours", True, IN_A_WORKER.replace("COUNT", "1e9")),
        ("8 MiB each 20 ms of a worker, ours", True, HEAVY.replace("SIZE", "1 << 23").replace("EVERY", "20")),
        ("1 MiB each 100 ms of a worker", True, HEAVY.replace("SIZE", "1 << 20").replace("EVERY", "100")),
        ("a frame made blank, without end", True, UNHOOKED),
        ("10,000 lines/s, engine's callback", False, WRITES.replace("COUNT", str(A_SECOND // 100))),
    ):
        _Page.body = page.encode()
        late, worked, heard, dropped = measure(app, url, ours=ours)
        middle, tail, work = late[len(late) // 2], late[int(len(late) * 0.99)], worked[int(len(worked) * 0.99)]
        times = f"{middle:11.1f} ms{tail:7.1f} ms{late[-1]:7.1f} ms{work:11.1f} ms{worked[-1]:7.1f} ms"
        print(f"{name:34}{times}{heard:>10,}{dropped:>10,}", flush=True)
    os._exit(0)  # the engine's processes end with this one


if __name__ == "__main__":
    main()
