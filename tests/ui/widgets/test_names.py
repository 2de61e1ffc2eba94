"""Names that others chose: nothing in them hides, reorders or becomes markup."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QTextDocument
from pytestqt.qtbot import QtBot

from studio.ui.widgets.names import shown, tooltip


@given(st.text())
def test_what_is_shown_holds_no_sign_that_hides_or_reorders(name: str) -> None:
    assert not {unicodedata.category(sign) for sign in shown(name)} & {"Cc", "Cf", "Cs", "Zl", "Zp"}


@given(st.text(alphabet=st.characters(categories=["L", "N", "P", "S"])))
def test_an_ordinary_name_stays_as_it_is(name: str) -> None:
    assert shown(name) == name


def test_a_tooltip_shows_markup_as_text(qtbot: QtBot) -> None:
    document = QTextDocument()
    document.setHtml(tooltip("<b>a</b> & <img src='file:///x'>"))
    assert document.toPlainText() == "<b>a</b> & <img src='file:///x'>"


def test_no_text_has_no_tooltip() -> None:
    assert tooltip("") == ""
