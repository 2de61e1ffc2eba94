"""Spots: places in a chat row that can be clicked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import unquote

LINK_SCHEMES = ("https://", "http://", "mailto:")

COPY_SCHEME = "copy:"
OPEN_SCHEME = "open:"
APPLY_SCHEME = "apply:"
"""A link `copy:N` stands for “copy the Nth code block”, the others for opening and applying it; none leaves the window.

No message can hold such a link: `address` lets none through.
"""

FILE_SCHEME = "file-here:"
"""A link `file-here:PATH` stands for a file of the run's workspace; Markdown writes it as a relative link."""

_FILE = re.compile(r"(?P<path>[^/#:][^:]*?)(?::(?P<line>\d+)(?:[:-]\d+)?|#L(?P<anchor>\d+)(?:-L?\d+)?)?")


class SpotKind(StrEnum):
    """What a click does."""

    FOLD = "fold"
    LINK = "link"
    FILE = "file"
    COPY = "copy"
    SHOW = "show"
    APPLY = "apply"
    REVIEW = "review"


@dataclass(frozen=True, slots=True)
class Spot:
    """One such place; `value` is the address, path or text it stands for, `line` where in a file (0: anywhere).

    `language` is that of code.
    """

    kind: SpotKind
    value: str = ""
    line: int = 0
    language: str = ""


_ON_CODE = {COPY_SCHEME: SpotKind.COPY, OPEN_SCHEME: SpotKind.SHOW, APPLY_SCHEME: SpotKind.APPLY}


def address(target: str) -> str:
    """The address under which a link that an agent wrote is shown; empty when it leads nowhere one may go."""
    if target.lower().startswith(LINK_SCHEMES):
        return target
    found = _FILE.fullmatch(target)
    if found is None or (found["line"] and not re.search(r"[./]", found["path"])):
        # `localhost:3000` and `tel:112` are no files, though they look like `cart.py:12`.
        return ""
    return f"{FILE_SCHEME}{target}"


def spot_at(address: str, code: Sequence[str], languages: Sequence[str] = ()) -> Spot | None:
    """What an address in a message stands for; `code` is the message's code blocks in order, in these languages."""
    for scheme, kind in _ON_CODE.items():
        if address.startswith(scheme):
            number = int(address.removeprefix(scheme))
            language = languages[number] if number < len(languages) and kind is SpotKind.SHOW else ""
            return Spot(kind, code[number], language=language)
    if not address.startswith(FILE_SCHEME):
        return Spot(SpotKind.LINK, address) if address else None
    found = _FILE.fullmatch(address.removeprefix(FILE_SCHEME))
    path = unquote(found["path"]) if found is not None else ""
    if found is None or "\0" in path:
        return None
    return Spot(SpotKind.FILE, path.removeprefix("./"), int(found["line"] or found["anchor"] or 0))


def spots_of_code(code: Sequence[str], languages: Sequence[str]) -> list[Spot]:
    """What can be done with each code block of a message."""
    addresses = (f"{scheme}{number}" for number in range(len(code)) for scheme in _ON_CODE)
    return [spot for address in addresses if (spot := spot_at(address, code, languages)) is not None]
