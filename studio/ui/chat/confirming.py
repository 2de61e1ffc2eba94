"""Confirming: says what an act will do, and does it when the person wants that."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtWidgets import QMessageBox, QWidget


def confirm(parent: QWidget, title: str, says: str, acts: Mapping[str, Callable[[], None]]) -> None:
    """Asks `title` as a question with what it means below; `acts` are what each button does, the first by Return."""
    box = QMessageBox(QMessageBox.Icon.Question, title, f"{title}?")
    box.setParent(parent, box.windowFlags())
    box.setTextFormat(box.textFormat().PlainText)
    box.setInformativeText(says)
    buttons = [box.addButton(verb, QMessageBox.ButtonRole.AcceptRole) for verb in acts]
    box.addButton(QMessageBox.StandardButton.Cancel)
    box.setDefaultButton(buttons[0])
    for button, act in zip(buttons, acts.values(), strict=True):
        button.clicked.connect(act)
    box.finished.connect(box.deleteLater)
    box.open()
