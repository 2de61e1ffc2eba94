"""How soon an exception of a previewed page is a fact with its file and line: the limit is one second.

python -m benchmarks.failing, with QT_QPA_PLATFORM=offscreen where there is no screen; needs a container engine

A static site in a sandbox of its own, shown by the whole window on a whole core. Its script throws by a timer and says
in the message when; what is measured ends with the recorded event, whose lines of source have been read by then.
"""

from __future__ import annotations

import json
import os
import re
import statistics
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import monotonic

from PySide6.QtCore import QCoreApplication, QEventLoop, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from studio.app.bootstrap import open_studio
from studio.app.standing import Access
from studio.base.paths import Paths
from studio.domain.events import PreviewFailed, Recorded
from studio.ui.bridge import Bridge
from studio.ui.main_window import MainWindow
from studio.ui.theme import Theme
from studio.ui.window_state import WindowState
from tests.fixtures.repositories import make_repository

LIMIT, WANTED, PATIENCE = 1000.0, 9, 180.0
PAGE = "<!doctype html><title>Shop</title><h1>Shop</h1><script src=shop.js></script>"
SCRIPT = """let count = 0;
function total() {
  throw new TypeError(`no total ${++count}, thrown at ${Date.now()}`);
}
setInterval(total, 2500);
"""


def until(app: QApplication, seen: Callable[[], bool]) -> None:
    """Lets the window live until then."""
    end = monotonic() + PATIENCE
    while not seen():
        if monotonic() > end:
            raise SystemExit("It did not come so far.")
        app.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)


def measure(app: QApplication, folder: Path) -> list[float]:
    """Milliseconds from each throw to its event."""
    repository = make_repository(folder / "shop", {"index.html": PAGE, "shop.js": SCRIPT})
    replies = folder / "replies.json"
    replies.write_text(json.dumps({"replies": [{"text": "Ready."}]}))
    home = folder / "home"
    more = {"STUDIO_HOME": str(home), "STUDIO_DEFAULT_MODEL": f"scripted/{replies}"}
    bridge = Bridge(lambda: open_studio({**os.environ, **more}, Access.ENGINE))
    theme = Theme("dark")
    theme.dress(app)
    window = MainWindow(bridge, theme, WindowState(Paths(home).window))
    window.show()
    up: list[str] = []
    window.furnished.connect(lambda: up.append("window"))
    bridge.ready.connect(lambda: up.append("core"))
    bridge.start()
    window.furnish()
    until(app, lambda: len(up) == 2)
    took: list[float] = []

    def hear(items: list[object]) -> None:
        for item in items:
            if isinstance(item, Recorded) and isinstance(item.event, PreviewFailed):
                thrown = re.search(r"thrown at (\d+)", item.event.text)
                assert thrown is not None, item.event
                assert (item.event.path, item.event.line) == ("shop.js", 3), item.event
                took.append(item.time.timestamp() * 1000 - int(thrown[1]))

    bridge.events_arrived.connect(hear)
    try:
        window.open_first(str(repository))
        until(app, lambda: window.project is not None)
        chat = window.panels.chat.current_chat
        assert chat is not None
        composer = chat.page().composer
        until(app, lambda: composer.model != "")
        QTest.keyClicks(composer.input, "Have a look")
        QTest.mouseClick(composer.send, Qt.MouseButton.LeftButton)
        until(app, lambda: window.status.view.items["sandbox"].text().startswith("sandbox running"))
        QTest.mouseClick(window.frame.title.preview, Qt.MouseButton.LeftButton)
        until(app, lambda: len(took) >= WANTED)
    finally:
        window.put_down()
        bridge.stop()
    return took


def main() -> None:
    QCoreApplication.setAttribute(Qt.ApplicationAttribute.AA_ShareOpenGLContexts)
    app = QApplication(sys.argv)
    with tempfile.TemporaryDirectory() as folder:
        took = measure(app, Path(folder))
    print(f"{'':34}{'median':>9}{'worst':>9}{'limit':>9}  ms")
    line = f"{statistics.median(took):9.0f}{max(took):9.0f}{LIMIT:9.0f}"
    print(f"{f'thrown until recorded, {len(took)} times':34}{line}")


if __name__ == "__main__":
    main()
