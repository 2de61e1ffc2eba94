"""Names that others chose do not become markup."""

from __future__ import annotations

from PySide6.QtGui import QTextDocument
from pytestqt.qtbot import QtBot

from studio.ui.editor.notice import NoticeBar
from studio.ui.theme import Theme
from studio.ui.widgets.names import shown_lines, tooltip
from studio.ui.widgets.states import EmptyState, ErrorBar


def test_lines_stay_lines() -> None:
    assert shown_lines("one\ntwo\u202e\r\n") == "one\ntwo\\u202e\\r\n"


def test_bars_and_states_write_out_what_a_name_in_their_sentence_hides(qtbot: QtBot) -> None:
    theme = Theme("dark")
    for made in (ErrorBar(theme), NoticeBar(theme), EmptyState("")):
        qtbot.addWidget(made)
        made.say("a\u202eb.py is gone.")
        words = made.title if isinstance(made, EmptyState) else made.sentence
        assert words.text() == "a\\u202eb.py is gone."


def test_a_tooltip_shows_markup_as_text(qtbot: QtBot) -> None:
    document = QTextDocument()
    document.setHtml(tooltip("<b>a</b> & <img src='file:///x'>"))
    assert document.toPlainText() == "<b>a</b> & <img src='file:///x'>"


def test_no_text_has_no_tooltip() -> None:
    assert tooltip("") == ""
