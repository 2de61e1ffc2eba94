"""Links that agents write: opened only after the person saw where they lead."""

from __future__ import annotations

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QMessageBox, QWidget

from studio.ui.widgets.names import shown


def ask_to_open(address: str, parent: QWidget) -> None:
    """Shows the address, and opens it in the person's browser when they want that."""
    box = QMessageBox(QMessageBox.Icon.Question, "Open a link", "An agent wrote this link. Open it in your browser?")
    box.setParent(parent, box.windowFlags())
    box.setTextFormat(box.textFormat().PlainText)
    box.setInformativeText(shown(address))
    open_button = box.addButton("Open", QMessageBox.ButtonRole.AcceptRole)
    box.addButton(QMessageBox.StandardButton.Cancel)
    open_button.clicked.connect(lambda: QDesktopServices.openUrl(QUrl(address)))
    box.finished.connect(box.deleteLater)
    box.open()
