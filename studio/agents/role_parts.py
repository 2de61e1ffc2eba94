"""Parts: text that several prompts share, joined in where a line says `@include NAME`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from studio.base.text import shorten, shown

PROMPT_CHARACTERS = 32_000
"""How long a prompt may be with all its parts."""

INCLUDES_MAX = 100
"""How many parts one prompt may take in, parts of parts included."""

NAME = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
"""What roles and parts are called: no such name leads anywhere but to a file beside."""

_INCLUDE = re.compile(r"@include(?:[ \t]+(.*?))?[ \t]*")


@dataclass(frozen=True, slots=True)
class Part:
    """One part: the file it is in, and its text or why that was not read."""

    file: str
    text: str = ""
    unread: str = ""


class PartFault(Exception):
    """A prompt could not be put together: what is wrong in which line of which part; no file for the prompt itself."""

    def __init__(self, sentence: str, hint: str, file: str, line: int) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.hint = hint
        self.file = file
        self.line = line


def expand(text: str, parts: Mapping[str, Part]) -> str:
    """`text` with every part in its place. Raises PartFault."""
    return "\n".join(_Expansion(parts).lines(text, "", ()))


class _Expansion:
    def __init__(self, parts: Mapping[str, Part]) -> None:
        self._parts = parts
        self._includes = 0
        self._room = PROMPT_CHARACTERS

    def lines(self, text: str, file: str, inside: tuple[str, ...]) -> list[str]:
        lines: list[str] = []
        for number, line in enumerate(text.split("\n"), 1):
            if include := _INCLUDE.fullmatch(line):
                name = include[1] or ""
                if fault := self._fault(name, inside):
                    raise PartFault(*fault, file, number)
                self._includes += 1
                part = self._parts[name]
                lines += self.lines(part.text.strip("\n"), part.file, (*inside, name))
                continue
            self._room -= len(line) + 1
            if self._room < 0:
                raise PartFault(f"The prompt is longer than {PROMPT_CHARACTERS} characters.", "", file, number)
            lines.append(line)
        return lines

    def _fault(self, name: str, inside: tuple[str, ...]) -> tuple[str, str] | None:
        """What is wrong with including `name` here, and what to do about it."""
        called = shown(shorten(name, 60))
        if not NAME.fullmatch(name):
            return (f"“{called}” is no name of a part.", "Write the name alone: @include where-you-are")
        if name in inside:
            return (f"The part “{name}” includes itself: {' → '.join((*inside, name))}.", "")
        if name not in self._parts:
            near = get_close_matches(called, self._parts, 1)
            hint = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(sorted(self._parts))}."
            return (f"There is no part “{called}”.", hint)
        if unread := self._parts[name].unread:
            return (f"The part “{name}” {unread}.", "")
        if self._includes >= INCLUDES_MAX:
            return (f"The prompt includes more than {INCLUDES_MAX} parts.", "")
        return None
