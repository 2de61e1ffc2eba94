"""Log items: what was written in and beside the sandbox of one run, a line each."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QFont, QIcon, QPixmap

from studio.domain.console import ConsoleLevel
from studio.domain.container_logs import LogLine
from studio.domain.log_lines import level_of
from studio.ui.icons import icon
from studio.ui.theme import Theme
from studio.ui.widgets.names import shown, tooltip

Index = QModelIndex | QPersistentModelIndex

KEPT = 4000
COLUMNS = ("Time", "From", "What")
WHAT = COLUMNS.index("What")
_JUDGED_CHARACTERS = 200
_LOOKS = {ConsoleLevel.ERROR: ("error", "error"), ConsoleLevel.WARNING: ("warning", "warn")}


class LogItems(QAbstractTableModel):
    """The newest lines, in the order in which they were heard."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._lines: list[LogLine] = []
        self._levels: list[ConsoleLevel] = []
        # So that every line begins at the same place.
        self._blank = QPixmap(16, 16)
        self._blank.fill(Qt.GlobalColor.transparent)
        theme.changed.connect(self._repaint)

    def line(self, row: int) -> LogLine:
        """The line of a row."""
        return self._lines[row]

    def add(self, lines: Iterable[LogLine]) -> None:
        """Takes lines that are newer than all others; the oldest ones give way to them."""
        newer = list(lines)[-KEPT:]
        if not newer:
            return
        at = len(self._lines)
        self.beginInsertRows(QModelIndex(), at, at + len(newer) - 1)
        self._lines += newer
        # Told once for each line: what is read is hostile, and painting must not wait for it. Told by its beginning:
        # the whole of a long line would take a third of a millisecond.
        self._levels += [level_of(line.text[:_JUDGED_CHARACTERS]) for line in newer]
        self.endInsertRows()
        extra = len(self._lines) - KEPT
        if extra > 0:
            self.beginRemoveRows(QModelIndex(), 0, extra - 1)
            del self._lines[:extra], self._levels[:extra]
            self.endRemoveRows()

    def clear(self) -> None:
        """Begins anew."""
        self.beginResetModel()
        self._lines, self._levels = [], []
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, D102
        return 0 if parent.isValid() else len(self._lines)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, D102
        return 0 if parent.isValid() else len(COLUMNS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:  # noqa: D102
        if not index.isValid():
            return None
        line, level, column = self._lines[index.row()], self._levels[index.row()], index.column()
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return cell(line, column)
            case Qt.ItemDataRole.FontRole if column == WHAT:
                return self._font()
            case Qt.ItemDataRole.DecorationRole if column == WHAT:
                return self._icon(level) if level in _LOOKS else self._blank
            case Qt.ItemDataRole.ForegroundRole if column != WHAT:
                return self._theme.color("text_muted")
            case Qt.ItemDataRole.ToolTipRole if column == WHAT:
                return tooltip(line.text)
            case Qt.ItemDataRole.AccessibleTextRole if column == WHAT and level in _LOOKS:
                return f"{level.value}: {cell(line, column)}"
            case _:
                return None

    def headerData(  # noqa: D102
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return COLUMNS[section]
        return None

    def _font(self) -> QFont:
        return self._theme.code_font()

    def _icon(self, level: ConsoleLevel) -> QIcon:
        name, color = _LOOKS[level]
        return icon(name, self._theme.color(color))

    def _repaint(self) -> None:
        if self._lines:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._lines) - 1, len(COLUMNS) - 1))


def cell(line: LogLine, column: int) -> str:
    """What a row says in one of its columns."""
    match COLUMNS[column]:
        case "Time":
            return line.time.astimezone().strftime("%H:%M:%S.%f")[:-3]
        case "From":
            return shown(line.origin)
        case _:
            return shown(line.text.replace("\t", "    "))
