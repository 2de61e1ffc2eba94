"""A file name as it can be shown: whatever a name hides is written out."""

from __future__ import annotations

import unicodedata

_HIDDEN = frozenset({"Cc", "Cf", "Co", "Cn", "Cs", "Zl", "Zp"})


def shown(name: str) -> str:
    r"""`name` with every character that people cannot see written as `\n`, `\u202e` and the like.

    Bytes that are no UTF-8 (surrogates, as `os.fsdecode` makes them) become `\xff`.
    """
    if name.isprintable():
        return name
    return "".join(_written_out(letter) if unicodedata.category(letter) in _HIDDEN else letter for letter in name)


def _written_out(letter: str) -> str:
    code = ord(letter)
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    return letter.encode("unicode_escape").decode("ascii")
