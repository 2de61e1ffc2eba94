"""References in a message: offered while one types an @, coloured, and shown as chips once they are sent."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QFont, QTextCursor
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from studio.app.references import Offer
from studio.domain.events import MessagePosted
from studio.domain.messages import Speaker
from studio.ui.chat.chips import chips
from studio.ui.chat.completing import Completing
from studio.ui.chat.items import ChatItems, plain_text
from studio.ui.chat.page import ChatPage
from studio.ui.chat.spots import Spot, SpotKind
from studio.ui.theme import Theme
from tests.ui.chat.conftest import Log

OFFERS = (
    Offer("@file:", "a file's text", whole=False),
    Offer("@file:cart.py", "<b>not markup</b>\u202e"),
    Offer('@file:"my notes.txt"', ""),
)


@pytest.fixture
def page(qtbot: QtBot, theme: Theme) -> ChatPage:
    made = ChatPage(ChatItems(), theme)
    qtbot.addWidget(made)
    made.resize(400, 600)
    made.show()
    made.composer.input.setFocus()
    return made


def _type(qtbot: QtBot, page: ChatPage, text: str) -> Completing:
    """Types a text that ends with an @ word, and gets three offers for it."""
    with qtbot.waitSignal(page.completing.wanted) as wanted:
        QTest.keyClicks(page.composer.input, text)
        qtbot.waitUntil(lambda: not page.completing._pause.isActive())
    [typed] = wanted.args
    page.completing.show_offers(typed, OFFERS)
    return page.completing


def test_an_at_asks_what_it_may_mean_and_the_keyboard_stays_in_the_field(qtbot: QtBot, page: ChatPage) -> None:
    completing = _type(qtbot, page, "Look at @ca")
    assert completing.isVisible()
    assert completing.accessibleName()
    assert page.composer.input.hasFocus()
    assert completing.geometry().bottom() < page.composer.geometry().top()
    assert completing.item(1).text() == "@file:cart.py   <b>not markup</b>\\u202e"


def test_down_and_enter_put_the_chosen_one_in_the_place_of_what_was_typed(qtbot: QtBot, page: ChatPage) -> None:
    completing = _type(qtbot, page, "Look at @ca")
    with qtbot.assertNotEmitted(page.composer.sent):
        QTest.keyClick(page.composer.input, Qt.Key.Key_Down)
        QTest.keyClick(page.composer.input, Qt.Key.Key_Return)
    assert page.composer.input.toPlainText() == "Look at @file:cart.py "
    assert not completing.isVisible()


def test_a_kind_that_goes_on_with_a_name_leads_to_the_names(qtbot: QtBot, page: ChatPage) -> None:
    _type(qtbot, page, "@f")
    with qtbot.waitSignal(page.completing.wanted) as wanted:
        QTest.keyClick(page.composer.input, Qt.Key.Key_Tab)
    assert page.composer.input.toPlainText() == "@file:"
    assert wanted.args == ["file:"]


def test_escape_takes_the_offers_away_until_another_word_begins(qtbot: QtBot, page: ChatPage) -> None:
    completing = _type(qtbot, page, "@ca")
    QTest.keyClick(page.composer.input, Qt.Key.Key_Escape)
    assert not completing.isVisible()
    with qtbot.assertNotEmitted(completing.wanted, wait=150):
        QTest.keyClicks(page.composer.input, "rt")
    with qtbot.waitSignal(completing.wanted):
        QTest.keyClicks(page.composer.input, " @no")


def test_an_answer_that_comes_late_is_for_nothing(qtbot: QtBot, page: ChatPage) -> None:
    completing = _type(qtbot, page, "@ca")
    completing.hide()
    completing.show_offers("c", OFFERS)
    assert not completing.isVisible()


def test_an_address_of_mail_asks_for_nothing(qtbot: QtBot, page: ChatPage) -> None:
    with qtbot.assertNotEmitted(page.completing.wanted, wait=150):
        QTest.keyClicks(page.composer.input, "kim@example.org")


def test_a_reference_that_is_understood_has_a_colour(page: ChatPage, theme: Theme) -> None:
    page.composer.input.setPlainText("See @file:cart.py, not @media")
    layout = page.composer.input.document().firstBlock().layout()
    formats = [(each.start, each.length, each.format.foreground().color().name()) for each in layout.formats()]
    assert formats == [(4, len("@file:cart.py"), theme.color("accent").name())]


def test_what_a_sent_message_refers_to_is_shown_as_chips_and_a_file_opens(
    qtbot: QtBot, page: ChatPage, log: Log
) -> None:
    image = f"{'0' * 64} image/png 10 640x480"
    message = MessagePosted(Speaker.HUMAN, "See", "t", images=(image,), references={"file:a <b>.py": "x", "diff": "y"})
    items = page.list._items
    items.load(log(MessagePosted(Speaker.HUMAN, "See", "t"), message))
    delegate = page.list.itemDelegate()
    qtbot.waitUntil(lambda: all(delegate.is_exact(row) for row in range(2)))  # type: ignore[attr-defined]
    bare, chips = (page.list.visualRect(items.index(row)) for row in range(2))
    assert chips.height() > bare.height()
    points = (QPoint(x, y) for y in range(chips.top(), chips.bottom(), 3) for x in range(0, 300, 5))
    found = {spot for point in points if (spot := delegate.spot(1, chips, point)) is not None}  # type: ignore[attr-defined]
    assert found == {Spot(SpotKind.FILE, "a <b>.py")}
    assert plain_text(items.entry(1)) == "See\n[PNG image, 640×480]"


@pytest.mark.parametrize("before", ["\U0001f642 see ", "a\u0301 see ", "one\n"])
def test_what_is_completed_takes_the_place_of_its_own_letters_only(qtbot: QtBot, page: ChatPage, before: str) -> None:
    page.composer.input.setPlainText(f"{before}@e\u0301\U0001f642 rest")
    cursor = page.composer.input.textCursor()
    cursor.movePosition(QTextCursor.MoveOperation.End)
    cursor.movePosition(QTextCursor.MoveOperation.Left, n=5)
    with qtbot.waitSignal(page.completing.wanted) as wanted:
        page.composer.input.setTextCursor(cursor)
    page.completing.show_offers(wanted.args[0], (Offer("@file:x.py", ""),))
    assert wanted.args == ["e\u0301\U0001f642"]
    QTest.keyClick(page.composer.input, Qt.Key.Key_Tab)
    assert page.composer.input.toPlainText() == f"{before}@file:x.py  rest"


def test_a_paragraph_that_is_longer_than_anybody_types_gets_no_colours(page: ChatPage) -> None:
    page.composer.input.setPlainText(f"see @file:a.py\n{'see @file:a.py ' * 500}")
    first = page.composer.input.document().firstBlock()
    assert first.layout().formats()
    assert not first.next().layout().formats()


def test_an_emoji_does_not_shift_the_colour_of_what_is_referred_to(page: ChatPage) -> None:
    page.composer.input.setPlainText("\U0001f642 @file:a.py")
    [colour] = page.composer.input.document().firstBlock().layout().formats()
    assert (colour.start, colour.length) == (3, 10)


def test_all_that_a_message_refers_to_is_named_while_there_is_room(qapp: object) -> None:
    wanted = [("cart.py", "cart.py"), ("", "@symbol:total"), ("", "@diff"), ("", "@console"), ("", "PNG image")]
    font = QFont()
    wide = chips(wanted, font, QRect(0, 0, 900, 20))
    assert [chip.text for chip in wide] == ["cart.py", "@symbol:total", "@diff", "@console", "PNG image"]
    narrow = chips(wanted, font, QRect(0, 0, 200, 20))
    assert len(narrow) == 4
    assert narrow[-1].text == "+2"
    assert narrow[-1].rect.right() <= 200
