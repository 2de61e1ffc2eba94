"""Finds every match of a pattern in a text."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRegularExpression

MOST_MATCHES = 10_000
"""Matches beyond this are not looked for."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for."""

    pattern: str
    case: bool = False
    regex: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """Where it is: start and end of every match as UTF-8 byte offsets, in order.

    `problem` says in one sentence why the pattern cannot be used; `more` that matches beyond the cap exist.
    """

    spans: tuple[tuple[int, int], ...] = ()
    problem: str = ""
    more: bool = False


def find_all(text: str, wanted: Wanted) -> Found:
    """All matches of `wanted` that are not empty, up to the cap.

    Qt's engine gives up on a pattern that backtracks without end, where Python's would hang the window.
    """
    if not wanted.pattern:
        return Found()
    pattern = wanted.pattern if wanted.regex else QRegularExpression.escape(wanted.pattern)
    expression = QRegularExpression(pattern, _options(wanted))
    if not expression.isValid():
        return Found(problem=f"This expression cannot be read: {expression.errorString()}.")
    spans: list[tuple[int, int]] = []
    matches = expression.globalMatch(text)
    while matches.hasNext() and len(spans) < MOST_MATCHES:
        match = matches.next()
        if match.capturedLength():
            spans.append((match.capturedStart(), match.capturedEnd()))
    return Found(tuple(_to_bytes(text, spans)), more=matches.hasNext())


def next_span(found: Found, position: int) -> int:
    """The index of the first match that starts at `position` or after it, around the end; -1 when there is none."""
    if not found.spans:
        return -1
    return next((index for index, (start, _end) in enumerate(found.spans) if start >= position), 0)


def previous_span(found: Found, position: int) -> int:
    """The index of the last match that starts before `position`, around the start; -1 when there is none."""
    if not found.spans:
        return -1
    before = [index for index, (start, _end) in enumerate(found.spans) if start < position]
    return before[-1] if before else len(found.spans) - 1


def _options(wanted: Wanted) -> QRegularExpression.PatternOption:
    options = (
        QRegularExpression.PatternOption.MultilineOption | QRegularExpression.PatternOption.UseUnicodePropertiesOption
    )
    return options if wanted.case else options | QRegularExpression.PatternOption.CaseInsensitiveOption


def _to_bytes(text: str, spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    if text.isascii():
        return spans
    units = text.encode("utf-16-le")
    result: list[tuple[int, int]] = []
    seen = offset = 0
    for start, end in spans:
        offset += _utf8_length(units, seen, start)
        length = _utf8_length(units, start, end)
        result.append((offset, offset + length))
        offset, seen = offset + length, end
    return result


def _utf8_length(units: bytes, start: int, end: int) -> int:
    # A match may begin or end inside a surrogate pair; the lone half counts as the three bytes it would take.
    return len(units[2 * start : 2 * end].decode("utf-16-le", "surrogatepass").encode("utf-8", "surrogatepass"))
