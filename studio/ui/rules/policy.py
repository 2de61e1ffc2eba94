"""The policy table: every class of commands, and what becomes of it in each approval mode."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHeaderView, QTableWidget, QTableWidgetItem, QVBoxLayout, QWidget

from studio.domain.rules import DOES, Effect, Rule
from studio.domain.tools import ApprovalMode, CommandClass, Verdict
from studio.ui.icons import icon
from studio.ui.theme import Theme
from studio.ui.widgets.labels import label
from studio.ui.widgets.tables import set_up_table

if TYPE_CHECKING:
    from studio.app.policies import PolicyRow

_MODES = {ApprovalMode.ASK: "Ask first", ApprovalMode.AUTO: "Run freely", ApprovalMode.DENY: "No commands"}
_VERDICTS = {
    Verdict.ALLOW: ("runs", "pass", "ok"),
    Verdict.ASK: ("asks you", "question", "warn"),
    Verdict.DENY: ("is not run", "circle-slash", "error"),
}
_FORBIDDEN_BY = {
    "role": ("forbidden (role)", "forbidden by the role's file"),
    "project": ("forbidden (project)", "forbidden by a rule of the project"),
}
_FIRST_MODE = 1
_AIR = 8
_EXPLAINED = (
    "A line counts by its most risky part. Tools that change files of the run's own branch never ask: a person merges "
    "that. A chat's mode stands beside Send; that of new chats, “{mode}”, is the setting approval_mode."
)


class PolicyView(QWidget):
    """Read only: the modes are as they are built, and what differs by project and role is in the rules."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._shown: tuple[Sequence[PolicyRow], Collection[Rule], ApprovalMode] | None = None
        self.table = QTableWidget(len(CommandClass), _FIRST_MODE + len(_MODES))
        self.table.setObjectName("policyTable")
        set_up_table(self.table, theme, "What becomes of commands, by class and approval mode")
        # What a class does is read whole, on two lines where there is no room for one.
        self.table.setWordWrap(True)
        self.table.verticalHeader().setMinimumSectionSize(theme.size("row") + _AIR)
        self.table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.explained = label("", "small", wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.table, 1)
        column.addWidget(self.explained)
        theme.changed.connect(self._fill)

    def show_policy(self, table: Sequence[PolicyRow], rules: Collection[Rule], mode: ApprovalMode) -> None:
        """Shows what becomes of each class; `rules` let some of it through, `mode` is that of new chats."""
        self._shown = (table, rules, mode)
        self._fill()

    def _fill(self) -> None:
        if self._shown is None:
            return
        table, rules, mode = self._shown
        let_through = Counter(rule.kind.command_class for rule in rules if rule.effect is Effect.ALLOW)
        modes = [f"{name} (new chats)" if mode is each else name for each, name in _MODES.items()]
        self.table.setHorizontalHeaderLabels(["Commands", *modes])
        for row, policy in enumerate(table):
            does = f"{policy.command_class.value}: {DOES[policy.command_class]}"
            self.table.setItem(row, 0, _item(does, does))
            verdicts = (policy.ask, policy.auto, policy.deny)
            for column, verdict in enumerate(verdicts, _FIRST_MODE):
                made = self._verdict(verdict, policy.denied_by, let_through[policy.command_class])
                self.table.setItem(row, column, made)
        self.explained.setText(_EXPLAINED.format(mode=_MODES[mode]))

    def _verdict(self, verdict: Verdict, denied_by: str, let_through: int) -> QTableWidgetItem:
        words, mark, color = _VERDICTS[verdict]
        tip = words
        if denied_by:
            words, tip = _FORBIDDEN_BY[denied_by]
        elif verdict is Verdict.ASK and let_through:
            rules = f"{let_through} rule{'s' if let_through > 1 else ''}"
            words, tip = (
                f"{words} ({rules})",
                f"{words}, but for what {rules} let{'' if let_through > 1 else 's'} through",
            )
        made = _item(words, tip)
        made.setIcon(icon(mark, self._theme.color(color)))
        return made


def _item(text: str, tip: str) -> QTableWidgetItem:
    made = QTableWidgetItem(text)
    made.setToolTip(tip)
    return made
