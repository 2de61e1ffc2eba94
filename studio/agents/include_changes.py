"""What differs between two texts of .worktreeinclude, line by line, as far as it can put in another file."""

from __future__ import annotations

import difflib

_COMPARED = 300
"""Texts with more lines than this that differ are told as one that went and one that came: finer takes too long."""


def lines_of(text: bytes) -> tuple[str, ...]:
    """The lines that git reads patterns from, exactly as they are: no comments, none that is empty."""
    lines = (line.removesuffix("\r") for line in text.decode("utf-8", "surrogateescape").split("\n"))
    return tuple(line for line in lines if line.strip(" ") and not line.startswith("#"))


def changes_between(agreed: tuple[str, ...], asked: tuple[str, ...]) -> tuple[str, ...]:
    """Every line of both in their order, each begun with `+ ` (came), `- ` (went) or two spaces.

    One that has another place now went and came, as the last line that matches a file decides. Empty where no file
    is put in that was not before: nothing is changed, or lines went that only named files. Blocks.
    """
    told = _compared(agreed, asked)
    return told if any(line.startswith("+ ") or line.startswith("- !") for line in told) else ()


def _compared(agreed: tuple[str, ...], asked: tuple[str, ...]) -> tuple[str, ...]:
    if agreed != asked and max(len(agreed), len(asked)) > _COMPARED:
        return *(f"- {line}" for line in agreed), *(f"+ {line}" for line in asked)
    told: list[str] = []
    for what, was, was_end, now, now_end in difflib.SequenceMatcher(None, agreed, asked, autojunk=False).get_opcodes():
        if what == "equal":
            told += (f"  {line}" for line in asked[now:now_end])
        else:
            told += (f"- {line}" for line in agreed[was:was_end])
            told += (f"+ {line}" for line in asked[now:now_end])
    return tuple(told)
