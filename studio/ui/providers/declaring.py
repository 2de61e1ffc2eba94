"""The dialog in which a person declares a provider, or says how one is reached."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QSpinBox,
    QWidget,
)

from studio.domain.errors import StudioError
from studio.domain.provider_rules import origin_of
from studio.domain.providers import Declaration, ProviderKind, key_variable_of
from studio.ui.widgets.buttons import button
from studio.ui.widgets.dialogs import fill_dialog
from studio.ui.widgets.labels import label
from studio.ui.widgets.names import shown

if TYPE_CHECKING:
    from studio.app.providers import ProviderState

_WIDTH = 560
_HEADER_LINES = 3
_MOST = 100_000_000
_KINDS = {
    ProviderKind.OPENAI_COMPATIBLE: "like OpenAI",
    ProviderKind.OLLAMA: "like Ollama",
    ProviderKind.ANTHROPIC: "like Anthropic",
}
_KNOWN = {
    "LM Studio": ("lm-studio", "http://127.0.0.1:1234/v1", False),
    "vLLM": ("vllm", "http://127.0.0.1:8000/v1", False),
    "llama.cpp": ("llama-cpp", "http://127.0.0.1:8080/v1", False),
    "OpenRouter": ("openrouter", "https://openrouter.ai/api/v1", True),
}
"""Servers that many people have: the name, address and whether a key is needed, all of which can be changed."""


class ProviderDialog(QDialog):
    """A form; what is left as it was is not said again.

    Signals: `declared(str, Declaration, bool)` a name, what is said of it, and whether the kept key goes to the address
    as well; `removal_wanted()`.
    """

    declared = Signal(str, object, bool)
    removal_wanted = Signal()

    def __init__(self, changed: ProviderState | None, parent: QWidget) -> None:
        super().__init__(parent)
        self._changed = changed
        self.setWindowTitle(f"Change {shown(changed.provider.label)}" if changed else "Add a provider")
        self.setModal(True)
        self.setMinimumWidth(_WIDTH)
        self.known, self.kind = QComboBox(), QComboBox()
        self.name, self.label, self.base_url = QLineEdit(), QLineEdit(), QLineEdit()
        self.proxy, self.ca_file, self.prices = QLineEdit(), QLineEdit(), QLineEdit()
        self.headers = QPlainTextEdit()
        self.needs_key, self.local = QCheckBox("Needs a key"), QCheckBox("Runs here and costs nothing")
        self.keep_key = QCheckBox("Send the kept key to this address, too")
        self.keep_key.setToolTip("Else it stays unsent until it is pasted again: it was given for another server")
        self.per_minute, self.context = _count("no limit"), _count("as is known of each model")
        self.refusal = label("", "ruleDenied", wrap=True)
        self.refusal.hide()
        self.save = button("Save" if changed else "Add", self._on_save, "primary")
        self.remove = button("", self.removal_wanted.emit, "danger")
        self._lay_out()
        if changed is not None:
            self._show(changed)
        self._before = self._said()
        self.base_url.textChanged.connect(lambda _text: self._on_changed())
        self.name.textChanged.connect(lambda _text: self._on_changed())
        self.known.activated.connect(lambda _row: self._fill())
        self._on_changed()

    def show_error(self, error: StudioError) -> None:
        """Says why it was not saved, and lets one write something else."""
        self.refusal.setText(shown(f"{error.sentence} {error.action}".strip()))
        self.refusal.show()
        self.save.setEnabled(True)

    @property
    def _is_declared(self) -> bool:
        return self._changed is None or self._changed.provider.declared

    def _show(self, state: ProviderState) -> None:
        provider = state.provider
        self.name.setText(provider.name)
        self.label.setText(provider.label)
        self.base_url.setText(provider.base_url)
        self.kind.setCurrentIndex(self.kind.findData(provider.kind.value))
        self.needs_key.setChecked(provider.needs_key)
        self.local.setChecked(provider.is_local)
        self.proxy.setText(provider.proxy)
        self.ca_file.setText(provider.ca_file)
        self.headers.setPlainText("\n".join(f"{name}: {value}" for name, value in provider.headers.items()))
        self.per_minute.setValue(provider.requests_per_minute or 0)
        self.context.setValue(provider.context_tokens or 0)
        self.prices.setText(provider.price_list)

    def _said(self) -> Declaration:
        """All that the form says now."""
        own: dict[str, object] = {}
        if self._is_declared:
            variable = self._changed.provider.key_variable if self._changed else ""
            own = {
                "kind": ProviderKind(self.kind.currentData()),
                "label": self.label.text().strip(),
                "key": (variable or key_variable_of(self.name.text().strip())) if self.needs_key.isChecked() else "",
                "local": self.local.isChecked(),
                "prices": self.prices.text().strip(),
            }
        pairs = (line.partition(":") for line in self.headers.toPlainText().splitlines() if line.strip())
        return Declaration(
            **own,  # type: ignore[arg-type]  # each is of its field's type
            base_url=self.base_url.text().strip(),
            proxy=self.proxy.text().strip(),
            ca_file=self.ca_file.text().strip(),
            headers={name.strip(): value.strip() for name, _, value in pairs},
            requests_per_minute=self.per_minute.value(),
            context_tokens=self.context.value(),
        )

    def _fill(self) -> None:
        name, address, needs_key = _KNOWN.get(self.known.currentText(), ("", "", False))
        if name:
            self.name.setText(name)
            self.label.setText(self.known.currentText())
            self.base_url.setText(address)
            self.needs_key.setChecked(needs_key)
            self.local.setChecked(not needs_key)

    def _on_changed(self) -> None:
        self.save.setEnabled(bool(self.name.text().strip() and self.base_url.text().strip()))
        self.refusal.hide()
        self.keep_key.setVisible(self._is_elsewhere())

    def _is_elsewhere(self) -> bool:
        """Whether there is a kept key that was not given for the address in the form."""
        if (state := self._changed) is None or not state.key_kept:
            return False
        return bool(state.key_given_for) or origin_of(self.base_url.text().strip()) != origin_of(
            state.provider.base_url
        )

    def _on_save(self) -> None:
        self.save.setEnabled(False)
        said = _difference(self._before, self._said(), whole=self._changed is None)
        keeps = self.keep_key.isChecked() and self._is_elsewhere()
        self.declared.emit(self.name.text().strip(), said, keeps)

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(8)
        self.known.addItems(["another server", *_KNOWN])
        for kind, words in _KINDS.items():
            self.kind.addItem(words, kind.value)
        self.name.setPlaceholderText("lm-studio: models are then lm-studio/NAME")
        self.base_url.setPlaceholderText("http://127.0.0.1:1234/v1")
        self.proxy.setPlaceholderText("the system's")
        self.ca_file.setPlaceholderText("the system's certificates")
        self.headers.setPlaceholderText("X-Title: Studio")
        self.headers.setObjectName("formText")
        self.headers.setTabChangesFocus(True)
        self.headers.setFixedHeight(self.fontMetrics().lineSpacing() * _HEADER_LINES + 12)
        self.prices.setPlaceholderText("by its address")
        first: tuple[tuple[str, QWidget], ...] = (("Server", self.known), ("Name", self.name))
        declared: tuple[tuple[str, QWidget], ...] = (("Shown as", self.label), ("Speaks", self.kind))
        reached: tuple[tuple[str, QWidget], ...] = (
            ("Address", self.base_url), ("Proxy", self.proxy), ("Certificates", self.ca_file),
            ("Headers", self.headers), ("Requests a minute", self.per_minute), ("Context, tokens", self.context),
        )  # fmt: skip
        rows = [*(first if self._changed is None else ()), *(declared if self._is_declared else ()), *reached]
        if self._is_declared:
            rows.append(("Price list", self.prices))
        for words, field in rows:
            field.setAccessibleName(words)
            form.addRow(words, field)
        ticks = QHBoxLayout()
        ticks.setSpacing(16)
        for tick in (self.needs_key, self.local):
            tick.setVisible(self._is_declared)
            ticks.addWidget(tick)
        ticks.addStretch(1)
        ticks.addWidget(self.remove)
        self.remove.setText("Remove provider…" if self._is_declared else "As usual again…")
        self.remove.setAccessibleName(self.remove.text())
        self.remove.setAutoDefault(False)
        self.remove.setVisible(self._changed is not None and self._changed.own)
        fill_dialog(self, (form, self.keep_key, ticks, self.refusal), self.save)
        (self.known if self._changed is None else self.base_url).setFocus(Qt.FocusReason.OtherFocusReason)


def _difference(before: Declaration, after: Declaration, *, whole: bool) -> Declaration:
    """What is said otherwise than before; of a new provider all that says something."""
    changed = {}
    for field in Declaration.__dataclass_fields__:
        value = getattr(after, field)
        if value != getattr(before, field) or (whole and value not in (None, "", 0, {})):
            changed[field] = value
    return Declaration(**changed)


def _count(none: str) -> QSpinBox:
    made = QSpinBox()
    made.setRange(0, _MOST)
    made.setSpecialValueText(none)
    made.setButtonSymbols(QAbstractSpinBox.ButtonSymbols.NoButtons)
    return made
