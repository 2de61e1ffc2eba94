"""Diff lines: a file's unified diff cut into lines that know their kind and numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from studio.domain.changes import Diff, FileChange, FileStatus
from studio.ui.widgets.names import shown

MOST_LINES = 8000
"""Lines of one diff that are shown; the rest is counted."""

MOST_CHARACTERS = 1000
"""Characters of one line that are shown."""

_HUNK = re.compile(r"@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@ ?(.*)")


class LineKind(StrEnum):
    """What a line of a diff tells."""

    FILE = "file"
    HUNK = "hunk"
    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class DiffLine:
    """One line as shown: characters that hide or reorder are written out. Numbers count from 1, 0 is none."""

    kind: LineKind
    text: str
    old: int = 0
    new: int = 0


def of_diff(diff: Diff) -> tuple[list[DiffLine], dict[str, int]]:
    """All lines of a diff, and for every path the index of its first one."""
    lines: list[DiffLine] = []
    starts: dict[str, int] = {}
    left = 0
    for change in diff.files:
        found = of_file(change)
        if len(lines) + len(found) > MOST_LINES and lines:
            left += 1
            continue
        if lines:
            lines.append(DiffLine(LineKind.NOTE, ""))
        starts[change.path] = len(lines)
        lines += found[:MOST_LINES]
    if left + diff.left_out:
        text = f"… {left + diff.left_out} more files are not shown; open them in the editor."
        lines.append(DiffLine(LineKind.NOTE, text))
    return lines, starts


def of_file(change: FileChange) -> list[DiffLine]:
    """One file's heading and lines."""
    lines = [DiffLine(LineKind.FILE, _heading(change))]
    if change.binary:
        return [*lines, DiffLine(LineKind.NOTE, "Not text; only the fact that it changed is shown.")]
    old = new = 0
    for line in change.patch.removesuffix("\n").split("\n") if change.patch else []:
        hunk = _HUNK.match(line)
        if hunk is not None:
            old, new = int(hunk[1]), int(hunk[2])
            lines.append(DiffLine(LineKind.HUNK, _safe(hunk[3]) or f"line {new}"))
            continue
        text = _safe(line[1:])
        match line[:1]:
            case "+":
                lines.append(DiffLine(LineKind.ADDED, text, new=new))
                new += 1
            case "-":
                lines.append(DiffLine(LineKind.REMOVED, text, old=old))
                old += 1
            case "\\":
                lines.append(DiffLine(LineKind.NOTE, _safe(line)))
            case _:
                lines.append(DiffLine(LineKind.SAME, text, old, new))
                old, new = old + 1, new + 1
    if change.cut:
        lines.append(DiffLine(LineKind.NOTE, "… the rest of this file's diff is too long to show here."))
    return lines


def _heading(change: FileChange) -> str:
    name = shown(change.path)
    if change.status is FileStatus.RENAMED:
        name = f"{shown(change.old_path)} → {name}"
    return f"{name}   {change.status.value}   +{change.added} −{change.removed}"


def _safe(line: str) -> str:
    text = shown(line.removesuffix("\r").expandtabs(4)) + ("\\r" if line.endswith("\r") else "")
    return text if len(text) <= MOST_CHARACTERS else f"{text[:MOST_CHARACTERS]} … {len(text) - MOST_CHARACTERS} more"
