"""What was asked of the page of one run is done to no other, and what a page does by itself opens nothing."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from PySide6.QtWidgets import QMessageBox

from studio.domain.events import Recorded, SnapshotTaken
from studio.domain.ids import RunId
from studio.domain.previews import PreviewStage, PreviewState
from studio.ui.preview.scripts import World
from tests.ui.preview.conftest import PROJECT, RUN, Previewing

pytestmark = pytest.mark.qt_log_ignore("RHI", "QRhi", "GPUInfo", "dbus", "^js:")

OTHER = RunId("r2")


def test_a_snapshot_of_one_run_starts_nothing_of_another_that_is_shown_meanwhile(previewing: Previewing) -> None:
    """Whether somebody types in the page is asked of it, and by the answer another run may be in front."""
    previewing.serve("app")
    previewing.door.state = PreviewState(PreviewStage.STARTING, process="p1", command="npm start", watches=False)
    browser = previewing.open()
    heard: list[str] = []

    moment = datetime(2030, 1, 1, tzinfo=UTC)
    taken = Recorded(1, moment, PROJECT, RUN, SnapshotTaken("t1", 1, "c2", "c1", ("a.html",)))
    previewing.panel.apply([taken])
    browser.run("'behind it'", World.STUDIO, heard.append)
    previewing.panel.show_run(PROJECT, OTHER, "studio/r2-other")
    previewing.qtbot.waitUntil(lambda: len(heard) == 1, timeout=20_000)
    previewing.panel.open()

    previewing.qtbot.waitUntil(lambda: previewing.app.seen.count("/") == 2, timeout=20_000)
    assert previewing.door.started == []


def test_a_script_that_follows_links_out_again_and_again_opens_nothing(previewing: Previewing) -> None:
    previewing.serve(
        "<a href='https://example.org/x'>out</a><script>"
        "let count = 0; const again = setInterval(() => {"
        "  document.querySelector('a').click();"
        "  if (++count === 5) { clearInterval(again); fetch('/done') } }, 50)</script>"
    )
    previewing.open()
    previewing.wait_seen("/done")

    view = previewing.panel.view
    previewing.qtbot.waitUntil(lambda: "leads out of the preview" in view.message.text(), timeout=20_000)
    assert view.findChild(QMessageBox) is None
    assert previewing.panel.host.place() == "/"
