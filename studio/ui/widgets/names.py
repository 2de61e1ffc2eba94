"""Names and texts that others chose, made safe to show."""

from __future__ import annotations

import html
import unicodedata

_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def shown(name: str) -> str:
    r"""`name` with everything that hides or reorders text written out, as in `a\u202eb`."""
    return "".join(_escaped(char) if unicodedata.category(char) in _HIDDEN else char for char in name)


def tooltip(text: str) -> str:
    """`text` for a tooltip, which would otherwise take markup in it for its own."""
    return f"<qt>{html.escape(shown(text))}</qt>" if text else ""


def _escaped(char: str) -> str:
    return char.encode("unicode_escape", "surrogatepass").decode("ascii")
