"""The terminal emulator: QTermWidget running one local program.

This module is imported only where the widget's wheel exists and a terminal is first asked for.
"""

from __future__ import annotations

import sys
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget
from pyside6_qtermwidget import QTermWidget

from studio.ui.terminal.scheme import write_scheme
from studio.ui.theme import Theme

_HISTORY_LINES = 10_000
_CONTROLS = range(Qt.Key.Key_At, Qt.Key.Key_Underscore + 1)
"""The keys, letters among them, that are a character of their own together with Ctrl."""
# On macOS Qt calls the command key Control, and that one is the window's.
_CTRL = Qt.KeyboardModifier.MetaModifier if sys.platform == "darwin" else Qt.KeyboardModifier.ControlModifier


class Emulator(QTermWidget):  # type: ignore[misc]  # the widget comes without types
    """A terminal that runs `argv` until the program ends or the widget is closed.

    Its program gets every key that a terminal can send; the window keeps those with more than Ctrl, as Ctrl+Shift+P.

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
        display = self.focusProxy()
        assert display is not None
        display.installEventFilter(self)
        theme.changed.connect(self._paint)
        self._paint()

    def start(self) -> None:
        """Starts the program; called once."""
        self.startShellProgram()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Claims what the program is to get before it becomes a shortcut of the window."""
        if event.type() is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and _is_for_program(event):
            event.accept()
            return True
        return bool(super().eventFilter(watched, event))

    def _bind(self, keys: str, act: object) -> None:
        shortcut = QShortcut(QKeySequence(keys), self, context=Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.activated.connect(act)

    def _paint(self) -> None:
        self.setColorScheme(str(write_scheme(self._schemes, self._theme)))
        self.setTerminalFont(self._theme.code_font())


def _is_for_program(event: QKeyEvent) -> bool:
    held = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    plain = held == Qt.KeyboardModifier.NoModifier
    return plain or (held == _CTRL and event.key() in _CONTROLS)
