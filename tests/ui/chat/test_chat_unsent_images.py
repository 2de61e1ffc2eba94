"""Pictures that were not sent yet come back as typed text does, and go out with or without words."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from studio.domain.events import TurnStarted
from studio.domain.ids import ProjectId, RunId
from studio.ui.bridge import Bridge
from studio.ui.chat.drafts import Drafts
from studio.ui.chat.page import ChatPage
from studio.ui.chat.panel import ChatPanel
from studio.ui.chat.unsent_images import UnsentImages
from studio.ui.theme import Theme
from tests.fixtures.quiet_doors import QuietDoors
from tests.ui.chat.conftest import Log, png, usable_models
from tests.ui.chat.two_projects import ELSEWHERE, PROJECT, RUN, TwoProjects, open_project, panel_on

NEW = RunId("r0000009")
SHOT, OTHER = png(30, 20), png(10, 10)


class Chats(TwoProjects):
    """Everything that is sent arrives at once."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, tuple[bytes, ...]]] = []

    async def send(self, project: ProjectId, text: str, images: tuple[bytes, ...] = (), **_: object) -> Any:
        self.sent.append((text, images))
        return SimpleNamespace(run=NEW, turn="t", since=0)


@pytest.fixture
def chats(doors: QuietDoors) -> Chats:
    doors.chats = made = Chats()  # type: ignore[attr-defined]
    doors.models = usable_models()  # type: ignore[attr-defined]
    return made


@pytest.fixture
def panel(qtbot: QtBot, bridge: Bridge, theme: Theme, chats: Chats, tmp_path: Path) -> ChatPanel:
    return panel_on(qtbot, bridge, theme, tmp_path)


def _page(panel: ChatPanel) -> ChatPage:
    assert panel.current_chat is not None
    return panel.current_chat.page()


def _paste(qtbot: QtBot, page: ChatPage, picture: bytes) -> None:
    pasted, count = QMimeData(), len(page.attachments.images)
    pasted.setImageData(QImage.fromData(picture))
    page.composer.input.insertFromMimeData(pasted)
    qtbot.waitUntil(lambda: len(page.attachments.images) == count + 1)


def test_a_picture_alone_is_sent_with_words_that_say_so(qtbot: QtBot, panel: ChatPanel, chats: Chats) -> None:
    open_project(qtbot, panel)
    _paste(qtbot, _page(panel), SHOT)
    [picture] = _page(panel).attachments.images
    QTest.keyClick(_page(panel).composer.input, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: chats.sent == [("Look at this picture.", (picture,))])
    qtbot.waitUntil(lambda: panel.current_run == NEW)
    assert _page(panel).attachments.images == ()
    assert _page(panel).composer.input.toPlainText() == ""


def test_a_picture_brings_the_button_that_queues_it_while_the_agent_works(
    qtbot: QtBot, panel: ChatPanel, doors: QuietDoors, log: Log
) -> None:
    open_project(qtbot, panel)
    panel.show_run(RUN)
    composer = _page(panel).composer
    doors.feed.tell(*log(TurnStarted("t1")))
    qtbot.waitUntil(lambda: not composer.send.isVisible())
    _paste(qtbot, _page(panel), SHOT)
    assert composer.send.isVisible()
    assert composer.interrupt.isVisible()
    _page(panel).attachments.buttons[0].click()
    assert not composer.send.isVisible()


def test_pictures_are_there_again_after_a_look_at_another_project(qtbot: QtBot, panel: ChatPanel) -> None:
    open_project(qtbot, panel)
    _paste(qtbot, _page(panel), SHOT)
    _paste(qtbot, _page(panel), OTHER)
    attached = _page(panel).attachments.images
    open_project(qtbot, panel, ELSEWHERE)
    assert _page(panel).attachments.images == ()
    open_project(qtbot, panel)
    qtbot.waitUntil(lambda: _page(panel).attachments.images == attached)
    assert all(not button.icon().isNull() for button in _page(panel).attachments.buttons)


def test_pictures_come_back_with_the_next_window_until_they_are_sent(
    qtbot: QtBot, panel: ChatPanel, bridge: Bridge, theme: Theme, chats: Chats, tmp_path: Path
) -> None:
    open_project(qtbot, panel)
    _paste(qtbot, _page(panel), SHOT)
    attached = _page(panel).attachments.images
    panel.drafts.images.save()
    later = panel_on(qtbot, bridge, theme, tmp_path)
    open_project(qtbot, later)
    qtbot.waitUntil(lambda: _page(later).attachments.images == attached)
    QTest.keyClicks(_page(later).composer.input, "Why?")
    QTest.keyClick(_page(later).composer.input, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: chats.sent == [("Why?", attached)])
    qtbot.waitUntil(lambda: list((tmp_path / "unsent").iterdir()) == [])


def test_a_picture_that_is_spoilt_in_its_folder_is_none(
    qtbot: QtBot, bridge: Bridge, theme: Theme, chats: Chats, tmp_path: Path
) -> None:
    folder = tmp_path / "unsent" / Drafts.key(PROJECT, None)
    folder.mkdir(parents=True)
    (folder / "000").write_bytes(SHOT[:5])
    (folder / "001").write_bytes(OTHER)
    (folder / "002.tmp").write_bytes(SHOT)
    panel = panel_on(qtbot, bridge, theme, tmp_path)
    open_project(qtbot, panel)
    qtbot.waitUntil(lambda: _page(panel).attachments.images == (OTHER,))


PROGRAM = """
import sys
from pathlib import Path
from PySide6.QtWidgets import QApplication
from studio.domain.ids import ProjectId
from studio.ui.bridge import Bridge
from studio.ui.chat.drafts import Drafts
from studio.ui.window_state import WindowState
from tests.fixtures.quiet_doors import QuietDoors
async def build():
    return QuietDoors()
application = QApplication([])
bridge = Bridge(build)
bridge.start()
drafts = Drafts(bridge=bridge)
drafts.use(WindowState(Path(sys.argv[1])))
drafts.images.put(drafts.key(ProjectId("p0000001"), None), (Path(sys.argv[2]).read_bytes(),))
application.exec()
"""


def test_a_picture_survives_a_kill(qtbot: QtBot, panel: ChatPanel, tmp_path: Path) -> None:
    (tmp_path / "shot.png").write_bytes(SHOT)
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(tmp_path), str(tmp_path / "shot.png")],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    try:
        kept = tmp_path / "unsent" / Drafts.key(PROJECT, None) / "000"
        while process.poll() is None and not kept.exists():
            os.sched_yield()
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    open_project(qtbot, panel)
    qtbot.waitUntil(lambda: _page(panel).attachments.images == (SHOT,))


def test_what_was_sent_takes_nothing_away_that_was_not_read_yet(tmp_path: Path) -> None:
    kept = tmp_path / "unsent"
    kept.mkdir()
    before = UnsentImages()
    before.use(kept)
    before.put("chat", (SHOT,))
    before.save()

    after = UnsentImages()
    after.use(kept)
    after.let_go("chat", (OTHER,))
    after.save()

    assert [image for image, _ in after._get("chat")] == [SHOT]
