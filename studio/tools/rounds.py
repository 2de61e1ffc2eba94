"""Ways round: whether a call does again, by another way, what was denied."""

from __future__ import annotations

import math
import posixpath
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from studio.domain.tools import CommandClass, Part, Sorted

_TARGETED = frozenset(CommandClass) - {CommandClass.READ, CommandClass.RUN, CommandClass.SERVER, CommandClass.UNKNOWN}
"""Classes in which two commands on the same thing do the same, whatever programs they are."""

_HIDES = (CommandClass.RUN, CommandClass.SERVER, CommandClass.UNKNOWN)
"""Classes that may do what no part of the line names."""

_MANY = (CommandClass.RUN, CommandClass.SERVER)
"""Classes in which one program does many things: what it is to do tells one act from another."""

_WORD = re.compile(r"[\w@+./:-]+")
_LEAST = 3
"""Shorter words say too little to tell one act from another."""


@dataclass(frozen=True, slots=True)
class Act:
    """What one call does: its text, what that is sorted into, and what it writes where that is no part of the text."""

    text: str
    line: Sorted
    written: str = ""


class WayRound:
    """Whether an act does what was denied, or may: directly, in a wrapper, by another program, or in a script.

    `others` is what else was asked for in the run, each with its place: behind a denial such a script may have been
    written. They are looked through once, however much was denied.
    """

    def __init__(self, act: Act, others: Iterable[tuple[int, Act]]) -> None:
        self._act = act
        self._texts: list[tuple[float, frozenset[str]]] = []
        if act.line.kind in _HIDES:
            named = {posixpath.basename(word) for word in _WORD.findall(act.text)}
            self._texts.append((math.inf, _words(act.text)))
            for place, other in others:
                if _writes(other, named):
                    self._texts.append((place, _words(other.written or other.text)))

    def leads_to(self, denied: Act, place: int) -> bool:
        """Whether it may do what was denied at this place."""
        if self._act.text.strip() == denied.text.strip():
            return True
        acting = _acting(denied.line)
        if any(_same(one, other) for one in acting for other in self._act.line.parts):
            return True
        names = [name for name in map(_names, acting) if name]
        texts = [words for at, words in self._texts if at > place]
        return any(name <= words for words in texts for name in names)


def _acting(line: Sorted) -> list[Part]:
    """The parts for whose sake a line was denied: what does more than read, or all of it when nothing does."""
    return [part for part in line.parts if part.kind is not CommandClass.READ] or list(line.parts)


def _same(denied: Part, later: Part) -> bool:
    if denied.program and denied.program == later.program and denied.kind is later.kind:
        return denied.words[:1] == later.words[:1] or denied.key == later.key or denied.kind not in _MANY
    if denied.kind is not later.kind or denied.kind not in _TARGETED:
        return False
    return bool(_things(denied) & _things(later))


def _things(part: Part) -> set[str]:
    """What a part does something to: its words but those that say what it is to do."""
    said = part.words[len(part.key) - 1 :] if len(part.key) > 1 else part.words
    return {posixpath.normpath(word) for word in said if len(word) >= _LEAST}


def _names(part: Part) -> frozenset[str]:
    """The words by which another text shows that it does the same: the program, and what it does or to what."""
    if not part.program:
        return frozenset(word.lower() for word in part.words if len(word) >= _LEAST)
    return frozenset(word.lower() for word in (part.program, *part.words[:1]))


def _words(text: str) -> frozenset[str]:
    return frozenset(word.lower() for word in _WORD.findall(text))


def _writes(written: Act, named: Collection[str]) -> bool:
    """Whether an act has changed a file of one of these names."""
    files = (posixpath.basename(word) for part in written.line.parts if part.kind in _CHANGED for word in part.words)
    return any(len(file) >= _LEAST and file in named for file in files)


_CHANGED = (CommandClass.WRITE,)
