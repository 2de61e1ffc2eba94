"""Redactor: keeps known secret values out of everything that is saved or shown."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote, quote_plus

MARK = "[redacted]"

SHORTEST = 6
"""Values with fewer characters are no secrets worth the name, and would blank out ordinary words."""

_PERCENT = re.compile("%[0-9A-F]{2}")


class Redactor:
    """Replaces secret values by `MARK`, also when they come base64-, hex-, URL- or JSON-encoded."""

    def __init__(self, values: Iterable[str] = ()) -> None:
        self._forms: tuple[str, ...] = ()
        self._pattern: re.Pattern[str] | None = None
        self._firsts: frozenset[str] = frozenset()
        for value in values:
            self.add(value)

    def add(self, value: str) -> None:
        """From now on keeps `value` out too; values shorter than `SHORTEST` are left alone."""
        if len(value.strip()) < SHORTEST:
            return
        forms = {*self._forms, *_forms_of(value), *_forms_of(value.strip())}
        # Longest first: a form that is part of a longer one must not tear it apart.
        self._forms = tuple(sorted(forms, key=lambda form: (-len(form), form)))
        self._pattern = re.compile("|".join(map(re.escape, self._forms)))
        self._firsts = frozenset(form[0] for form in self._forms)

    def text(self, text: str) -> str:
        """`text` with every form of every known value replaced."""
        for form in self._forms:
            if form in text:
                text = text.replace(form, MARK)
        return text

    def settled(self, text: str) -> tuple[str, str]:
        """What of `text` can be shown whatever follows, redacted, and the rest as it is: maybe a secret's start."""
        if self._pattern is None:
            return text, ""
        clean, at = list[str](), 0
        held = self._held(text, at)
        while (found := self._pattern.search(text, at)) and found.start() < held:
            clean += (text[at : found.start()], MARK)
            at = found.end()
            held = self._held(text, at)
        clean.append(text[at:held])
        return "".join(clean), text[held:]

    def _held(self, text: str, start: int) -> int:
        """Where the earliest end piece begins that could still grow into a secret; the text's end when none does."""
        for at in range(max(start, len(text) - len(self._forms[0]) + 1), len(text)):
            if text[at] in self._firsts and any(
                len(form) > len(text) - at and form.startswith(text[at:]) for form in self._forms
            ):
                return at
        return len(text)

    def data(self, value: Any) -> Any:
        """The same JSON value with all its strings redacted, keys included."""
        return self._walk(value) if self._forms else value

    def _walk(self, value: Any) -> Any:
        match value:
            case str():
                return self.text(value)
            case dict():
                return {self.text(key): self._walk(item) for key, item in value.items()}
            case list() | tuple():
                return [self._walk(item) for item in value]
            case _:
                return value


def _forms_of(value: str) -> Iterator[str]:
    raw = value.encode("utf-8", "surrogatepass")
    yield value
    yield raw.hex()
    yield raw.hex().upper()
    for escaped in (json.dumps(value), json.dumps(value, ensure_ascii=False)):
        yield escaped[1:-1]
        yield json.dumps(escaped)[3:-3]  # JSON within JSON: a tool call's arguments, logged
    for quoted in (quote(raw, safe=""), quote(raw), quote_plus(raw)):
        yield quoted
        yield _PERCENT.sub(lambda found: found[0].lower(), quoted)
    for offset in range(3):
        within = _base64_within(raw, offset)
        yield within
        yield within.replace("+", "-").replace("/", "_")


def _base64_within(raw: bytes, offset: int) -> str:
    """What only `raw` decides of a longer text's base64, when `offset` (0 to 2) bytes of a group precede it."""
    encoded = base64.b64encode(b"\0" * offset + raw).decode("ascii")
    return encoded[-(-offset * 8 // 6) : (offset + len(raw)) * 8 // 6]
