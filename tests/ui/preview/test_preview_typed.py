"""What the person typed in a page is neither lost nor sent by an agent or a reload, until it is gone by itself."""

from __future__ import annotations

import pytest

from studio.domain.pages import PageAct, PageActKind
from studio.ui.preview.scripts import MOST_FRAMES
from tests.ui.preview.acting import asked, look, ref, script, typed_by_hand
from tests.ui.preview.conftest import Previewing
from tests.ui.preview.test_preview_panel import snapshot

pytestmark = pytest.mark.qt_log_ignore("RHI", "QRhi", "GPUInfo", "dbus", "^js:")

AWAY = PageAct(PageActKind.GO, text="/about")
_ORDER = """<form onsubmit="event.preventDefault(); document.title = 'sent'">
<input id="name"><button>Order</button></form>
<form onsubmit="event.preventDefault(); document.title = 'found'">
<input placeholder="Search"><button>Find</button></form>
<a href="/about">About</a><button onclick="document.title = 'more'">More</button>
<button onclick="document.title = 'saved'; location = '/done'">Save</button>
<button onclick="setTimeout(() => document.forms[0].submit(), 600)">Later</button>"""
SAVE = '"Save"'


def served(previewing: Previewing, page: str) -> Previewing:
    previewing.serve(page)
    previewing.open()
    return previewing


def said(previewing: Previewing) -> list[str]:
    """What stands in the console."""
    return [entry.text for _, entries, _ in previewing.consoles.reported for entry in entries]


@pytest.fixture
def order(previewing: Previewing) -> Previewing:
    """A page in which the person has typed."""
    served(previewing, _ORDER)
    typed_by_hand(previewing, "66")
    return previewing


def test_a_page_in_which_the_person_typed_is_left_only_when_the_agent_says_so(order: Previewing) -> None:
    refused = asked(order, AWAY)
    gone = asked(order, PageAct(PageActKind.GO, text="/about", discard=True))

    assert "typed something" in refused.error
    assert (gone.place, gone.error) == ("/about", "")
    assert order.app.seen.count("/about") == 1


def test_what_the_agent_typed_itself_does_not_keep_it_on_the_page(previewing: Previewing) -> None:
    served(previewing, _ORDER)
    asked(previewing, PageAct(PageActKind.TYPE, ref(look(previewing), '"Search"'), "pears"))

    assert asked(previewing, AWAY).place == "/about"


def test_what_the_agent_typed_into_rich_text_does_not_keep_it_on_the_page_either(previewing: Previewing) -> None:
    served(previewing, "<div contenteditable aria-label='Note'>old</div>")
    typed = asked(previewing, PageAct(PageActKind.TYPE, ref(look(previewing), '"Note"'), "new"))

    assert any('"Note" = "new"' in line for line in typed.outline)
    assert asked(previewing, AWAY).place == "/about"


def test_a_long_text_in_one_field_does_not_hide_what_is_typed_in_the_next(previewing: Previewing) -> None:
    served(previewing, "<textarea id='long'></textarea><input id='name'>")
    script(
        previewing,
        "(() => { const long = document.getElementById('long'); long.focus();"
        "for (let i = 0; i < 1010; i++) document.execCommand('insertText', false, 'x');"
        "long.value = ''; return 'done' })()",
    )
    typed_by_hand(previewing, "66")

    assert "typed something" in asked(previewing, AWAY).error


def test_a_form_that_its_page_kept_back_has_not_been_sent(order: Previewing) -> None:
    script(order, "document.forms[0].requestSubmit(), document.forms[1].requestSubmit(), 'done'")

    assert "typed something" in asked(order, AWAY).error


def test_a_field_that_was_emptied_holds_the_page_no_longer(order: Previewing) -> None:
    script(order, "document.forms[0].reset(), 'done'")

    assert asked(order, AWAY).place == "/about"


# What this inserts is an input that the engine trusts, as one by hand.
_INSERTS = "document.querySelector(`input`).focus(); document.execCommand(`insertText`, false, `66`)"


@pytest.mark.parametrize("sandbox", ["", "sandbox='allow-scripts'"])
def test_what_is_typed_in_a_frame_counts(previewing: Previewing, sandbox: str) -> None:
    served(previewing, f"<iframe {sandbox} srcdoc='<input><script>{_INSERTS}</script>'></iframe>")

    assert "typed something" in asked(previewing, AWAY).error


def test_what_is_typed_where_nobody_can_look_counts(previewing: Previewing) -> None:
    served(
        previewing,
        "<p></p><script>const root = document.querySelector('p').attachShadow({mode: 'closed'});"
        "root.innerHTML = '<input>'; root.querySelector('input').focus();"
        "document.execCommand('insertText', false, '66')</script>",
    )

    assert "typed something" in asked(previewing, AWAY).error


def test_a_page_of_more_frames_than_are_asked_is_kept(previewing: Previewing) -> None:
    served(previewing, "<iframe></iframe>" * (MOST_FRAMES + 1))

    assert "typed something" in asked(previewing, AWAY).error


@pytest.mark.parametrize("words", ['link "About"', 'button "Order"', 'button "Find"'])
def test_what_would_leave_the_page_or_send_a_form_is_not_clicked(order: Previewing, words: str) -> None:
    seen = asked(order, PageAct(PageActKind.CLICK, ref(look(order), words)))

    assert "typed something" in seen.error
    assert (seen.place, seen.title) == ("/", "")


def test_what_stays_on_the_page_is_clicked(order: Previewing) -> None:
    assert asked(order, PageAct(PageActKind.CLICK, ref(look(order), '"More"'))).title == "more"


def test_a_page_that_a_clicked_button_leads_away_from_by_its_script_is_kept(order: Previewing) -> None:
    seen = asked(order, PageAct(PageActKind.CLICK, ref(look(order), SAVE)))

    assert (seen.place, seen.title, seen.kept) == ("/", "saved", "/done")
    assert "/done" not in order.app.seen
    assert "led to /done" in order.panel.view.message.text()


def test_what_a_click_leads_to_after_it_was_answered_is_kept_back_and_stands_in_the_console(order: Previewing) -> None:
    browser = order.panel.host.browser
    assert browser is not None
    browser.keeping.late.setInterval(60_000)  # the page's own script may take its time on a busy machine
    asked(order, PageAct(PageActKind.CLICK, ref(look(order), '"Later"')))
    order.qtbot.waitUntil(lambda: any("is kept" in text for text in said(order)), timeout=20_000)

    assert script(order, "document.getElementById('name').value") == "66"
    assert "/?" not in order.app.seen


def test_such_a_page_is_left_when_the_agent_says_that_what_was_typed_may_be_lost(order: Previewing) -> None:
    save = ref(look(order), SAVE)
    asked(order, PageAct(PageActKind.CLICK, save))

    gone = asked(order, PageAct(PageActKind.CLICK, save, discard=True))

    assert (gone.place, gone.kept) == ("/done", "")


def test_the_person_leaves_the_page_at_once_after_an_agent_was_kept_from_it(order: Previewing) -> None:
    asked(order, PageAct(PageActKind.CLICK, ref(look(order), SAVE)))

    order.panel.host.go("/about")
    order.wait_seen("/about")


def test_a_link_is_clicked_when_the_agent_says_that_what_was_typed_may_be_lost(order: Previewing) -> None:
    about = ref(look(order), 'link "About"')

    assert asked(order, PageAct(PageActKind.CLICK, about, discard=True)).place == "/about"


def test_the_agent_types_into_other_fields_and_not_into_the_persons(order: Previewing) -> None:
    seen = look(order)

    other = asked(order, PageAct(PageActKind.TYPE, ref(seen, '"Search"'), "pears"))
    theirs = asked(order, PageAct(PageActKind.TYPE, ref(seen, '= "66"'), "67"))

    assert any('"Search" = "pears"' in line for line in other.outline)
    assert "typed something" in theirs.error
    assert script(order, "document.getElementById('name').value") == "66"


def test_the_agents_enter_sends_no_form_while_the_persons_text_is_there(order: Previewing) -> None:
    seen = asked(order, PageAct(PageActKind.TYPE, ref(look(order), '"Search"'), "pears", enter=True))

    assert "typed something" in seen.error
    assert seen.title == ""


def test_a_snapshot_leaves_a_page_alone_in_a_frame_of_which_somebody_typed(previewing: Previewing) -> None:
    served(previewing, f"<iframe srcdoc='<input><script>{_INSERTS}</script>'></iframe>")

    previewing.panel.apply([snapshot()])

    message = previewing.panel.view.message
    previewing.qtbot.waitUntil(lambda: "because you type in it" in message.text(), timeout=20_000)
    assert previewing.app.seen.count("/") == 1
