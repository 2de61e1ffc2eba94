"""Ways round: whether a call does again, by another way, what was denied."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence
from dataclasses import dataclass

from studio.domain.tools import CommandClass, Part, Sorted

_TARGETED = frozenset(CommandClass) - {CommandClass.READ, CommandClass.RUN, CommandClass.UNKNOWN}
"""Classes in which two commands on the same thing do the same, whatever programs they are."""

_HIDES = (CommandClass.RUN, CommandClass.UNKNOWN)
"""Classes that may do what no part of the line names."""

_WORD = re.compile(r"[\w@+./:-]+")
_LEAST = 3
"""Shorter words say too little to tell one act from another."""


@dataclass(frozen=True, slots=True)
class Act:
    """What one call does: its text, what that is sorted into, and what it writes where that is no part of the text."""

    text: str
    line: Sorted
    written: str = ""


def like(denied: Act, later: Act, between: Sequence[Act]) -> bool:
    """Whether `later` does what was denied, or may: directly, in a wrapper, by another program, or in a script.

    `between` is what was done after the denial, where such a script may have been written.
    """
    if later.text.strip() == denied.text.strip():
        return True
    acting = _acting(denied.line)
    if any(_same(one, other) for one in acting for other in later.line.parts):
        return True
    if later.line.kind not in _HIDES:
        return False
    names = [_names(part) for part in acting]
    texts = [later.text, *(act.written or act.text for act in between if _is_script_of(act, later))]
    return any(_holds(text, wanted) for text in texts for wanted in names if wanted)


def _acting(line: Sorted) -> list[Part]:
    """The parts for whose sake a line was denied: what does more than read, or all of it when nothing does."""
    return [part for part in line.parts if part.kind is not CommandClass.READ] or list(line.parts)


def _same(denied: Part, later: Part) -> bool:
    if denied.program and denied.program == later.program and denied.kind is later.kind:
        return denied.words[:1] == later.words[:1] or denied.key == later.key or denied.kind is not CommandClass.RUN
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


def _holds(text: str, wanted: frozenset[str]) -> bool:
    return wanted <= {word.lower() for word in _WORD.findall(text)}


def _is_script_of(written: Act, later: Act) -> bool:
    """Whether `later` names a file that `written` has changed."""
    files = {posixpath.basename(word) for part in written.line.parts if part.kind in _CHANGED for word in part.words}
    named = {posixpath.basename(word) for word in _WORD.findall(later.text)}
    return bool({file for file in files if len(file) >= _LEAST} & named)


_CHANGED = (CommandClass.WRITE,)
