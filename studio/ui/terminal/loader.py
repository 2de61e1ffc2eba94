"""Loads the terminal emulator where it exists."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import SignalInstance
from PySide6.QtWidgets import QWidget

from studio.ui.theme import Theme

_WHEEL = "pyside6_qtermwidget"
_MODULE = "studio.ui.terminal.emulator"


class Terminal(Protocol):
    """What the panel needs of an emulator, which is a widget too."""

    finished: SignalInstance

    def start(self) -> None:
        """Starts the program."""
        ...


MakeTerminal = Callable[[tuple[str, ...], Path, Theme, QWidget], QWidget]
"""Makes an emulator out of the program's argv, the folder for colour schemes, the theme and a parent."""


def find_emulator(wheel: str = _WHEEL) -> MakeTerminal | None:
    """The way to make emulators, or None where no wheel of the widget exists for this platform."""
    if importlib.util.find_spec(wheel) is None:
        return None
    make: MakeTerminal = importlib.import_module(_MODULE).Emulator
    return make
