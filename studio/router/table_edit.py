"""Changes to the routing table's file, made to its tomlkit document; comments, those of its lists too, stay."""

from __future__ import annotations

import importlib
import re
from collections.abc import Mapping
from typing import Any

from studio.domain.roles import Tier
from studio.domain.routing import Line, Preference

_BESIDE = 2
"""So many lines of a tier stand beside each other in the file; more stand below each other."""

_AT_END = ""
_FIRST_NAME = re.compile(r"""["']([^"']+)["']""")
_COMMENT = re.compile(r"""^((?:[^"'#]|"[^"]*"|'[^']*')*)#\s*(.*)$""")


def put_tier(document: Any, tier: Tier, lines: tuple[Line, ...]) -> None:
    """Gives a tier these lines, best first."""
    tiers = _table(document, "tiers")
    old = tiers.get(tier.value)
    tiers[tier.value] = _array(lines, _comments(old.as_string()) if old is not None else {})


def put_preference(document: Any, prefer: Preference) -> None:
    """Puts local or cloud models first."""
    document["prefer"] = prefer.value


def put_role(document: Any, role: str, tier: Tier | None) -> None:
    """Gives a role another tier than its own file says; for None it has none here."""
    if tier is not None:
        _table(document, "roles")[role] = tier.value
    elif role in document.get("roles", {}):
        document["roles"].remove(role)


def _table(document: Any, name: str) -> Any:
    if name not in document:
        document[name] = _tomlkit().table()
    return document[name]


def _tomlkit() -> Any:
    # Only who changes something needs it, and it takes a while to load.
    return importlib.import_module("tomlkit")


def _array(lines: tuple[Line, ...], comments: Mapping[str, list[str]]) -> Any:
    array = _tomlkit().array()
    if len(lines) <= _BESIDE and not comments:
        array.extend(map(_written, lines))
        return array
    for line in lines:
        *above, beside = comments.get(str(line[0]), [""])
        for words in above:
            array.add_line(comment=words)
        array.add_line(_written(line), comment=beside or None)
    for words in comments.get(_AT_END, []):
        array.add_line(comment=words)
    array.add_line(indent="")
    return array


def _written(line: Line) -> str | list[str]:
    return str(line[0]) if len(line) == 1 else [str(model) for model in line]


def _comments(written: str) -> dict[str, list[str]]:
    """The comments inside a list, by the first model of the line that they belong to.

    Those above the line come first, then the one beside it, which may be empty. What was said of a model goes with it.
    """
    found: dict[str, list[str]] = {}
    above: list[str] = []
    for row in written.splitlines():
        comment = _COMMENT.match(row)
        name = _FIRST_NAME.search(comment[1] if comment else row)
        if name is not None:
            if comment or above:
                found[name[1]] = [*above, comment[2].rstrip() if comment else ""]
            above = []
        elif comment:
            above.append(comment[2].rstrip())
    if above:
        found[_AT_END] = above
    return found
