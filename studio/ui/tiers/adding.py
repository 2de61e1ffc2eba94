"""The dialog in which a person puts a model into a tier."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QDialog, QFormLayout, QWidget

from studio.domain.errors import StudioError
from studio.domain.roles import Tier
from studio.ui.widgets.buttons import button
from studio.ui.widgets.dialogs import fill_dialog
from studio.ui.widgets.labels import label
from studio.ui.widgets.names import shown

_WIDTH = 480
_HINT = "Choose one that is on offer, or write provider/name. It goes below the others of the tier; Alt+Up moves it."

Cautions = Callable[[str, Tier], str]
"""Says what speaks against a model, by its name, in a tier; empty where nothing does."""


class AddModelDialog(QDialog):
    """A tier, a model, and what speaks against it there.

    Signals: `model_given(Tier, str)`.
    """

    model_given = Signal(object, str)

    def __init__(self, tier: Tier, cautions: Cautions, parent: QWidget) -> None:
        super().__init__(parent)
        self._cautions = cautions
        self.setWindowTitle("Add a model")
        self.setModal(True)
        self.setMinimumWidth(_WIDTH)
        self.tier, self.model = QComboBox(), QComboBox()
        for each in reversed(Tier):
            self.tier.addItem(each.value.capitalize(), each.value)
        self.tier.setCurrentIndex(self.tier.findData(tier.value))
        self.model.setEditable(True)
        self.model.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.model.setCurrentText("")
        self.caution = label("", "ruleCaution", wrap=True)
        self.refusal = label("", "ruleDenied", wrap=True)
        self.save = button("Add", self._on_save, "primary")
        self._lay_out()
        self.tier.currentIndexChanged.connect(lambda _row: self._on_changed())
        self.model.currentTextChanged.connect(lambda _text: self._on_changed())
        self._on_changed()
        self.model.setFocus(Qt.FocusReason.OtherFocusReason)

    @property
    def chosen_tier(self) -> Tier:
        """The tier that is chosen."""
        return Tier(self.tier.currentData())

    def offer(self, models: tuple[str, ...]) -> None:
        """Lists the models on offer; what is written stays."""
        written = self.model.currentText()
        self.model.clear()
        self.model.addItems(list(map(shown, models)))
        self.model.setCurrentIndex(-1)
        self.model.setCurrentText(written)
        field = self.model.lineEdit()
        if field is not None:
            field.setPlaceholderText("provider/name" if models else "provider/name (no provider answers)")
        self._show_caution()

    def show_error(self, error: StudioError) -> None:
        """Says why it was not saved."""
        self.refusal.setText(shown(f"{error.sentence} {error.action}".strip()))
        self.refusal.show()
        self.save.setEnabled(True)

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(8)
        for words, field in (("Tier", self.tier), ("Model", self.model)):
            field.setAccessibleName(words)
            form.addRow(words, field)
        written = self.model.lineEdit()
        if written is not None:
            written.setPlaceholderText("Asking the providers\N{HORIZONTAL ELLIPSIS}")
            written.setAccessibleName("Model")
        fill_dialog(self, (form, label(_HINT, "small", wrap=True), self.caution, self.refusal), self.save)

    def _on_changed(self) -> None:
        name = self.model.currentText().strip()
        self.save.setEnabled(bool(name))
        self.refusal.hide()
        self._show_caution()

    def _show_caution(self) -> None:
        name = self.model.currentText().strip()
        self.caution.setText(shown(self._cautions(name, self.chosen_tier)) if name else "")
        self.caution.setVisible(bool(self.caution.text()))

    def _on_save(self) -> None:
        self.save.setEnabled(False)
        self.model_given.emit(self.chosen_tier, self.model.currentText().strip())
