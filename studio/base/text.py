"""Text: cutting it to size, and writing out or taking out what a person cannot see."""

from __future__ import annotations

import re
import unicodedata

REMOVED = "\N{REPLACEMENT CHARACTER}"
"""Stands where `plain` took out characters that could deceive a reader."""

_ONE_LINE = 160
"""Below this many characters a marker in the middle would take more room than what it joins."""

# What begins like a string but does not end on its line is none: taken out, it would take the rest of a text with it.
_TERMINAL_SEQUENCE = re.compile(
    r"\x1b\][^\x00-\x1f\x7f-\x9f]*(?:\x07|\x1b\\)"  # operating system commands: titles, links, clipboard
    r"|\x1b[PX^_][^\x00-\x1f\x7f-\x9f]*\x1b\\"  # device control, privacy and application strings
    r"|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # colours and cursor movements
    r"|\x1b[ -/]*[0-OQ-WYZ\\`-~]"  # other short sequences
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
_HALVES = re.compile("[\ud800-\udfff]")
_SIZES = ((10**12, "TB", 1), (10**9, "GB", 1), (10**6, "MB", 0), (10**3, "kB", 0))
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


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


def last_lines(text: str, most: int) -> tuple[str, int]:
    """The last `most` lines of a text, and how many stand before them; what follows the last line end is one too."""
    before, *kept = text.rsplit("\n", most)
    return ("\n".join(kept), before.count("\n") + 1) if len(kept) == most else (text, 0)


def plain(text: str) -> str:
    """`text` without terminal sequences, control, direction and zero-width characters.

    Tabs and newlines stay, other line ends become newlines. Complete terminal sequences go without a trace;
    anything else that is taken out leaves one `REMOVED` behind. For what is read; what a person says yes to
    is `shown`.
    """
    if text.isascii() and text.isprintable():
        return text
    return _UNSEEN.sub(REMOVED, _LINE_END.sub("\n", _TERMINAL_SEQUENCE.sub("", text)))


def whole(text: str) -> str:
    """`text` with `REMOVED` for each half of a character, which nothing that sends text as UTF-8 can send."""
    return text if text.isascii() else _HALVES.sub(REMOVED, text)


def shown(text: str) -> str:
    r"""`text` with everything that hides or reorders it written out, as in `a\u202eb`; nothing is taken out."""
    if text.isprintable():
        return text
    return "".join(_escaped(char) if unicodedata.category(char) in _HIDDEN else char for char in text)


def shown_lines(text: str) -> str:
    """As `shown`, but newlines and tabs stay what they are."""
    return "\n".join("\t".join(map(shown, line.split("\t"))) for line in text.split("\n"))


def sized(count: int) -> str:
    """A number of bytes for people, as disks and downloads count them: `940 MB`, `4.7 GB`."""
    for size, unit, digits in _SIZES:
        if count >= size:
            return f"{count / size:.{digits}f} {unit}"
    return f"{count} bytes"


def _escaped(char: str) -> str:
    return char.encode("unicode_escape", "surrogatepass").decode("ascii")


def _marker(count: int) -> str:
    return f"\n… {count} characters left out …\n"
