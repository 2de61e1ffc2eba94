"""What small dialogs have in common: a column with room round it, and the buttons at its end."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QHBoxLayout, QLayout, QPushButton, QVBoxLayout, QWidget

from studio.ui.widgets.buttons import button


def fill_dialog(dialog: QDialog, parts: tuple[QWidget | QLayout, ...], save: QPushButton, spacing: int = 12) -> None:
    """Puts these below each other, Cancel and `save` at the bottom; Enter presses that, wherever the keyboard is."""
    column = QVBoxLayout(dialog)
    column.setContentsMargins(16, 16, 16, 16)
    column.setSpacing(spacing)
    for part in parts:
        if isinstance(part, QWidget):
            column.addWidget(part)
        else:
            column.addLayout(part)
    column.addStretch(1)
    save.setDefault(True)
    cancel = button("Cancel", dialog.reject)
    cancel.setAutoDefault(False)
    buttons = QHBoxLayout()
    buttons.addStretch(1)
    buttons.addWidget(cancel)
    buttons.addWidget(save)
    column.addLayout(buttons)
