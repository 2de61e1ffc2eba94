"""Importing beside PySide, which else would read the source of every module that is imported after it."""

from __future__ import annotations

import sys

import PySide6.QtCore  # noqa: F401 - brings the module that is looked for below

_FEATURES = "shibokensupport.feature"


def read_no_sources() -> None:
    """Answers PySide's question whether a module uses it with no, for all modules that are imported from here on.

    PySide asks so that `from __feature__ import …` changes the names of Qt for modules that want it and for no other.
    Nothing here wants it, and the answer costs a lot: PySide looks for its own name in the source of each module,
    which is read for it and then kept in memory (1,300 files, 40 MB). A PySide without that question is left alone.
    """
    features = sys.modules.get(_FEATURES)
    if features is not None:
        features._mod_uses_pyside = lambda _module: False  # type: ignore[attr-defined]
