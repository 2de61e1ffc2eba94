"""A TOML file of a person's: what a program changes in it leaves all else as it is written, comments included."""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any


def changed_toml(path: Path, change: Callable[[Any], None]) -> str:
    """What the file would say once `change` was made to its tomlkit document; an absent one says nothing yet.

    Raises ValueError for a file that is no TOML, OSError for one that cannot be read, and what `change` raises.
    """
    # It takes a while to load, and most starts of Studio change no file.
    tomlkit = importlib.import_module("tomlkit")
    document = tomlkit.parse(path.read_text("utf-8") if path.exists() else "")
    change(document)
    text: str = tomlkit.dumps(document)
    return text


def write_whole(path: Path, text: str) -> None:
    """Puts `text` in the place of the file, whole or not at all; raises OSError."""
    scratch = path.with_name(f".{path.name}.new")
    scratch.write_text(text, "utf-8")
    os.replace(scratch, path)
