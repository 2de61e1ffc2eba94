"""The page's widgets: the model of new chats, and the table of those on offer."""

from __future__ import annotations

from collections.abc import Mapping

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

from studio.domain.fitness import RoleFit
from studio.domain.models import AUTO, ModelCard
from studio.domain.routing import BY_ROLE, is_auto
from studio.ui.icons import icon
from studio.ui.models.verdicts import at_length, in_short
from studio.ui.theme import Theme
from studio.ui.widgets.buttons import button
from studio.ui.widgets.labels import label
from studio.ui.widgets.names import shown, shown_lines
from studio.ui.widgets.states import EmptyState, ErrorBar
from studio.ui.widgets.tables import set_up_table

_INTRO = "The models of all providers that answer. A chat's own model stands beside Send."
BY_TABLE = f"{AUTO}/{BY_ROLE}"
"""The name that means the routing table, by the tier of a chat's role."""

_COLUMNS = ("Model", "Context", "Tools", "Measured")
_MEASURED = 3
_TOOLS = {True: "yes", False: "no", None: "not said"}


class ModelsView(QWidget):
    """All that is shown of models.

    Signals: `default_wanted(str)` a model's name, empty to choose automatically; `measure_requested()` of the chosen
    one, and `stop_requested()`; `again_requested()`.
    """

    default_wanted = Signal(str)
    measure_requested = Signal()
    stop_requested = Signal()
    again_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panelSurface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._theme = theme
        self._shown: tuple[tuple[ModelCard, ...], str] = ((), "")
        self._measured: Mapping[str, tuple[RoleFit, ...]] = {}
        self._measurable: frozenset[str] = frozenset()
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
        self.silence = label("", "muted", wrap=True)
        self.silence.hide()
        self.story = label("", "muted", wrap=True)
        self.measure = button("Measure", self.measure_requested.emit)
        self.measure.setToolTip("Try out what it can do: up to 28 calls, minutes on a slow machine, at no cost")
        self.measuring = label("", "small", wrap=True)
        self.stop = button("Stop", self.stop_requested.emit)
        self._lay_out()
        self.setFocusProxy(self.table)
        self.table.itemSelectionChanged.connect(self._on_chosen)
        self.table.itemActivated.connect(lambda _item: self._on_use())
        theme.changed.connect(lambda: self.show_models(*self._shown))
        self.show_default("")
        self.show_measuring("", going_on=False)

    @property
    def chosen(self) -> str:
        """The name of the model that is chosen in the table, empty when none is."""
        rows = self.table.selectionModel().selectedRows()
        return str(self._shown[0][rows[0].row()].ref) if rows else ""

    def show_fitness(self, judged: Mapping[str, tuple[RoleFit, ...]], measurable: frozenset[str]) -> None:
        """Takes what was measured of models, by their names, and which of them can be measured."""
        self._measured, self._measurable = judged, measurable

    def show_measuring(self, words: str, *, going_on: bool) -> None:
        """Says how far a measuring is, or what came of it."""
        self.measuring.setText(shown_lines(words))
        self.stop.setVisible(going_on)
        self._measure_bar.setVisible(bool(words))
        self._on_chosen()

    def show_models(self, cards: tuple[ModelCard, ...], default: str) -> None:
        """Lists these models, and marks the one that new chats use."""
        chosen, self._shown = self.chosen, (cards, default)
        self.table.setRowCount(len(cards))
        for row, card in enumerate(cards):
            context = f"{card.context_in_words} tokens" if card.context_in_words else "not said"
            if is_auto(card.ref):
                context = "by the table"
            words = (str(card.ref), context, _TOOLS[card.tools], self._in_short(card))
            items = [QTableWidgetItem(shown(text)) for text in words]
            if str(card.ref) == default:
                items[0].setIcon(icon("check", self._theme.color("ok")))
            if judged := self._measured.get(str(card.ref)):
                mark, color = ("pass", "ok") if all(each.fits for each in judged) else ("warning", "warn")
                items[_MEASURED].setIcon(icon(mark, self._theme.color(color)))
            for column, item in enumerate(items):
                self.table.setItem(row, column, item)
            if str(card.ref) == chosen:
                self.table.selectRow(row)
        self.show_default(default)
        self.empty.say(
            "No model answers",
            "Start Ollama and fetch a model below, or paste a key under Providers & keys.",
            "Ask again",
        )
        self._stack.setCurrentWidget(self.table if cards else self.empty)
        self._on_chosen()

    def show_silence(self, words: str) -> None:
        """Says which providers gave no list; nothing for empty words."""
        self.silence.setText(shown(f"{words} See why under Providers & keys." if words else ""))
        self.silence.setVisible(bool(words))

    def show_default(self, name: str) -> None:
        """Says which model new chats use."""
        by_table = name == BY_TABLE
        what = "the models of the routing table" if by_table else shown(name) or "the first model on offer"
        self.default.setText(f"New chats use {what}.")
        self.automatic.setVisible(bool(name) and not by_table)

    def put_pulls(self, pulls: QWidget) -> None:
        """Puts what fetches models below the table."""
        self._column.insertWidget(self._column.indexOf(self.story) + 1, pulls)

    def _lay_out(self) -> None:
        self._stack = QStackedWidget()
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self.table)
        default = QHBoxLayout()
        default.addWidget(self.default, 1)
        default.addWidget(self.automatic)
        self._measure_bar = QWidget()
        measuring = QHBoxLayout(self._measure_bar)
        measuring.setContentsMargins(0, 0, 0, 0)
        measuring.addWidget(self.measuring, 1)
        measuring.addWidget(self.stop)
        below = QHBoxLayout()
        below.setSpacing(8)
        below.addStretch(1)
        below.addWidget(self.measure)
        below.addWidget(self.again)
        below.addWidget(self.use)
        column = self._column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(8)
        column.addWidget(label("Models", "title"))
        column.addWidget(label(_INTRO, "muted", wrap=True))
        column.addWidget(self.error)
        column.addLayout(default)
        column.addWidget(self._stack, 1)
        column.addWidget(self.silence)
        column.addWidget(self.story)
        column.addWidget(self._measure_bar)
        column.addLayout(below)

    def _in_short(self, card: ModelCard) -> str:
        name = str(card.ref)
        return in_short(self._measured.get(name, ())) or ("not yet" if name in self._measurable else "")

    def _on_chosen(self) -> None:
        chosen = self.chosen
        judged = self._measured.get(chosen, ())
        self.use.setEnabled(chosen not in ("", self._shown[1]))
        can = chosen in self._measurable
        self.measure.setVisible(can)
        self.measure.setEnabled(can and not self.stop.isVisibleTo(self))
        self.measure.setText("Measure again" if judged else "Measure")
        self.measure.setAccessibleName(self.measure.text())
        self.story.setText(shown_lines(at_length(judged)))
        self.story.setVisible(bool(judged))

    def _on_use(self) -> None:
        if self.use.isEnabled():
            self.default_wanted.emit(self.chosen)
