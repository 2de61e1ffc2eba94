"""A page that says that something in it is not saved is left when the person wants that, and otherwise stays."""

from __future__ import annotations

import pytest

from studio.domain.ids import RunId
from studio.domain.pages import PageAct, PageActKind
from tests.ui.preview.acting import asked, script, typed_by_hand
from tests.ui.preview.conftest import PROJECT, Previewing
from tests.ui.preview.test_preview_panel import snapshot

pytestmark = pytest.mark.qt_log_ignore("RHI", "QRhi", "GPUInfo", "dbus", "^js:")


@pytest.fixture
def unsaved(previewing: Previewing) -> Previewing:
    """The person has done something in a page, which says so to whoever leaves it; no field holds anything."""
    previewing.serve(
        "<input id='name'><script>addEventListener('beforeunload', (one) => one.preventDefault())</script>"
    )
    previewing.open()
    typed_by_hand(previewing, "66")
    script(previewing, "document.getElementById('name').value = ''")
    return previewing


def wait_kept(previewing: Previewing) -> None:
    message = previewing.panel.view.message
    previewing.qtbot.waitUntil(lambda: "is not saved, so it was kept" in message.text(), timeout=20_000)


def test_it_is_left_for_an_address_that_the_person_enters(unsaved: Previewing) -> None:
    unsaved.panel.view.bar.address_entered.emit("/about")

    unsaved.wait_seen("/about")


def test_it_is_loaded_again_when_the_person_reloads_it(unsaved: Previewing) -> None:
    unsaved.panel.view.bar.reload.click()

    unsaved.qtbot.waitUntil(lambda: unsaved.app.seen.count("/") == 2, timeout=20_000)


def test_it_goes_when_another_run_is_shown(unsaved: Previewing) -> None:
    unsaved.panel.show_run(PROJECT, RunId("r2"), "studio/r2-other")

    there = "String(document.getElementById('name') !== null)"
    unsaved.qtbot.waitUntil(lambda: script(unsaved, there) == "false", timeout=20_000)


def test_a_script_of_the_page_does_not_leave_it(unsaved: Previewing) -> None:
    script(unsaved, "location = '/about', 'left'")

    wait_kept(unsaved)
    assert "/about" not in unsaved.app.seen


def test_files_that_change_under_it_do_not_load_it_again(unsaved: Previewing) -> None:
    unsaved.panel.apply([snapshot()])

    wait_kept(unsaved)
    assert unsaved.app.seen.count("/") == 1


def test_an_agent_leaves_it_only_when_it_says_so_and_is_told_why(unsaved: Previewing) -> None:
    kept = asked(unsaved, PageAct(PageActKind.GO, text="/about"))
    gone = asked(unsaved, PageAct(PageActKind.GO, text="/about", discard=True))

    assert "is not saved, and was kept" in kept.error
    assert (gone.place, gone.error) == ("/about", "")


def test_a_page_that_asks_so_again_and_again_itself_is_told_of_a_few_times_and_again_once_it_is_led_away_from(
    unsaved: Previewing,
) -> None:
    told: list[str] = []
    unsaved.panel.host.kept.connect(told.append)
    asks = "[...Array(20)].map(() => confirm('Are you sure you want to leave this page?')).join()"

    assert script(unsaved, asks) == ",".join(20 * ["false"])
    assert told == [""] * 5
    assert "is not saved, and was kept" in asked(unsaved, PageAct(PageActKind.GO, text="/about")).error
