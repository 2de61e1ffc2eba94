"""Source maps: from a place in what the browser runs back to the place in the source that it was made from."""

from __future__ import annotations

import json
import posixpath
import re
from array import array
from bisect import bisect_right
from dataclasses import dataclass
from itertools import chain
from typing import Any

MAP_BYTES = 2 << 20
"""A map over this is not read, nor a script that is to name one."""

_DIGITS = {sign: value for value, sign in enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")}
_MORE = 32
_LONGEST_NUMBER = 7
_NUMBERS = 5
_MOST_VALUES = 60_000
_MAP_WEIGHT, _TEXT_WEIGHT = 1000, 64
_SOURCE_CHARACTERS = 2000
_SORTED_HERE = 10_000
"""Segments of a line come in order; so many that do not are put in order, which keeps all else waiting."""
_STRING = re.compile(r'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
_TOO_MANY = "The source map holds too many values."
_UNREADABLE = "The mappings of the source map cannot be read."


@dataclass(frozen=True, slots=True)
class Original:
    """A place in a source, as the map names it; line and column count from 1."""

    source: str
    line: int
    column: int
    name: str = ""


class SourceMap:
    """A map of version 3, also one made of sections, kept small."""

    def __init__(self, said: dict[str, Any]) -> None:
        """Raises ValueError for mappings that cannot be read."""
        root = said.get("sourceRoot")
        self._root = root if isinstance(root, str) and len(root) <= _SOURCE_CHARACTERS else ""
        self._sources = _texts(said.get("sources"))
        self._names = _texts(said.get("names"))
        mappings = said.get("mappings")
        self._mapped = _Mapped(mappings if isinstance(mappings, str) else "")
        self._sections = _sections(said)

    @classmethod
    def parse(cls, text: str) -> SourceMap:
        """The map that a server sent. Raises ValueError for what is none, or is made to be costly."""
        # A guard that some servers put before it keeps it from being run as a script.
        text = text.removeprefix(")]}'").lstrip("\n") if text.startswith(")]}'") else text
        _require_small(text)
        try:
            said = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise ValueError("The source map is no JSON.") from error
        if not isinstance(said, dict):
            raise ValueError("The source map is no JSON object.")
        return cls(said)

    @property
    def weight(self) -> int:
        """About how many bytes of memory it takes."""
        texts = sum(_TEXT_WEIGHT + len(text) for texts in (self._sources, self._names) for text in texts)
        return _MAP_WEIGHT + texts + self._mapped.weight + sum(section.weight for _, _, section in self._sections)

    def original(self, line: int, column: int) -> Original | None:
        """Where `line` and `column`, counted from 1, come from; None where the map does not know."""
        for first_line, first_column, section in reversed(self._sections):
            if (line, column) >= (first_line, first_column):
                shift = first_column - 1 if line == first_line else 0
                return section.original(line - first_line + 1, column - shift)
        found = self._mapped.at(line, column)
        if found is None or not 0 <= found[0] < len(self._sources):
            return None
        source, found_line, found_column, name = found
        called = self._names[name] if 0 <= name < len(self._names) else ""
        return Original(self._source(self._sources[source]), found_line + 1, found_column + 1, called)

    def _source(self, source: str) -> str:
        return posixpath.join(self._root, source) if self._root and "://" not in source else source


class _Mapped:
    """The places of a map's mappings, five numbers each: column, source, line, column, name, all from 0."""

    def __init__(self, mappings: str) -> None:
        """Raises ValueError for mappings that cannot be read."""
        self._numbers = array("i")
        self._starts = array("i", [0])
        place = [0, 0, 0, 0]
        try:
            for text in mappings.split(";"):
                self._read_line(text, place)
                self._starts.append(len(self._numbers) // _NUMBERS)
        except OverflowError as error:
            raise ValueError(_UNREADABLE) from error

    @property
    def weight(self) -> int:
        return self._numbers.itemsize * (len(self._numbers) + len(self._starts))

    def at(self, line: int, column: int) -> tuple[int, int, int, int] | None:
        """Source, line, column and name of what is mapped at or before a place, both counted from 1."""
        if not 0 < line < len(self._starts):
            return None
        first, last = self._starts[line - 1], self._starts[line]
        if first == last:
            return None
        at = bisect_right(range(last), column - 1, first, last, key=lambda one: self._numbers[_NUMBERS * one]) - 1
        # What the browser names may be the beginning of a line of which only later parts were mapped.
        begin = _NUMBERS * max(first, at)
        source, found_line, found_column, name = self._numbers[begin + 1 : begin + _NUMBERS]
        return source, found_line, found_column, name

    def _read_line(self, text: str, place: list[int]) -> None:
        """Reads one line's segments that lead to a source; `place` is the one before, which they are relative to."""
        here, before, is_sorted, first = 0, 0, True, len(self._numbers)
        for packed in text.split(",") if text else ():
            numbers = _numbers(packed)
            here += numbers[0]
            if len(numbers) < _NUMBERS - 1:
                continue
            for index, number in enumerate(numbers[1:]):
                place[index] += number
            self._numbers.extend((here, *place[:3], place[3] if len(numbers) == _NUMBERS else -1))
            is_sorted, before = is_sorted and here >= before, here
        if not is_sorted:
            line = self._numbers[first:]
            if len(line) > _NUMBERS * _SORTED_HERE:
                raise ValueError(_UNREADABLE)
            segments = [line[at : at + _NUMBERS] for at in range(0, len(line), _NUMBERS)]
            segments.sort(key=lambda segment: segment[0])
            self._numbers[first:] = array("i", chain.from_iterable(segments))


def _require_small(text: str) -> None:
    """Raises ValueError for a text of very many values, which JSON would make all at once, with all else standing."""
    if len(text) > MAP_BYTES:
        raise ValueError("The source map is too large.")
    values = end = 0
    for number, found in enumerate(_STRING.finditer(text)):
        values += sum(text.count(sign, end, found.start()) for sign in "[{,")
        end = found.end()
        if values > _MOST_VALUES or number > 2 * _MOST_VALUES:  # of a pair both may be texts
            raise ValueError(_TOO_MANY)
    values += sum(text.count(sign, end) for sign in "[{,")
    if values > _MOST_VALUES:
        raise ValueError(_TOO_MANY)


def _texts(listed: Any) -> tuple[str, ...]:
    if not isinstance(listed, list):
        return ()
    return tuple(one if isinstance(one, str) and len(one) <= _SOURCE_CHARACTERS else "" for one in listed)


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


def _numbers(packed: str) -> list[int]:
    """Numbers of any size in base 64, the sign in the lowest bit; raises ValueError."""
    numbers: list[int] = []
    value = shift = 0
    for sign in packed:
        digit = _DIGITS.get(sign)
        if digit is None or shift > 5 * _LONGEST_NUMBER or len(numbers) == _NUMBERS:
            raise ValueError(_UNREADABLE)
        value |= (digit & (_MORE - 1)) << shift
        if digit & _MORE:
            shift += 5
            continue
        numbers.append(-(value >> 1) if value & 1 else value >> 1)
        value = shift = 0
    if shift or not numbers:
        raise ValueError(_UNREADABLE)
    return numbers
