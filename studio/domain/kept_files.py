"""Kept files: what is said of those that were changed in a sandbox and outside it at once."""

from __future__ import annotations

from collections.abc import Mapping

from studio.base.text import shown
from studio.domain.events import FilesKept

BESIDE = ".studio-conflict"
"""What is kept beside a file has its name and this behind it (then a number): no tool takes it for one of its own.

What is in a folder that is kept so has the names that it had.
"""

_NAMED = 5


def files_kept(moved: Mapping[str, str]) -> FilesKept:
    """The fact that at each of these paths is what gave way at the path that it says."""
    first = tuple(moved.items())[:_NAMED]
    return FilesKept(tuple(path for _, path in first), tuple(beside for beside, _ in first), len(moved) - len(first))


def kept_beside(event: FilesKept) -> str:
    """Which files there are two of now, and what to do about it."""
    pairs = zip(event.paths, event.beside, strict=True)
    names = ", ".join(f"{shown(path)} (the other version: {shown(beside)})" for path, beside in pairs)
    more = f" and {event.left_out} more" if event.left_out else ""
    return (
        f"Changed in the sandbox and outside it at once: {names}{more}. Both versions are kept, the other one in no "
        "commit: compare them, and delete what is not needed."
    )
