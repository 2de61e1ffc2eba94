"""Role sheets: TOML read field by field, with every fault noted beside its line instead of raised."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from difflib import get_close_matches
from typing import Any

from studio.base.text import shorten, shown
from studio.base.toml import read_foreign_toml
from studio.domain.roles import RoleProblem

PROBLEMS_MAX = 20
"""How many problems of one file are told; whoever mends those sees the rest."""

ENTRIES_MAX = 64
"""How many entries a list may have."""

_LINE = re.compile(r"\(at line (\d+), column \d+\)$")
_HEADER = re.compile(r"\s*(\[\[?)\s*([\w-]+)\s*\]\]?")
_MISSING: Any = object()


class Sheet:
    """One TOML file of a role: its top table, and the problems that were found on the way."""

    def __init__(self, file: str, role: str, data: bytes) -> None:
        self.file = file
        self.role = role
        self.problems: list[RoleProblem] = []
        self._lines: list[str] = []
        self.top = Table(self, self._parsed(data), "")

    def wrong(
        self, sentence: str, hint: str = "", field: str = "", line: int | None = None, holding: str = "", file: str = ""
    ) -> None:
        """Notes a problem; where no line is given, that of the field is looked for, or of what it holds."""
        if len(self.problems) >= PROBLEMS_MAX:
            return
        at = line or (self.line_of(field, holding) if field else None)
        self.problems.append(RoleProblem(file or self.file, self.role, sentence, hint, field, at))

    def line_of(self, field: str, holding: str = "") -> int | None:
        """The line in which a field, or this text at or below it, stands; where its table begins when it is missing."""
        table, _, key = field.rpartition(".")
        found: int | None = None
        for number, where, text in self._walk():
            if where == table and re.match(rf"""\s*["']?{re.escape(key)}["']?\s*[=.]""", text):
                found = number
                break
            if table and where == table and found is None:
                found = number
            if not table and (header := _HEADER.match(text)) and header[2] == key:
                found = number
                break
        if found is None or not holding:
            return found
        below = range(found, len(self._lines) + 1)
        return next((number for number in below if holding in self._lines[number - 1]), found)

    def _walk(self) -> Iterable[tuple[int, str, str]]:
        """Every line outside of long strings with its number and its table, such as `limits` or `result[2]`."""
        table, counts, closing = "", dict[str, int](), ""
        for number, line in enumerate(self._lines, 1):
            if closing:
                closing = "" if closing in line else closing
                continue
            if header := _HEADER.match(line):
                table = header[2]
                if header[1] == "[[":
                    counts[table] = counts.get(table, 0) + 1
                    table = f"{table}[{counts[table]}]"
            yield number, table, line
            closing = next((quotes for quotes in ('"""', "'''") if line.count(quotes) % 2), "")

    def _parsed(self, data: bytes) -> dict[str, Any]:
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError as error:
            self.wrong("This is not UTF-8 text.", line=data.count(b"\n", 0, error.start) + 1)
            return {}
        self._lines = text.replace("\r\n", "\n").split("\n")
        try:
            return read_foreign_toml(text)
        except RecursionError:
            self.wrong("This is nested too deep.")
        # Besides its own error, the parser lets out that of a number with thousands of digits.
        except ValueError as error:
            said = str(error)
            found = _LINE.search(said)
            what = shown(_LINE.sub("", said).strip().rstrip("."))
            self.wrong(f"This is no TOML: {what}.", line=int(found[1]) if found else None)
        return {}


class Table:
    """One table of a sheet. What is asked for is known; `close` reports all that nobody asked for."""

    def __init__(self, sheet: Sheet, data: dict[str, Any], path: str) -> None:
        self._sheet = sheet
        self._data = data
        self._path = path
        self._known: list[str] = []

    def __contains__(self, key: str) -> bool:
        return key in self._data

    def is_text(self, key: str) -> bool:
        """Whether a field that may be several things is a text here."""
        return isinstance(self._data.get(key), str)

    def wrong(self, key: str, sentence: str, hint: str = "", holding: str = "") -> None:
        """Notes a problem of one field."""
        field = self._named(key)
        self._sheet.wrong(sentence, hint, field, holding=holding)

    def text(self, key: str, usual: str | None = None, longest: int = 80, *, several_lines: bool = False) -> str:
        """A text that is not empty and, unless it may have several lines, hides nothing; `usual` when it is absent."""
        value = self._value(key, usual)
        if value is _MISSING or value is usual:
            return usual or ""
        if not isinstance(value, str):
            self.wrong(key, "This must be a text in quotes.")
        elif not value.strip():
            self.wrong(key, "This is empty.")
        elif len(value) > longest:
            self.wrong(key, f"This is longer than {longest} characters.")
        elif not several_lines and shown(value) != value:
            self.wrong(key, "This holds hidden characters or several lines.")
        else:
            return value.strip()
        return ""

    def number(self, key: str, usual: float | None, most: float, *, whole: bool = False) -> float | None:
        """A number above 0 and at most `most`; `usual` when it is absent."""
        value = self._value(key, usual, required=False)
        if value is None or value is usual:
            return usual
        is_number = isinstance(value, int if whole else int | float) and not isinstance(value, bool)
        if not is_number or not 0 < value <= most:
            self.wrong(key, f"This must be a {'whole ' if whole else ''}number above 0 and at most {most:g}.")
            return usual
        return float(value)

    def yes_no(self, key: str, usual: bool) -> bool:
        """`true` or `false`; `usual` when it is absent."""
        value = self._value(key, usual, required=False)
        if not isinstance(value, bool):
            self.wrong(key, "This must be true or false, without quotes.")
            return usual
        return value

    def choice(self, key: str, options: Collection[str], usual: str | None = None) -> str:
        """One of the options; the first one when it is wrong, which is noted."""
        value = self.text(key, usual)
        if value in options:
            return value
        if value:
            self.wrong(key, f"“{shown(shorten(value, 40))}” is none of {', '.join(options)}.", _near(value, options))
        return next(iter(options))

    def texts(
        self, key: str, usual: tuple[str, ...] | None = None, known: Collection[str] = (), what: str = ""
    ) -> tuple[str, ...]:
        """A list of different texts, where `known` is given only of those; `usual` when it is absent."""
        value = self._value(key, usual)
        if value is _MISSING or value is usual:
            return usual or ()
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            self.wrong(key, "This must be a list of texts in quotes.")
            return ()
        if len(value) > ENTRIES_MAX:
            self.wrong(key, f"This has more than {ENTRIES_MAX} entries.")
            return ()
        for each in value:
            called = shown(shorten(each, 40))
            if known and each not in known:
                hint = _near(each, known) or f"There are: {', '.join(known)}."
                self.wrong(key, f"There is no {what} “{called}”.", hint, holding=each)
            elif value.count(each) > 1 or not each.strip() or len(each) > 80 or shown(each) != each:
                self.wrong(key, f"“{called}” is empty, too long, there twice or holds hidden characters.")
                break
        return tuple(value)

    def table(self, key: str) -> Table:
        """The table of this name, empty when it is absent."""
        value = self._value(key, {}, required=False)
        if not isinstance(value, dict):
            self.wrong(key, f"This must be a table: [{key}]")
            value = {}
        return Table(self._sheet, value, self._named(key))

    def tables(self, key: str) -> tuple[Table, ...]:
        """All tables of a list of tables, none when it is absent."""
        value = self._value(key, [], required=False)
        if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
            self.wrong(key, f"Each of these must be a table: [[{key}]]")
            return ()
        if len(value) > ENTRIES_MAX:
            self.wrong(key, f"This has more than {ENTRIES_MAX} entries.")
            return ()
        return tuple(Table(self._sheet, each, f"{key}[{number}]") for number, each in enumerate(value, 1))

    def close(self) -> None:
        """Notes every field that nobody asked for, with the nearest that there is."""
        for key in self._data:
            if key not in self._known:
                hint = _near(key, self._known) or f"There are: {', '.join(self._known)}."
                self.wrong(shown(shorten(key, 40)), "There is no such field.", hint)

    def _value(self, key: str, usual: Any, *, required: bool = True) -> Any:
        self._known.append(key)
        if key in self._data:
            return self._data[key]
        if usual is None and required:
            self.wrong(key, "This is missing.", "Add it.")
            return _MISSING
        return usual

    def _named(self, key: str) -> str:
        return f"{self._path}.{key}" if self._path else key


def _near(word: str, known: Collection[str]) -> str:
    found = get_close_matches(word[:80], known, 1)
    return f"Did you mean {found[0]}?" if found else ""
