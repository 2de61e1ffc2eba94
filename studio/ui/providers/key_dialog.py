"""The dialog in which a person pastes a key; what is typed is never shown."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from studio.domain.errors import StudioError
from studio.domain.secrets import LONGEST
from studio.ui.widgets.buttons import button
from studio.ui.widgets.labels import label
from studio.ui.widgets.names import shown

_WIDTH = 460


class KeyDialog(QDialog):
    """One masked field.

    Signals: `key_given(str)`.
    """

    key_given = Signal(str)

    def __init__(self, provider: str, where: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(f"Key for {shown(provider)}")
        self.setModal(True)
        self.setMinimumWidth(_WIDTH)
        self.field = QLineEdit()
        self.field.setEchoMode(QLineEdit.EchoMode.Password)
        self.field.setInputMethodHints(
            Qt.InputMethodHint.ImhHiddenText
            | Qt.InputMethodHint.ImhSensitiveData
            | Qt.InputMethodHint.ImhNoPredictiveText
        )
        self.field.setMaxLength(LONGEST)
        self.field.setAccessibleName(f"Key for {shown(provider)}")
        self.field.setPlaceholderText("Paste the key here")
        self.refusal = label("", "ruleDenied", wrap=True)
        self.refusal.hide()
        self.save = button("Save", self._on_save, "primary")
        self.save.setDefault(True)
        cancel = button("Cancel", self.reject)
        cancel.setAutoDefault(False)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(cancel)
        buttons.addWidget(self.save)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        column.addWidget(self.field)
        column.addWidget(label(where, "small", wrap=True))
        column.addWidget(self.refusal)
        column.addLayout(buttons)
        self.field.textChanged.connect(self._on_changed)
        self._on_changed("")

    def show_error(self, error: StudioError) -> None:
        """Says why the key was not kept, and takes another."""
        self.refusal.setText(shown(f"{error.sentence} {error.action}".strip()))
        self.refusal.show()
        self.save.setEnabled(True)

    def _on_changed(self, text: str) -> None:
        self.save.setEnabled(bool(text.strip()))
        self.refusal.hide()

    def _on_save(self) -> None:
        self.save.setEnabled(False)
        self.key_given.emit(self.field.text())

    def done(self, result: int) -> None:
        """Leaves nothing of the key in the field."""
        self.field.clear()
        super().done(result)
