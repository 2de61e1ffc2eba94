"""Outside: an address that is opened in the person's own browser, after a question."""

from __future__ import annotations

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QMessageBox, QWidget


def ask_outside(parent: QWidget, url: QUrl) -> None:
    """Asks whether to open it, naming scheme and host; nothing while such a question is open."""
    if parent.findChild(QMessageBox) is not None:
        return
    box = QMessageBox(parent)
    box.setTextFormat(box.textFormat().PlainText)
    box.setIcon(QMessageBox.Icon.Question)
    box.setText(f"Open {url.scheme()}://{url.host()} in your own browser?")
    box.setInformativeText("Your browser has your own cookies and can reach more than the preview can.")
    box.setStandardButtons(QMessageBox.StandardButton.Open | QMessageBox.StandardButton.Cancel)
    box.setDefaultButton(QMessageBox.StandardButton.Cancel)
    box.button(QMessageBox.StandardButton.Open).clicked.connect(lambda: QDesktopServices.openUrl(url))
    box.finished.connect(box.deleteLater)
    box.open()
