"""Studio's own scripts in a page: there before the page's, out of its reach, and never believed."""

from __future__ import annotations

import pytest

from studio.ui.preview.browser import Browser
from studio.ui.preview.scripts import ANSWER_CHARACTERS, World
from tests.ui.preview.conftest import Previewing

pytestmark = pytest.mark.qt_log_ignore("RHI", "QRhi", "GPUInfo", "dbus", "^js:")


def answer(previewing: Previewing, browser: Browser, source: str, world: World = World.STUDIO) -> str:
    """What the page is told to have answered."""
    heard: list[str] = []
    browser.run(source, world, heard.append)
    previewing.qtbot.waitUntil(lambda: bool(heard), timeout=20_000)
    return heard[0]


def test_an_injected_script_runs_before_those_of_the_page(previewing: Previewing) -> None:
    previewing.serve("<script>document.title = window.early || 'late'</script>")
    browser = previewing.open()
    browser.inject("early", "window.early = 'early'", World.PAGE)
    previewing.panel.reload()

    previewing.qtbot.waitUntil(lambda: browser.title() == "early", timeout=20_000)


def test_a_script_injected_again_takes_the_place_of_the_one_before(previewing: Previewing) -> None:
    previewing.serve("<script>document.title = window.names.join()</script>")
    browser = previewing.open()
    for name in ("one", "two"):
        browser.inject("mark", f"window.names = (window.names || []).concat('{name}')", World.PAGE)
    previewing.panel.reload()

    previewing.qtbot.waitUntil(lambda: browser.title() == "two", timeout=20_000)


def test_a_page_does_not_see_the_script_of_studio_that_reads_it(previewing: Previewing) -> None:
    previewing.serve("<title>shop</title><script>String.prototype.concat = () => 'forged'</script>")
    browser = previewing.open()

    assert answer(previewing, browser, "window.ours = 'x'; document.title.concat('!')") == "shop!"
    assert answer(previewing, browser, "typeof window.ours", World.PAGE) == "undefined"


@pytest.mark.parametrize("source", ["({})", "missing()", f"'x'.repeat({ANSWER_CHARACTERS + 1})"])
def test_what_is_no_text_of_a_bearable_length_is_no_answer(previewing: Previewing, source: str) -> None:
    previewing.serve("<title>shop</title>")

    assert answer(previewing, previewing.open(), source) == ""
