"""Log items: what was written in and beside the sandbox of one run, a line each."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QIcon, QPixmap

from studio.domain.console import ConsoleLevel
from studio.domain.container_logs import LogLine
from studio.domain.log_lines import level_of
from studio.ui.icons import icon
from studio.ui.theme import Theme
from studio.ui.widgets.names import shown, tooltip
from studio.ui.widgets.row_items import Index, RowItems

KEPT = 4000
COLUMNS = ("Time", "From", "What")
WHAT = COLUMNS.index("What")
_JUDGED_CHARACTERS = 200
_LOOKS = {ConsoleLevel.ERROR: ("error", "error"), ConsoleLevel.WARNING: ("warning", "warn")}


class LogItems(RowItems[tuple[LogLine, ConsoleLevel]]):
    """The newest lines, in the order in which they were heard."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(COLUMNS)
        self._theme = theme
        # So that every line begins at the same place.
        self._blank = QPixmap(16, 16)
        self._blank.fill(Qt.GlobalColor.transparent)
        theme.changed.connect(self._repaint)

    def line(self, row: int) -> LogLine:
        """The line of a row."""
        return self._rows[row][0]

    def add(self, lines: Iterable[LogLine]) -> None:
        """Takes lines that are newer than all others; the oldest ones give way to them."""
        # Told once for each line: what is read is hostile, and painting must not wait for it. Told by its beginning:
        # the whole of a long line would take a third of a millisecond.
        newer = [(line, level_of(line.text[:_JUDGED_CHARACTERS])) for line in list(lines)[-KEPT:]]
        self._insert(len(self._rows), newer)
        self._remove(0, len(self._rows) - KEPT)

    def clear(self) -> None:
        """Begins anew."""
        self._begin_anew()

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:  # noqa: D102
        if not index.isValid():
            return None
        (line, level), column = self._rows[index.row()], index.column()
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

    def _font(self) -> QFont:
        return self._theme.code_font()

    def _icon(self, level: ConsoleLevel) -> QIcon:
        name, color = _LOOKS[level]
        return icon(name, self._theme.color(color))


def cell(line: LogLine, column: int) -> str:
    """What a row says in one of its columns."""
    match COLUMNS[column]:
        case "Time":
            return line.time.astimezone().strftime("%H:%M:%S.%f")[:-3]
        case "From":
            return shown(line.origin)
        case _:
            return shown(line.text.replace("\t", "    "))
