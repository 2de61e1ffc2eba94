"""A picture of the page is given when the agent whose page is shown asks for it, and to no other."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QImage

from studio.domain.events import SCREENSHOT, Delta
from studio.domain.ids import ProjectId, RunId
from studio.domain.images import ImageType, image_of
from tests.ui.preview.conftest import PROJECT, RUN, Previewing

pytestmark = pytest.mark.qt_log_ignore("RHI", "QRhi", "GPUInfo", "dbus", "^js:")

RED = "<body style='background: #c00000'></body>"


def ask(previewing: Previewing, request: str, run: RunId = RUN, project: ProjectId = PROJECT) -> None:
    previewing.panel.apply([Delta(project, run, SCREENSHOT, "", request)])


def given(previewing: Previewing, request: str) -> QImage:
    """The picture that this request, made again until the page is drawn, is answered with."""
    pictures = previewing.door.pictures
    seen = len(pictures)

    def drawn() -> bool:
        nonlocal seen
        if len(pictures) == seen:
            return False
        seen = len(pictures)
        if picture().pixelColor(10, 10).name() == "#c00000":
            return True
        ask(previewing, request)
        return False

    def picture() -> QImage:
        return QImage.fromData(pictures[-1][2])

    ask(previewing, request)
    previewing.qtbot.waitUntil(drawn, timeout=20_000)
    return picture()


def test_the_agent_is_given_what_the_page_looks_like(previewing: Previewing) -> None:
    previewing.serve(RED)
    browser = previewing.open()

    picture = given(previewing, "q1")

    run, request, data = previewing.door.pictures[-1]
    assert (run, request, image_of(data).type) == (RUN, "q1", ImageType.PNG)
    assert picture.size() == browser.size() * browser.devicePixelRatio()


def test_a_wide_page_is_given_smaller(previewing: Previewing) -> None:
    previewing.panel.widget.resize(2560, 700)
    previewing.serve(RED)
    browser = previewing.open()

    picture = given(previewing, "q1")

    assert (picture.width(), picture.height()) == (1280, round(browser.height() * 1280 / browser.width()))


def test_other_runs_are_given_nothing_of_it(previewing: Previewing) -> None:
    previewing.serve(RED)
    previewing.open()

    ask(previewing, "theirs", RunId("r2"))
    ask(previewing, "elsewhere", project=ProjectId("p2"))
    given(previewing, "ours")

    assert {(run, request) for run, request, _ in previewing.door.pictures} == {(RUN, "ours")}


def test_the_run_that_was_shown_before_is_given_nothing_of_the_next_ones_page(previewing: Previewing) -> None:
    previewing.serve(RED)
    previewing.open()
    previewing.panel.show_run(PROJECT, RunId("r2"), "studio/r2-other")

    ask(previewing, "of the one before")
    ask(previewing, "of one that is not shown yet", RunId("r2"))
    previewing.open()
    given(previewing, "shown again")

    assert {request for _, request, _ in previewing.door.pictures} == {"shown again"}


def test_a_page_that_nobody_can_see_is_not_given(previewing: Previewing) -> None:
    previewing.serve(RED)
    previewing.open()

    previewing.panel.widget.hide()
    ask(previewing, "hidden")
    previewing.panel.widget.show()
    given(previewing, "seen")

    assert {request for _, request, _ in previewing.door.pictures} == {"seen"}
