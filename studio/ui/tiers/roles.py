"""The table of roles: which tier each one wants by its file, and which one it has here."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QComboBox, QHeaderView, QTableWidget, QTableWidgetItem, QVBoxLayout, QWidget

from studio.domain.roles import Role, Tier, title_of
from studio.ui.theme import Theme
from studio.ui.widgets.labels import label
from studio.ui.widgets.names import shown
from studio.ui.widgets.tables import set_up_table

_COLUMNS = ("Role", "Its file says", "Here")
_HERE = 2
_AIR = 10
_EXPLAINED = "A chat that names no model takes those of its role's tier. What is chosen here counts in every project."


class _Choice(QComboBox):
    """A choice that a wheel goes over: who scrolls the table must not give a role another tier."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leaves it to the table."""
        event.ignore()


class RolesView(QWidget):
    """Signals: `tier_chosen(str, Tier | None)` a role, and its tier here; None for what its file says."""

    tier_chosen = Signal(str, object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.table = QTableWidget(0, len(_COLUMNS))
        self.table.setHorizontalHeaderLabels(list(_COLUMNS))
        set_up_table(self.table, theme, "Tiers of roles")
        self.table.setSelectionMode(QTableWidget.SelectionMode.NoSelection)
        # The choices are reached by Tab; the table itself has nothing to choose.
        self.table.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.table.verticalHeader().setDefaultSectionSize(theme.size("row") + _AIR)
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self._roles: tuple[tuple[str, Tier | None], ...] = ()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.table, 1)
        column.addWidget(label(_EXPLAINED, "small", wrap=True))

    def show_roles(self, roles: tuple[Role, ...], here: Mapping[str, Tier]) -> None:
        """Lists these roles, and those of which only a tier is known; `here` are the tiers that the table gives."""
        known = tuple((role.name, role.tier) for role in roles)
        unknown = ((name, None) for name in sorted(here) if name not in {each for each, _ in known})
        rows = (*known, *unknown)
        titles = {role.name: role.title for role in roles}
        if rows != self._roles:
            self._fill(rows, titles)
        for row, (name, usual) in enumerate(rows):
            box = self.box(row)
            usual_words = f"As its file says ({usual.value})" if usual else "As its file says"
            box.setItemText(0, usual_words)
            tier = here.get(name)
            box.setCurrentIndex(box.findData(tier.value) if tier else 0)

    def box(self, row: int) -> QComboBox:
        """The choice in a row."""
        box = self.table.cellWidget(row, _HERE)
        assert isinstance(box, QComboBox)
        return box

    def row_of(self, role: str) -> int:
        """The row of a role."""
        return [name for name, _ in self._roles].index(role)

    def _fill(self, rows: tuple[tuple[str, Tier | None], ...], titles: Mapping[str, str]) -> None:
        self._roles = rows
        self.table.setRowCount(len(rows))
        for row, (name, usual) in enumerate(rows):
            title = shown(titles.get(name, title_of(name)))
            self.table.setItem(row, 0, QTableWidgetItem(title))
            self.table.setItem(row, 1, QTableWidgetItem(usual.value if usual else "not known here"))
            box = _Choice()
            box.setAccessibleName(f"Tier of {title}")
            box.addItem("")
            for tier in Tier:
                box.addItem(tier.value.capitalize(), tier.value)
            box.activated.connect(partial(self._on_chosen, name, box))
            self.table.setCellWidget(row, _HERE, box)

    def _on_chosen(self, role: str, box: QComboBox, _row: int) -> None:
        data = box.currentData()
        self.tier_chosen.emit(role, Tier(data) if data else None)
