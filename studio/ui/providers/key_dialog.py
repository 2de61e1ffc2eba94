"""The dialog in which a person pastes a key; what is typed is never shown."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QLineEdit, QWidget

from studio.domain.errors import StudioError
from studio.domain.secrets import LONGEST
from studio.ui.widgets.buttons import button
from studio.ui.widgets.dialogs import fill_dialog
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
        fill_dialog(self, (self.field, label(where, "small", wrap=True), self.refusal), self.save)
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
