"""Fitting: the hunks of a patch, each put where exactly its lines stand, or a word on why there is no such place."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from studio.base.text import shorten
from studio.domain.errors import UserError
from studio.tools.passages import line_of, near
from studio.tools.patch import Hunk

EXPECTED_CHARACTERS = 1500
_PLACES = 10


def patched(text: str, path: str, hunks: Sequence[Hunk]) -> str:
    """The text with every hunk in its place. Raises UserError, worded for the model, for one that has none.

    A hunk's place is the line it names when its old lines stand there, else the only place below the hunk before
    it where they do. They are compared letter by letter. A file whose lines all end in CR LF keeps that, and one
    without a line end after its last line stays without, when the patch says nothing about either.
    """
    text, hunks, lacks = _with_same_ends(text, hunks)
    fitter = _Fitter(text, path)
    pieces: list[str] = []
    at = 0
    for number, hunk in enumerate(hunks, 1):
        place = fitter.place(number, hunk, at)
        pieces += text[at:place], hunk.new
        at = place + len(hunk.old)
    pieces.append(text[at:])
    return "".join(pieces).removesuffix(lacks)


def already_patched(text: str, path: str, hunks: Sequence[Hunk]) -> bool:
    """Whether the text is what the hunks make of something: taken back and put in again, they give it once more."""
    back = [replace(hunk, old=hunk.new, new=hunk.old, old_line=hunk.new_line, new_line=hunk.old_line) for hunk in hunks]
    try:
        return patched(patched(text, path, back), path, hunks) == text
    except UserError:
        return False


def _with_same_ends(text: str, hunks: Sequence[Hunk]) -> tuple[str, Sequence[Hunk], str]:
    """Text and hunks with the same kind of line ends, and what the text lacks after its last line."""
    end = "\n"
    says_cr = any("\r" in hunk.old or "\r" in hunk.new for hunk in hunks)
    if "\r\n" in text and text.count("\n") == text.count("\r\n") and not says_cr:
        end = "\r\n"
        hunks = [replace(hunk, old=hunk.old.replace("\n", end), new=hunk.new.replace("\n", end)) for hunk in hunks]
    says_none = any(part and not part.endswith("\n") for hunk in hunks for part in (hunk.old, hunk.new))
    lacks = end if text and not text.endswith("\n") and not says_none else ""
    return text + lacks, hunks, lacks


class _Fitter:
    """Finds places in one text; a place is where a line begins."""

    def __init__(self, text: str, path: str) -> None:
        self._text, self._path = text, path
        # With a line end before it, every line begins where one stands, the first one too.
        self._ended = f"\n{text}"
        self._starts = [found.start() for found in re.finditer("\n", self._ended)]

    def place(self, number: int, hunk: Hunk, least: int) -> int:
        """Where the hunk belongs, not before `least`. Raises UserError."""
        stated = self._stated(hunk)
        if stated is not None and stated >= least and self._fits(hunk, stated):
            return stated
        if not hunk.old:
            raise self._wrong(number, hunk, "has no line to find its place by", "Give it lines of context.")
        found = self._places(hunk, least)
        if len(found) == 1:
            return found[0]
        if found:
            lines = ", ".join(str(line_of(self._text, at)) for at in found)
            raise self._wrong(
                number, hunk, f"fits at lines {lines}", "Give the right line in its header, or more lines of context."
            )
        if before := self._places(hunk, 0):
            line = line_of(self._text, before[0])
            raise self._wrong(number, hunk, f"belongs to line {line}, above the hunk before it", "Send them in order.")
        expected = shorten(hunk.old.rstrip("\n"), EXPECTED_CHARACTERS)
        nearest = near(self._text, hunk.old).strip() or "Nothing like it is there."
        raise self._wrong(
            number,
            hunk,
            f"does not fit. It expects:\n{expected}\n{nearest}\n",
            "Read the file and copy its lines exactly.",
        )

    def _stated(self, hunk: Hunk) -> int | None:
        """Where the line begins that the header names; without old lines it names the one before."""
        if hunk.old_line is None:
            return None
        index = hunk.old_line - 1 if hunk.old else hunk.old_line
        return self._starts[index] if 0 <= index < len(self._starts) else None

    def _places(self, hunk: Hunk, least: int) -> list[int]:
        found: list[int] = []
        at = self._ended.find(f"\n{hunk.old}", least)
        while at >= 0 and len(found) < _PLACES:
            if self._fits(hunk, at):
                found.append(at)
            at = self._ended.find(f"\n{hunk.old}", at + 1)
        return found

    def _fits(self, hunk: Hunk, at: int) -> bool:
        """Whether whole lines are replaced by whole lines; only the last of the file may lack its end."""
        if not self._text.startswith(hunk.old, at):
            return False
        unended = any(part and not part.endswith("\n") for part in (hunk.old, hunk.new))
        return not unended or at + len(hunk.old) == len(self._text)

    def _wrong(self, number: int, hunk: Hunk, what: str, action: str) -> UserError:
        stop = "" if what.endswith("\n") else "."
        return UserError(f"Hunk {number} of {self._path} ({hunk.header}) {what}{stop}", action)
