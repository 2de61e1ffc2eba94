"""Names that others chose do not become markup."""

from __future__ import annotations

from PySide6.QtGui import QTextDocument
from pytestqt.qtbot import QtBot

from studio.ui.widgets.names import tooltip


def test_a_tooltip_shows_markup_as_text(qtbot: QtBot) -> None:
    document = QTextDocument()
    document.setHtml(tooltip("<b>a</b> & <img src='file:///x'>"))
    assert document.toPlainText() == "<b>a</b> & <img src='file:///x'>"


def test_no_text_has_no_tooltip() -> None:
    assert tooltip("") == ""
