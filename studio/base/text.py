"""Text: cutting it to size, and taking out what a person cannot see."""

from __future__ import annotations

import re

REMOVED = "\N{REPLACEMENT CHARACTER}"
"""Stands where `plain` took out characters that could deceive a reader."""

_ONE_LINE = 160
"""Below this many characters a marker in the middle would take more room than what it joins."""

_TERMINAL_SEQUENCE = re.compile(
    r"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?"  # operating system commands: titles, links, clipboard
    r"|\x1b[PX^_][^\x1b]*(?:\x1b\\)?"  # device control, privacy and application strings
    r"|[\x1b\x9b]\[?[0-?]*[ -/]*[@-~]"  # colours, cursor movements and other short sequences
)
_LINE_END = re.compile(r"\r+\n|\r")
_UNSEEN = re.compile(
    "["
    "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"  # control characters but tab and newline
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # text direction
    "\u00ad\u180e\u200b-\u200d\u2060-\u2064\ufeff"  # zero width
    "\U000e0000-\U000e007f"  # tags: invisible letters
    "]+"
)


def shorten(text: str, limit: int) -> str:
    """`text` itself, or its head and tail around a marker that counts what was left out.

    Never longer than `limit` characters. A short limit (a line in a list) keeps the head and ends in “…”.
    """
    if len(text) <= limit:
        return text
    if limit < _ONE_LINE:
        return text[: max(limit - 1, 0)] + "…"[: max(limit, 0)]
    room = limit - len(_marker(len(text)))
    head = room - room // 3
    tail = room - head
    return text[:head] + _marker(len(text) - head - tail) + text[-tail:]


def plain(text: str) -> str:
    """`text` without terminal sequences, control, direction and zero-width characters.

    Tabs and newlines stay, other line ends become newlines. Colours and cursor movements go without a
    trace; anything else that is taken out leaves one `REMOVED` behind, so that nobody is deceived.
    """
    if text.isascii() and text.isprintable():
        return text
    return _UNSEEN.sub(REMOVED, _LINE_END.sub("\n", _TERMINAL_SEQUENCE.sub("", text)))


def _marker(count: int) -> str:
    return f"\n… {count} characters left out …\n"
