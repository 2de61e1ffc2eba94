"""The terminal emulator: QTermWidget running one local program.

This module is imported only where the widget's wheel exists and a terminal is first asked for.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget
from pyside6_qtermwidget import QTermWidget

from studio.ui.terminal.scheme import write_scheme
from studio.ui.theme import Theme

_HISTORY_LINES = 10_000


class Emulator(QTermWidget):  # type: ignore[misc]  # the widget comes without types
    """A terminal that runs `argv` until the program ends or the widget is closed.

    Signals (of QTermWidget): `finished()` when the program has ended.
    """

    def __init__(self, argv: tuple[str, ...], schemes: Path, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(0, parent)
        self._schemes = schemes
        self._theme = theme
        self.setShellProgram(argv[0])
        self.setArgs(list(argv[1:]))
        self.setHistorySize(_HISTORY_LINES)
        self.setConfirmMultilinePaste(True)
        self.setTrimPastedTrailingNewlines(True)
        self.setFlowControlEnabled(False)
        self.setMargin(8)
        self.setAccessibleName("Terminal")
        self._bind("Ctrl+Shift+C", self.copyClipboard)
        self._bind("Ctrl+Shift+V", self.pasteClipboard)
        theme.changed.connect(self._paint)
        self._paint()

    def start(self) -> None:
        """Starts the program; called once."""
        self.startShellProgram()

    def _bind(self, keys: str, act: object) -> None:
        shortcut = QShortcut(QKeySequence(keys), self, context=Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.activated.connect(act)

    def _paint(self) -> None:
        self.setColorScheme(str(write_scheme(self._schemes, self._theme)))
        self.setTerminalFont(self._theme.code_font())
