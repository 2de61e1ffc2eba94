"""The difference: the lines that a file lost and gained by being written anew, for people."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from rapidfuzz import distance

DIFFERENCE_CHARACTERS = 8000
LINE_CHARACTERS = 400
MOST_LINES = 5000
"""Of a text with more lines nobody looks for those that stayed."""

_BETWEEN = "  …"


@dataclass(frozen=True, slots=True)
class Difference:
    """How many lines came and went, and `text`: those taken out after `- `, put in after `+ `, of bounded length.

    A line of dots stands between passages.
    """

    text: str
    added: int
    removed: int


def difference(before: str, after: str) -> Difference:
    """What leads from one text to the other."""
    lines = [line if len(line) <= LINE_CHARACTERS else f"{line[:LINE_CHARACTERS]}…" for line in _lines(before, after)]
    signs = [line[0] for line in lines]
    return Difference(_bounded(lines), signs.count("+"), signs.count("-"))


def _bounded(lines: list[str]) -> str:
    told, room = list[str](), DIFFERENCE_CHARACTERS
    for at, line in enumerate(lines):
        room -= len(line) + 1
        if room < 0:
            return "\n".join([*told, f"{_BETWEEN} {len(lines) - at} more lines"])
        told.append(line)
    return "\n".join(told)


def _lines(before: str, after: str) -> Iterator[str]:
    old, new = before.splitlines(), after.splitlines()
    if max(len(old), len(new)) > MOST_LINES:
        yield from (*(f"- {line}" for line in old), *(f"+ {line}" for line in new))
        return
    is_first = True
    for is_equal, passage in groupby(distance.Indel.opcodes(old, new), key=lambda step: step.tag == "equal"):
        if is_equal:
            continue
        if not is_first:
            yield _BETWEEN
        is_first = False
        steps = list(passage)
        for step in steps:
            yield from (f"- {line}" for line in old[step.src_start : step.src_end])
        for step in steps:
            yield from (f"+ {line}" for line in new[step.dest_start : step.dest_end])
