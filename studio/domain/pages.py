"""Pages: what an agent can ask of the page that a preview shows, and what the page answers."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

ACT_CHARACTERS = 20_000
ANSWER_CHARACTERS = 200_000


class PageActKind(StrEnum):
    """What is done before the page is looked at."""

    LOOK = "look"
    GO = "go"
    CLICK = "click"
    TYPE = "type"


@dataclass(frozen=True, slots=True)
class PageAct:
    """One request; `ref` names an element of an earlier outline, `text` is what is typed, or the path to go to.

    With `discard` what somebody has typed in the page may be lost, or sent.
    """

    kind: PageActKind
    ref: str = ""
    text: str = ""
    enter: bool = False
    discard: bool = False

    def words(self) -> str:
        """This, as a text that crosses to a window."""
        said = {"kind": self.kind.value, "ref": self.ref, "text": self.text}
        return json.dumps({**said, "enter": self.enter, "discard": self.discard})


@dataclass(frozen=True, slots=True)
class PageSeen:
    """A page as its own document describes it, none of it to be believed; `done` names what was acted on.

    `error` says why nothing was done. `below` is how much of the page lies under what is scrolled into view, in pixels.
    `kept` is the path to which that led and where the page was not let go, as somebody has typed in it.
    """

    place: str
    title: str = ""
    outline: tuple[str, ...] = ()
    done: str = ""
    error: str = ""
    below: int = 0
    kept: str = ""


def act_of(words: str) -> PageAct | None:
    """The request that a text is; None for any other text."""
    said = object_of(words, ACT_CHARACTERS)
    try:
        kind = PageActKind(said.get("kind", ""))
    except ValueError:
        return None
    return PageAct(
        kind, _text(said, "ref"), _text(said, "text"), said.get("enter") is True, said.get("discard") is True
    )


def seen_of(words: str) -> PageSeen | None:
    """What a page's answer says; None for one that is no answer, or too long."""
    said = object_of(words, ANSWER_CHARACTERS)
    if not isinstance(said.get("place"), str):
        return None
    outline = said.get("outline")
    lines = tuple(line for line in outline if isinstance(line, str)) if isinstance(outline, list) else ()
    scrolled, height, window = (_number(said, name) for name in ("scrolled", "height", "window"))
    return PageSeen(
        _text(said, "place"),
        _text(said, "title"),
        lines,
        _text(said, "done"),
        _text(said, "error"),
        max(0, height - scrolled - window),
        _text(said, "kept"),
    )


def object_of(words: str, most: int = ANSWER_CHARACTERS) -> dict[str, Any]:
    """What a text says as a JSON object of a bearable length; nothing for any other text."""
    if len(words) > most:
        return {}
    try:
        found = json.loads(words)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _text(said: dict[str, Any], name: str) -> str:
    found = said.get(name)
    return found if isinstance(found, str) else ""


def _number(said: dict[str, Any], name: str) -> int:
    found = said.get(name)
    return int(found) if isinstance(found, int | float) and abs(found) < 1 << 40 else 0
