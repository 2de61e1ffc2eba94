"""The page's widgets: the model of new chats, and the table of those on offer."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QStackedWidget,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from studio.domain.models import AUTO, ModelCard
from studio.domain.routing import BY_ROLE, is_auto
from studio.ui.icons import icon
from studio.ui.theme import Theme
from studio.ui.widgets.buttons import button
from studio.ui.widgets.labels import label
from studio.ui.widgets.names import shown
from studio.ui.widgets.states import EmptyState, ErrorBar
from studio.ui.widgets.tables import set_up_table

_INTRO = "The models of all providers that answer. A chat's own model stands beside Send."
BY_TABLE = f"{AUTO}/{BY_ROLE}"
"""The name that means the routing table, by the tier of a chat's role."""

_COLUMNS = ("Model", "Context", "Tools")
_TOOLS = {True: "yes", False: "no", None: "not said"}


class ModelsView(QWidget):
    """All that is shown of models.

    Signals: `default_wanted(str)` a model's name, empty to choose automatically; `again_requested()`.
    """

    default_wanted = Signal(str)
    again_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panelSurface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._theme = theme
        self._shown: tuple[tuple[ModelCard, ...], str] = ((), "")
        self.default = label("", "strong", wrap=True)
        self.automatic = button("Choose automatically", lambda: self.default_wanted.emit(""), "flat")
        self.error = ErrorBar(theme)
        self.error.details.hide()
        self.table = QTableWidget(0, len(_COLUMNS))
        self.table.setHorizontalHeaderLabels(list(_COLUMNS))
        set_up_table(self.table, theme, "Models on offer")
        for section in range(1, len(_COLUMNS)):
            self.table.horizontalHeader().setSectionResizeMode(section, QHeaderView.ResizeMode.ResizeToContents)
        self.table.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.empty = EmptyState("Asking the providers\N{HORIZONTAL ELLIPSIS}")
        self.empty.action_requested.connect(self.again_requested)
        self.use = button("Use for new chats", self._on_use, "primary")
        self.again = button("Ask again", self.again_requested.emit)
        self._lay_out()
        self.setFocusProxy(self.table)
        self.table.itemSelectionChanged.connect(self._on_chosen)
        self.table.itemActivated.connect(lambda _item: self._on_use())
        theme.changed.connect(lambda: self.show_models(*self._shown))
        self.show_default("")
        self._on_chosen()

    @property
    def chosen(self) -> str:
        """The name of the model that is chosen in the table, empty when none is."""
        rows = self.table.selectionModel().selectedRows()
        return str(self._shown[0][rows[0].row()].ref) if rows else ""

    def show_models(self, cards: tuple[ModelCard, ...], default: str) -> None:
        """Lists these models, and marks the one that new chats use."""
        chosen, self._shown = self.chosen, (cards, default)
        self.table.setRowCount(len(cards))
        for row, card in enumerate(cards):
            context = f"{card.context_tokens:,} tokens" if card.context_tokens else "not said"
            if is_auto(card.ref):
                context = "by the table"
            items = [QTableWidgetItem(shown(text)) for text in (str(card.ref), context, _TOOLS[card.tools])]
            if str(card.ref) == default:
                items[0].setIcon(icon("check", self._theme.color("ok")))
            for column, item in enumerate(items):
                self.table.setItem(row, column, item)
            if str(card.ref) == chosen:
                self.table.selectRow(row)
        self.show_default(default)
        self.empty.say("No model answers", "Start Ollama, or paste a key under Providers & keys.", "Ask again")
        self._stack.setCurrentWidget(self.table if cards else self.empty)
        self._on_chosen()

    def show_default(self, name: str) -> None:
        """Says which model new chats use."""
        by_table = name == BY_TABLE
        what = "the models of the routing table" if by_table else shown(name) or "the first model on offer"
        self.default.setText(f"New chats use {what}.")
        self.automatic.setVisible(bool(name) and not by_table)

    def _lay_out(self) -> None:
        self._stack = QStackedWidget()
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self.table)
        default = QHBoxLayout()
        default.addWidget(self.default, 1)
        default.addWidget(self.automatic)
        below = QHBoxLayout()
        below.setSpacing(8)
        below.addStretch(1)
        below.addWidget(self.again)
        below.addWidget(self.use)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(8)
        column.addWidget(label("Models", "title"))
        column.addWidget(label(_INTRO, "muted", wrap=True))
        column.addWidget(self.error)
        column.addLayout(default)
        column.addWidget(self._stack, 1)
        column.addLayout(below)

    def _on_chosen(self) -> None:
        self.use.setEnabled(self.chosen not in ("", self._shown[1]))

    def _on_use(self) -> None:
        if self.use.isEnabled():
            self.default_wanted.emit(self.chosen)
