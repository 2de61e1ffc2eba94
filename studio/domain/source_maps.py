"""Source maps: from a place in what the browser runs back to the place in the source that it was made from."""

from __future__ import annotations

import json
import posixpath
from bisect import bisect_right
from dataclasses import dataclass
from typing import Any

MAP_BYTES = 16 << 20
"""A map over this is not read."""

_DIGITS = {sign: value for value, sign in enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")}
_MORE = 32
_LONGEST_NUMBER = 7


@dataclass(frozen=True, slots=True)
class Original:
    """A place in a source, as the map names it; line and column count from 1."""

    source: str
    line: int
    column: int
    name: str = ""


class SourceMap:
    """A map of version 3, also one made of sections; what is asked for first is worked out then."""

    def __init__(self, said: dict[str, Any]) -> None:
        root = said.get("sourceRoot") if isinstance(said.get("sourceRoot"), str) else ""
        listed = said.get("sources")
        sources = [one if isinstance(one, str) else "" for one in listed] if isinstance(listed, list) else []
        self.sources = tuple(posixpath.join(str(root), one) if root and "://" not in one else one for one in sources)
        names = said.get("names")
        self._names = [one if isinstance(one, str) else "" for one in names] if isinstance(names, list) else []
        mappings = said.get("mappings")
        self._mappings = mappings if isinstance(mappings, str) else ""
        self._lines: list[list[tuple[int, int, int, int, int]]] | None = None
        self._sections = _sections(said)

    @classmethod
    def parse(cls, text: str) -> SourceMap:
        """The map that a server sent. Raises ValueError for what is none."""
        # A guard that some servers put before it keeps it from being run as a script.
        text = text.removeprefix(")]}'").lstrip("\n") if text.startswith(")]}'") else text
        try:
            said = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise ValueError("The source map is no JSON.") from error
        if not isinstance(said, dict):
            raise ValueError("The source map is no JSON object.")
        return cls(said)

    def original(self, line: int, column: int) -> Original | None:
        """Where `line` and `column`, counted from 1, come from; None where the map does not know.

        Raises ValueError for mappings that cannot be read.
        """
        for first_line, first_column, section in reversed(self._sections):
            if (line, column) >= (first_line, first_column):
                shift = first_column - 1 if line == first_line else 0
                return section.original(line - first_line + 1, column - shift)
        if self._lines is None:
            self._lines = _decoded(self._mappings)
        if not 0 < line <= len(self._lines):
            return None
        segments = self._lines[line - 1]
        at = bisect_right(segments, column - 1, key=lambda segment: segment[0]) - 1
        if at < 0:
            # What the browser names may be the beginning of a line of which only later parts were mapped.
            at = 0
        if not segments or not 0 <= segments[at][1] < len(self.sources):
            return None
        _, source, found_line, found_column, name = segments[at]
        called = self._names[name] if 0 <= name < len(self._names) else ""
        return Original(self.sources[source], found_line + 1, found_column + 1, called)


def _sections(said: dict[str, Any]) -> list[tuple[int, int, SourceMap]]:
    found = []
    listed = said.get("sections")
    for one in listed[:1000] if isinstance(listed, list) else ():
        offset, inner = (one.get("offset"), one.get("map")) if isinstance(one, dict) else (None, None)
        if isinstance(offset, dict) and isinstance(inner, dict) and "sections" not in inner:
            line, column = offset.get("line"), offset.get("column")
            if isinstance(line, int) and isinstance(column, int):
                found.append((line + 1, column + 1, SourceMap(inner)))
    return found


def _decoded(mappings: str) -> list[list[tuple[int, int, int, int, int]]]:
    """For each line its segments that lead to a source: column, source, line, column, name, all from 0."""
    lines = []
    source = line = column = name = 0
    for text in mappings.split(";"):
        here = 0
        segments = []
        for packed in text.split(",") if text else ():
            numbers = _numbers(packed)
            here += numbers[0]
            if len(numbers) < 4:
                continue
            source, line, column = source + numbers[1], line + numbers[2], column + numbers[3]
            name += numbers[4] if len(numbers) > 4 else 0
            segments.append((here, source, line, column, name if len(numbers) > 4 else -1))
        segments.sort(key=lambda segment: segment[0])
        lines.append(segments)
    return lines


def _numbers(packed: str) -> list[int]:
    """Numbers of any size in base 64, the sign in the lowest bit; raises ValueError."""
    numbers, value, shift = [], 0, 0
    for sign in packed:
        digit = _DIGITS.get(sign)
        if digit is None or shift > 5 * _LONGEST_NUMBER:
            raise ValueError("The mappings of the source map cannot be read.")
        value |= (digit & (_MORE - 1)) << shift
        if digit & _MORE:
            shift += 5
            continue
        numbers.append(-(value >> 1) if value & 1 else value >> 1)
        value = shift = 0
    if shift or not numbers:
        raise ValueError("The mappings of the source map cannot be read.")
    return numbers
