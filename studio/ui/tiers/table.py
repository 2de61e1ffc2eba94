"""The table of tiers: a heading for each tier, below it its models in the order in which they are tried."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QHeaderView, QTableWidget, QTableWidgetItem, QWidget

from studio.domain.roles import Tier
from studio.ui.icons import icon
from studio.ui.theme import Theme
from studio.ui.tiers.lines import ModelRow, Row, TierRow
from studio.ui.widgets.names import shown, tooltip
from studio.ui.widgets.tables import set_up_table

_COLUMNS = ("", "Model", "Now", "Measured")
_PLACE, _MODEL, _NOW, _MEASURED = range(len(_COLUMNS))
_PLACE_WIDTH = 40
_NONE = "no model yet"


class TiersTable(QTableWidget):
    """Shows rows; the chosen one stays chosen when they change."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(0, len(_COLUMNS), parent)
        self._theme = theme
        self._rows: tuple[Row, ...] = ()
        self.setHorizontalHeaderLabels(list(_COLUMNS))
        set_up_table(self, theme, "Models of each tier")
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(_MODEL, QHeaderView.ResizeMode.Stretch)
        # A heading begins there and goes over all columns: it must not make the first one as wide as itself.
        header.setSectionResizeMode(_PLACE, QHeaderView.ResizeMode.Fixed)
        header.resizeSection(_PLACE, _PLACE_WIDTH)
        theme.changed.connect(lambda: self.show_rows(self._rows))

    @property
    def chosen(self) -> Row | None:
        """The row that is chosen."""
        chosen = self.selectionModel().selectedRows()
        return self._rows[chosen[0].row()] if chosen and self._rows else None

    def show_rows(self, rows: tuple[Row, ...], choose: tuple[Tier, str] | None = None) -> None:
        """Shows these, and chooses a tier's model, by its name, or else what was chosen before."""
        before = self.chosen
        wanted = choose or (key_of(before) if before else None)
        at = max(self.currentRow(), 0)
        self._rows = rows
        self.clearSpans()
        self.setRowCount(len(rows))
        for number, row in enumerate(rows):
            if isinstance(row, TierRow):
                self._show_tier(number, row)
            else:
                self._show_model(number, row)
        found = next((number for number, row in enumerate(rows) if key_of(row) == wanted), min(at, len(rows) - 1))
        if rows:
            self.selectRow(found)

    def _show_tier(self, number: int, row: TierRow) -> None:
        words = f"{row.tier.value.capitalize()} · {_NONE if row.empty else 'tried in this order'} · for {row.words}"
        item = QTableWidgetItem(shown(words))
        item.setToolTip(tooltip(words))
        font = item.font()
        font.setBold(True)
        item.setFont(font)
        for column in range(len(_COLUMNS)):
            self.takeItem(number, column)
        self.setItem(number, 0, item)
        self.setSpan(number, 0, 1, len(_COLUMNS))

    def _show_model(self, number: int, row: ModelRow) -> None:
        place = QTableWidgetItem(f"{row.place}{'=' if row.shared else ''}")
        place.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if row.shared:
            place.setToolTip("Of models with the same number the cheaper one goes first, then the quicker one")
        words, mark, color = _now(row)
        now = QTableWidgetItem(words)
        now.setIcon(icon(mark, self._color(color)))
        now.setToolTip(tooltip(row.trouble or row.caution))
        measured = QTableWidgetItem(_measured(row))
        measured.setToolTip(tooltip(row.lacks or row.measured))
        if row.measured:
            measured.setIcon(icon("warning" if row.lacks else "pass", self._color("warn" if row.lacks else "ok")))
        for column, item in ((_PLACE, place), (_MODEL, QTableWidgetItem(shown(str(row.model)))), (_NOW, now)):
            self.setItem(number, column, item)
        self.setItem(number, _MEASURED, measured)

    def _color(self, name: str) -> QColor:
        return self._theme.color(name)


def _now(row: ModelRow) -> tuple[str, str, str]:
    """Whether it can be asked now, in words, and the icon and color of these."""
    if row.trouble:
        return "not usable", "circle-slash", "error"
    return ("not listed", "warning", "warn") if row.caution else ("ready", "pass", "ok")


def _measured(row: ModelRow) -> str:
    if not row.measured:
        return ""
    return f"unfit for {row.tier.value}" if row.lacks else "fits"


def key_of(row: Row) -> tuple[Tier, str]:
    """What a row is known by: its tier, and its model's name where it is one."""
    return row.tier, str(row.model) if isinstance(row, ModelRow) else ""
