"""Questions that hold up the window until they are answered."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from studio.ui.widgets.names import shown


def question_box(parent: QWidget, name: str, question: str) -> QMessageBox:
    """A box with a question in plain text, gone once it is answered; its buttons are for the caller to add."""
    box = QMessageBox(parent)
    box.setObjectName(name)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(question)
    box.finished.connect(box.deleteLater)
    return box


def confirm(parent: QWidget, question: str, consequence: str, yes: str) -> bool:
    """Whether the person pressed the button that says `yes`; Escape and Enter mean no."""
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.Question)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(question)
    box.setInformativeText(consequence)
    agree = box.addButton(yes, QMessageBox.ButtonRole.DestructiveRole)
    box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Cancel))
    box.exec()
    answered = box.clickedButton() is agree
    box.deleteLater()
    return answered


def ask_to_save(parent: QWidget, name: str, save: Callable[[], None], drop: Callable[[], None]) -> None:
    """Asks whether the changes in `name` are to be saved, and does what is answered; returns at once."""
    box = QMessageBox(parent)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setIcon(QMessageBox.Icon.Question)
    box.setText(f"Save the changes in {shown(name)}?")
    box.setInformativeText("They are lost otherwise.")
    button = QMessageBox.StandardButton
    box.setStandardButtons(button.Save | button.Discard | button.Cancel)
    box.setDefaultButton(button.Save)
    answers = {button.Save: save, button.Discard: drop}
    box.finished.connect(lambda answer: answers.get(button(answer), _nothing)())
    box.finished.connect(box.deleteLater)
    box.open()


def _nothing() -> None:
    return
