"""Questions that hold up the window until they are answered."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QPushButton, QWidget

from studio.ui.widgets.names import shown


def question_box(parent: QWidget, name: str, question: str) -> QMessageBox:
    """A box with a question in plain text, gone once it is answered; its buttons are for the caller to add."""
    box = QMessageBox(parent)
    box.setObjectName(name)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(question)
    box.finished.connect(box.deleteLater)
    return box


def add_danger(box: QMessageBox, text: str) -> QPushButton:
    """A button of the box for what cannot be taken back."""
    # Qt asks a button for its kind once, when it becomes part of the box.
    made = QPushButton(text, box)
    made.setProperty("kind", "danger")
    box.addButton(made, QMessageBox.ButtonRole.DestructiveRole)
    return made


def ask(parent: QWidget, name: str, question: str, consequence: str, yes: str, act: Callable[[], None]) -> None:
    """Asks, and does `act` once the button that says `yes` is pressed; Escape and Enter mean no. Returns at once."""
    box = question_box(parent, name, question)
    box.setInformativeText(consequence)
    agree = add_danger(box, yes)
    box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Cancel))
    agree.clicked.connect(act)
    box.open()


def confirm(parent: QWidget, question: str, consequence: str, yes: str) -> bool:
    """Whether the person pressed the button that says `yes`; Escape and Enter mean no."""
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.Question)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(question)
    box.setInformativeText(consequence)
    agree = add_danger(box, yes)
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
