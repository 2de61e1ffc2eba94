"""The identity of a data folder: a random word kept in it, which tells it from every other one, on any machine."""

from __future__ import annotations

import os
import re
import secrets
from contextlib import suppress
from pathlib import Path

_WORD = re.compile(r"[0-9a-f]{32}")


def read_identity(file: Path) -> str:
    """The word; empty where there is none yet. Raises OSError."""
    try:
        word = file.read_text("ascii", errors="replace").strip()
    except FileNotFoundError:
        return ""
    return word if _WORD.fullmatch(word) else ""


def make_identity(file: Path) -> None:
    """Keeps a new word, unless there is one; of processes that do so at once all find the same. Raises OSError."""
    if read_identity(file):
        return
    part = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    try:
        with part.open("x", encoding="ascii") as target:
            target.write(f"{secrets.token_hex(16)}\n")
            target.flush()
            os.fsync(target.fileno())
        _put(part, file)
    finally:
        with suppress(FileNotFoundError):
            part.unlink()


def _put(part: Path, file: Path) -> None:
    try:
        file.hardlink_to(part)
    except FileExistsError:
        if not read_identity(file):  # torn, or no word at all: nothing can carry it
            part.replace(file)
    except OSError:  # a file system without links
        part.replace(file)
