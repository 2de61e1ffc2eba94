"""The page's widgets: what goes first, the models of each tier with what can be done to them, and the roles."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QRadioButton, QStackedWidget, QTabWidget, QVBoxLayout, QWidget

from studio.domain.roles import Role, Tier
from studio.domain.routing import Preference, Routed, RoutingTable
from studio.ui.theme import Theme
from studio.ui.tiers.lines import ModelRow, Row, TierRow
from studio.ui.tiers.roles import RolesView
from studio.ui.tiers.table import TiersTable
from studio.ui.widgets.buttons import button
from studio.ui.widgets.labels import label
from studio.ui.widgets.names import shown, shown_lines
from studio.ui.widgets.states import EmptyState, ErrorBar

_ADD = "Add a model…"
_INTRO = (
    "Which models are tried where a chat names none: those of its role's tier from top to bottom, the next one "
    "when one fails. What is changed here counts from the next step on."
)
_EMPTY = (
    "No tier has a model yet",
    "New chats use the one model that is chosen under Models. With tiers, another one takes over when one fails.",
    _ADD,
)


class TiersView(QWidget):
    """All that is shown of the routing table.

    Signals: `adding_requested()`; `move_requested(int)` the chosen line up (-1) or down (1); `beside_requested()` the
    chosen model joins the line above, or leaves its shared line; `removal_requested()`; `measure_requested()`;
    `stop_requested()`; `undo_requested()`; `preference_chosen(Preference)`; `again_requested()`.
    """

    adding_requested = Signal()
    move_requested = Signal(int)
    beside_requested = Signal()
    removal_requested = Signal()
    measure_requested = Signal()
    stop_requested = Signal()
    undo_requested = Signal()
    preference_chosen = Signal(object)
    again_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panelSurface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.routed: dict[Tier, Routed] = {}
        self.measurable: frozenset[str] = frozenset()
        self.error = ErrorBar(theme)
        self.error.details.hide()
        self.add = button(_ADD, self.adding_requested.emit, "primary")
        self.add.setToolTip("Add a model (Ctrl+N)")
        self.cloud, self.local = QRadioButton("those of the cloud"), QRadioButton("those that run here")
        self.table = TiersTable(theme)
        self.empty = EmptyState("Loading\N{HORIZONTAL ELLIPSIS}")
        self.story = label("", "muted", wrap=True)
        self.up = button("Up", lambda: self.move_requested.emit(-1))
        self.up.setToolTip("Try it earlier (Alt+Up)")
        self.down = button("Down", lambda: self.move_requested.emit(1))
        self.down.setToolTip("Try it later (Alt+Down)")
        self.beside = button("", self.beside_requested.emit)
        self.remove = button("Remove", self.removal_requested.emit, "danger")
        self.remove.setToolTip("Take it out of the tier (Delete)")
        self.measure = button("Measure", self.measure_requested.emit)
        self.measure.setToolTip("Try out what it can do: up to 28 calls, minutes on a slow machine, at no cost")
        self.measuring = label("", "small", wrap=True)
        self.stop = button("Stop", self.stop_requested.emit)
        self.undone = label("", wrap=True)
        self.undo = button("Undo", self.undo_requested.emit)
        self.undo.setToolTip("As it was before (Ctrl+Z)")
        self.roles = RolesView(theme)
        self._lay_out()
        self._join()
        self.setFocusProxy(self.table)
        self.show_undo("")
        self.show_measuring("", going_on=False)

    def show_table(
        self, table: RoutingTable, rows: tuple[Row, ...], routed: dict[Tier, Routed], choose: tuple[Tier, str] | None
    ) -> None:
        """Shows the table, and what would be tried at this moment."""
        self.routed = routed
        self.cloud.setChecked(table.prefer is Preference.CLOUD)
        self.local.setChecked(table.prefer is Preference.LOCAL)
        for each in (self.cloud, self.local, self.add):
            each.setEnabled(True)
        self._show_whole(True)
        self.empty.say(*_EMPTY)
        self._stack.setCurrentWidget(self.table if table.models else self.empty)
        self.table.show_rows(rows, choose)
        self._on_chosen()

    def show_roles(self, roles: tuple[Role, ...], table: RoutingTable) -> None:
        """Shows the tier of each role."""
        self.roles.show_roles(roles, table.roles)

    def show_failure(self, sentence: str) -> None:
        """Says why the table is not shown: nothing of it can be changed until it is mended."""
        self.empty.say("The routing table could not be read", sentence, "Read it again")
        self._stack.setCurrentWidget(self.empty)
        for each in (self.cloud, self.local, self.add):
            each.setEnabled(False)
        self._show_whole(False)

    def show_undo(self, words: str) -> None:
        """Offers to take back the last change; nothing for empty words."""
        self.undone.setText(shown(words))
        self._undo_bar.setVisible(bool(words) and self._acts.isEnabled())

    def show_measuring(self, words: str, *, going_on: bool) -> None:
        """Says how far a measuring is, or what came of it."""
        self.measuring.setText(shown_lines(words))
        self.stop.setVisible(going_on)
        self._measure_bar.setVisible(bool(words))
        self._on_chosen()

    def _show_whole(self, whole: bool) -> None:
        """Without it nothing is left of what was said of the table, nor of what can be done to it."""
        for each in (self._acts, self.roles, self._undo_bar):
            each.setEnabled(whole)
        for each in (self._acts, self.story):
            each.setVisible(whole)
        self._undo_bar.setVisible(whole and bool(self.undone.text()))

    def _on_chosen(self) -> None:
        row = self.table.chosen
        model = row if isinstance(row, ModelRow) else None
        for each in (self.up, self.down, self.remove):
            each.setEnabled(model is not None)
        alone = model is None or not model.shared
        self.beside.setText("Beside the one above" if alone else "On a line of its own")
        self.beside.setAccessibleName(self.beside.text())
        self.beside.setToolTip("Let price and measured speed choose between them (Ctrl+G)" if alone else "(Ctrl+G)")
        self.beside.setEnabled(model is not None and (model.shared or model.place > 1))
        can = model is not None and str(model.model) in self.measurable
        self.measure.setVisible(can)
        self.measure.setEnabled(can and not self.stop.isVisibleTo(self))
        self.measure.setText("Measure again" if model is not None and model.measured else "Measure")
        self.measure.setAccessibleName(self.measure.text())
        self.story.setText(shown_lines(self._story(row)))

    def _story(self, row: Row | None) -> str:
        if row is None:
            return ""
        lines = []
        if isinstance(row, ModelRow):
            if row.trouble:
                lines.append(row.trouble)
            elif row.caution:
                lines.append(f"{row.caution} It is tried all the same.")
            if row.lacks:
                lines.append(f"Measured as unfit for {row.tier}: {row.lacks} It is tried all the same.")
            elif row.measured:
                lines.append(f"Measured: {row.measured}.")
            elif str(row.model) in self.measurable:
                lines.append("What it can do was not measured yet.")
        if (routed := self.routed.get(row.tier)) is not None and (isinstance(row, TierRow) or not lines):
            tried = ", ".join(map(str, routed.route)) or "none"
            lines.append(f"Tried at this moment: {tried}. {routed.why}")
        return "\n".join(lines)

    def _join(self) -> None:
        group = QButtonGroup(self)
        for each, prefer in ((self.cloud, Preference.CLOUD), (self.local, Preference.LOCAL)):
            group.addButton(each)
            each.setEnabled(False)
            each.clicked.connect(lambda _on, prefer=prefer: self.preference_chosen.emit(prefer))
        self.add.setEnabled(False)
        self.table.itemSelectionChanged.connect(self._on_chosen)
        self.empty.action_requested.connect(
            lambda: (self.adding_requested if self.empty.button.text() == _ADD else self.again_requested).emit()
        )
        inside = Qt.ShortcutContext.WidgetWithChildrenShortcut
        for keys, on, made in (
            ("Alt+Up", self.table, self.up), ("Alt+Down", self.table, self.down), ("Ctrl+G", self.table, self.beside),
            ("Delete", self.table, self.remove), ("Ctrl+N", self, self.add), ("Ctrl+Z", self, self.undo),
        ):  # fmt: skip
            QShortcut(QKeySequence(keys), on, context=inside).activated.connect(made.click)

    def _lay_out(self) -> None:
        first = QHBoxLayout()
        first.setSpacing(12)
        first.addWidget(label("First within a tier:"))
        first.addWidget(self.cloud)
        first.addWidget(self.local)
        first.addStretch(1)
        first.addWidget(self.add)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self.table)
        self._acts = QWidget()
        acts = QHBoxLayout(self._acts)
        acts.setContentsMargins(0, 0, 0, 0)
        acts.setSpacing(8)
        for each in (self.up, self.down, self.beside):
            acts.addWidget(each)
        acts.addStretch(1)
        for each in (self.measure, self.remove):
            acts.addWidget(each)
        self._measure_bar, self._undo_bar = QWidget(), QWidget()
        for bar, words, act in (
            (self._measure_bar, self.measuring, self.stop),
            (self._undo_bar, self.undone, self.undo),
        ):
            row = QHBoxLayout(bar)
            row.setContentsMargins(0, 0, 0, 0)
            row.addWidget(words, 1)
            row.addWidget(act)
        tiers = QWidget()
        inside = QVBoxLayout(tiers)
        inside.setContentsMargins(0, 8, 0, 0)
        inside.setSpacing(8)
        inside.addLayout(first)
        inside.addWidget(self._stack, 1)
        inside.addWidget(self.story)
        inside.addWidget(self._acts)
        inside.addWidget(self._measure_bar)
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.addTab(tiers, "Tiers")
        self.tabs.addTab(self.roles, "Roles")
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(8)
        column.addWidget(label("Tiers", "title"))
        column.addWidget(label(_INTRO, "muted", wrap=True))
        column.addWidget(self.error)
        column.addWidget(self.tabs, 1)
        column.addWidget(self._undo_bar)
