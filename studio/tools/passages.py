"""Passages: one exact piece of a text, replaced; and the nearest piece when it is not there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from io import StringIO
from itertools import islice
from typing import Protocol

from rapidfuzz import fuzz, process

from studio.base.text import shorten
from studio.domain.errors import UserError

NEAR_CHARACTERS = 2000
NEAR_LINES = 20_000
NEAR_HEAD = 300
NEAR_BATCH = 500
NEAR_SCORE = 60.0


class Replacement(Protocol):
    """An exact piece of a text, and what is to stand in its place."""

    @property
    def old(self) -> str:
        """What must be there, once."""
        ...

    @property
    def new(self) -> str:
        """What is put there."""
        ...


def replaced(text: str, path: str, edits: Sequence[Replacement]) -> tuple[str, tuple[int, ...]]:
    """The text after all edits, each made on what those before it left, and the line of each.

    Raises UserError, worded for the model, when one does not fit.
    """
    lines: list[int] = []
    for number, edit in enumerate(edits, 1):
        which = f"Edit {number} of {len(edits)}: the" if len(edits) > 1 else "The"
        found = text.count(edit.old)
        if found == 0:
            raise UserError(
                f"{which} text to replace is not in {path}.{near(text, edit.old)}", "Read the file and copy it exactly."
            )
        if found > 1:
            places = ", ".join(str(line_of(text, at)) for at in islice(positions(text, edit.old), 10))
            raise UserError(
                f"{which} text to replace occurs {found} times in {path}, at lines {places}.", "Add lines around it."
            )
        lines.append(line_of(text, text.index(edit.old)))
        text = text.replace(edit.old, edit.new, 1)
    return text, tuple(lines)


def already_replaced(text: str, path: str, edits: Sequence[Replacement]) -> bool:
    """Whether the text is what the edits make of something: taken back and made again, they give it once more."""
    before = text
    for edit in reversed(edits):
        if not edit.new or edit.new not in before:
            return False
        before = before.replace(edit.new, edit.old, 1)
    try:
        return replaced(before, path, edits)[0] == text
    except UserError:
        return False


def line_of(text: str, position: int) -> int:
    """The number of the line at a position, from 1."""
    return text.count("\n", 0, position) + 1


def positions(text: str, part: str) -> Iterator[int]:
    """Where `part` begins, each time it occurs."""
    at = text.find(part)
    while at >= 0:
        yield at
        at = text.find(part, at + 1)


def near(text: str, old: str) -> str:
    """The passage most like `old`, so that the next try can be exact; empty when nothing is alike.

    It is found by the line of `old` that tells most. Other threads get their turn after every batch of lines,
    and neither many lines nor long ones make the work long: what goes beyond is not compared.
    """
    wanted = old.splitlines() or [old]
    first = max(wanted, key=lambda line: len(line.strip()))
    lines = list(islice(StringIO(text), NEAR_LINES))
    best, score = -1, NEAR_SCORE
    for batch in range(0, len(lines), NEAR_BATCH):
        heads = [line.strip()[:NEAR_HEAD] for line in lines[batch : batch + NEAR_BATCH]]
        alike = process.extractOne(first.strip()[:NEAR_HEAD], heads, scorer=fuzz.ratio, score_cutoff=score)
        if alike is not None and alike[1] > score:
            best, score = batch + alike[2], alike[1]
    if best < 0:
        return ""
    start = max(0, best - wanted.index(first))
    passage = "".join(lines[start : start + len(wanted)]).rstrip("\n")
    return f" The nearest text, at line {start + 1}, is:\n{shorten(passage, NEAR_CHARACTERS)}\n"
