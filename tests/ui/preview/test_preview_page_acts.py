"""An agent reads the shown page as an outline and acts in it, within its own app and in bounds."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QMessageBox

from studio.domain.events import PAGE, Delta
from studio.domain.ids import ProjectId, RunId
from studio.domain.pages import PageAct, PageActKind, seen_of
from studio.ui.preview.pace import OFFLINE
from studio.ui.preview.page_acts import _letters
from studio.ui.preview.scripts import World
from tests.ui.preview.acting import asked, look, ref
from tests.ui.preview.conftest import PROJECT, RUN, Previewing

OTHER_PROJECT = ProjectId("p2")

pytestmark = pytest.mark.qt_log_ignore("RHI", "QRhi", "GPUInfo", "dbus", "^js:")

_SHOP = """<!doctype html><title>Shop</title>
<nav aria-label="Top"><a href="/about">About</a> <a href="https://example.org/">Elsewhere</a></nav>
<main><h1>Three <b>pears</b></h1><p>Fresh today</p><p style="display: none">secret</p>
<form onsubmit="event.preventDefault(); document.querySelector('h1').textContent = 'Hello ' + this.name.value">
<label for="name">Your name</label><input id="name" name="name"><input type="password" name="code" value="hunter2">
<select name="size"><option>small</option><option>large</option></select><button>Greet</button></form>
<button onclick="document.title = 'bought'">Buy</button><button disabled>Sold out</button>
<div style="position: relative"><button>Under</button><i style="position: absolute; inset: 0">over</i></div></main>"""


@pytest.fixture
def shop(previewing: Previewing) -> Previewing:
    previewing.serve(_SHOP)
    previewing.open()
    return previewing


def test_a_page_is_read_as_its_headings_texts_links_and_fields(shop: Previewing) -> None:
    seen = look(shop)

    assert (seen.place, seen.title) == ("/", "Shop")
    assert [line.partition(" [")[0] for line in seen.outline] == [
        'navigation "Top"',
        '  link "About" to /about',
        '  link "Elsewhere" to https://example.org (outside)',
        "main",
        '  heading 1 "Three pears"',
        '  "Fresh today"',
        "  form",
        '    "Your name"',
        '    field "Your name" = ""',
        '    password field "code" = "(filled)"',
        '    select "size" = "small" of small | large',
        '    button "Greet"',
        '  button "Buy"',
        '  button "Sold out" (disabled)',
        '  button "Under"',
        '  "over"',
    ]


def test_text_is_typed_a_choice_made_and_enter_sends_the_form(shop: Previewing) -> None:
    seen = look(shop)

    chosen = asked(shop, PageAct(PageActKind.TYPE, ref(seen, "select"), "large"))
    greeted = asked(shop, PageAct(PageActKind.TYPE, ref(seen, 'field "Your'), "Ada", enter=True))

    assert any('select "size" = "large"' in line for line in chosen.outline)
    assert any('heading 1 "Hello Ada"' in line for line in greeted.outline)
    assert greeted.done.startswith('field "Your name"')


def test_a_click_does_what_the_person_would_do(shop: Previewing) -> None:
    seen = asked(shop, PageAct(PageActKind.CLICK, ref(look(shop), '"Buy"')))

    assert (seen.done, seen.title) == ('button "Buy"', "bought")


def test_a_link_within_the_app_is_followed_and_the_page_behind_it_shown(shop: Previewing) -> None:
    seen = asked(shop, PageAct(PageActKind.CLICK, ref(look(shop), "About")))

    assert (seen.place, seen.outline) == ("/about", ('"ok"',))


def test_a_path_is_gone_to_and_the_same_one_loads_the_page_again(shop: Previewing) -> None:
    assert asked(shop, PageAct(PageActKind.GO, text="/about")).place == "/about"

    asked(shop, PageAct(PageActKind.GO, text="/about"))

    assert shop.app.seen.count("/about") == 2


def test_a_place_behind_a_number_sign_is_gone_to_though_nothing_is_loaded(shop: Previewing) -> None:
    seen = asked(shop, PageAct(PageActKind.GO, text="/#/cart"))

    assert (seen.place, seen.error) == ("/#/cart", "")
    assert shop.app.seen.count("/") == 1


def test_the_same_place_behind_a_number_sign_is_loaded_again(shop: Previewing) -> None:
    asked(shop, PageAct(PageActKind.GO, text="/#/cart"))

    assert asked(shop, PageAct(PageActKind.GO, text="/#/cart")).error == ""
    assert shop.app.seen.count("/") == 2


def test_a_page_that_takes_long_is_said_to_be_loading_still(shop: Previewing) -> None:
    shop.app.held = "/slow"

    seen = asked(shop, PageAct(PageActKind.GO, text="/slow"))
    shop.app.let_go.set()
    shop.qtbot.waitUntil(lambda: shop.panel.host.place() == "/slow", timeout=20_000)

    assert "still being loaded" in seen.error
    assert seen.place == "/"


def test_a_page_that_cannot_be_loaded_is_not_said_to_be_there(shop: Previewing) -> None:
    shop.panel.pacing.set_pace(OFFLINE)

    seen = asked(shop, PageAct(PageActKind.GO, text="/about"))

    assert "has not answered" in seen.error
    assert "/about" not in shop.app.seen


@pytest.mark.parametrize(
    ("words", "why"),
    [("Elsewhere", "leads out of the app"), ("Sold out", "is disabled"), ("Under", "is covered by")],
)
def test_what_a_person_could_not_click_is_not_clicked(shop: Previewing, words: str, why: str) -> None:
    seen = asked(shop, PageAct(PageActKind.CLICK, ref(look(shop), words)))

    assert why in seen.error
    assert shop.panel.view.findChild(QMessageBox) is None


def test_an_element_of_a_page_that_was_loaded_again_is_said_to_be_gone(shop: Previewing) -> None:
    old = ref(look(shop), '"Buy"')
    asked(shop, PageAct(PageActKind.GO, text="/"))

    assert "any more" in asked(shop, PageAct(PageActKind.CLICK, old)).error


def test_names_that_hide_the_documents_own_are_survived(previewing: Previewing) -> None:
    previewing.serve("<form><input name='getAttribute'><input name='childNodes'></form><h1>Shop</h1>")
    previewing.open()

    assert 'heading 1 "Shop"' in look(previewing).outline


def test_a_page_without_end_is_read_in_bounds(previewing: Previewing) -> None:
    previewing.serve(
        "<script>for (let i = 0; i < 5000; i++) document.write('<p>' + 'x'.repeat(3000) + '</p>')</script>"
    )
    previewing.open()

    seen = look(previewing)

    assert len(seen.outline) == 301
    assert seen.outline[-1] == "… 4700 more lines"
    assert max(len(line) for line in seen.outline) < 400


@pytest.mark.parametrize(("number", "letters"), [(0, "a"), (25, "z"), (26, "ba"), (51, "bz"), (26 * 26, "baa")])
def test_no_two_documents_of_a_page_have_refs_of_the_same_letters(number: int, letters: str) -> None:
    assert _letters(number) == letters


def test_a_page_cannot_answer_for_studio(previewing: Previewing) -> None:
    previewing.serve(
        "<h1>true</h1><script>JSON.stringify = () => '{}'; globalThis.studioPage = {look: () => 'x'};"
        "Node.prototype.contains = () => true; String.prototype.replace = () => 'forged'</script>"
    )
    previewing.open()

    seen = look(previewing)

    assert (seen.place, seen.outline) == ("/", ('heading 1 "true"',))


def test_only_the_run_whose_page_is_shown_is_answered(shop: Previewing) -> None:
    shop.panel.apply([Delta(PROJECT, RunId("r2"), PAGE, PageAct(PageActKind.LOOK).words(), "theirs")])
    look(shop)

    assert {run for run, _, _ in shop.door.answers} == {RUN}


@pytest.mark.parametrize("words", ["", "[]", "{", '{"place": 3}', '{"place": "/", "outline": "x" }' + " " * 300_000])
def test_what_is_no_answer_of_a_bearable_length_is_none(words: str) -> None:
    assert seen_of(words) is None


def test_what_a_page_did_not_do_before_another_run_is_shown_is_not_done_there(shop: Previewing) -> None:
    go, look_up = PageAct(PageActKind.GO, text="/about"), PageAct(PageActKind.GO, text="/pay")
    shop.panel.apply([Delta(PROJECT, RUN, PAGE, act.words(), call) for act, call in ((go, "q1"), (look_up, "q2"))])
    shop.panel.show_run(OTHER_PROJECT, RunId("r2"), "studio/r2")
    shop.panel.open()
    shop.qtbot.waitUntil(lambda: len(shop.door.answers) == 2, timeout=20_000)

    assert [(call, words) for _, call, words in shop.door.answers] == [("q1", ""), ("q2", "")]
    assert "/pay" not in shop.app.seen


def test_a_page_that_hangs_is_given_up_and_what_was_asked_of_it_is_not_done_later(shop: Previewing) -> None:
    browser = shop.panel.host.browser
    assert browser is not None
    browser.run("(() => { const end = Date.now() + 12000; while (Date.now() < end); })()", World.PAGE, lambda _: None)
    shop.panel.apply([Delta(PROJECT, RUN, PAGE, PageAct(PageActKind.LOOK).words(), call) for call in ("q1", "q2")])
    shop.qtbot.waitUntil(lambda: len(shop.door.answers) == 2, timeout=20_000)

    assert [words for _, _, words in shop.door.answers] == ["", ""]
