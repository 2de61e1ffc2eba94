"""JSON with comments and trailing commas, as devcontainer.json is written."""

from __future__ import annotations

import json
import re
from typing import Any

# What does not end is read to the end of the text all the same, once: looked at again from its every character, a text
# of a few KiB would hold up the whole program. JSON itself refuses it then.
_STRING = r'"(?:[^"\\\n]++|\\.)*+"?'
_TOKEN = re.compile(
    rf"""
    (?P<whole> {_STRING} | /\*(?:(?!\*/).)*+\Z )
    | (?P<comment> //[^\n]* | /\*.*?\*/ )
    """,
    re.VERBOSE | re.DOTALL,
)
_TRAILING_COMMA = re.compile(rf"({_STRING})|,(?=\s*+[\]}}])", re.DOTALL)
_DEEPEST = 32


def parse_jsonc(text: str) -> Any:
    """The value that `text` stands for. Raises ValueError, which says where it goes wrong."""
    bare = _TOKEN.sub(lambda found: found["whole"] or _blank(found["comment"]), text.removeprefix("\ufeff"))
    try:
        value = json.loads(_TRAILING_COMMA.sub(lambda found: found[1] or " ", bare))
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    if _depth(value) > _DEEPEST:
        raise ValueError("it is nested too deeply")
    return value


def _blank(comment: str) -> str:
    """As many lines and characters as the comment has, so that errors name the right place."""
    return re.sub(r"[^\n]", " ", comment)


def _depth(value: Any) -> int:
    deepest, level = 0, [value]
    while level:
        deepest += 1
        if deepest > _DEEPEST:
            return deepest
        inner = [one.values() if isinstance(one, dict) else one for one in level if isinstance(one, dict | list)]
        level = [part for parts in inner for part in parts]
    return deepest
