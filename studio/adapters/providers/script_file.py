"""A script: the file of replies that the scripted model replays (its format is described there)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studio.domain.errors import ProviderError, ProviderFault
from studio.domain.messages import FinishReason
from studio.domain.usage import Usage


@dataclass(frozen=True, slots=True)
class ScriptedFailure:
    """A failure that is told instead of a reply; `times` None means always."""

    fault: ProviderFault
    sentence: str = ""
    retry_after: float | None = None
    times: int | None = None
    after: int = 0


@dataclass(frozen=True, slots=True)
class ScriptedCall:
    """One tool call; with `raw` its arguments are that text, readable or not."""

    name: str
    arguments: Mapping[str, Any]
    raw: str | None = None


@dataclass(frozen=True, slots=True)
class ScriptedReply:
    """One entry of a script."""

    text: str = ""
    thinking: str = ""
    calls: tuple[ScriptedCall, ...] = ()
    usage: Usage | None = None
    finish: FinishReason | None = None
    contains: tuple[str, ...] = ()
    error: ScriptedFailure | None = None
    delay: float = 0.0
    pace: float = 0.0
    chunk: int = 40


def load(path: Path) -> tuple[ScriptedReply, ...]:
    """The replies in the file; raises ProviderError that names what is wrong with it."""
    try:
        script = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ProviderError(
            ProviderFault.UNKNOWN_MODEL,
            f"The script {path} cannot be read: {error.strerror}.",
            "Name an existing file: scripted/PATH.",
        ) from error
    except ValueError as error:
        raise _bad_script(path, f"is no JSON: {error}") from error
    replies = script.get("replies") if isinstance(script, dict) else None
    if not isinstance(replies, list) or not all(isinstance(entry, dict) for entry in replies):
        raise _bad_script(path, "needs a list of objects named “replies”")
    return tuple(_numbered(path, number, entry) for number, entry in enumerate(replies, start=1))


def _numbered(path: Path, number: int, entry: dict[str, Any]) -> ScriptedReply:
    try:
        return ScriptedReply(**_read(entry, _REPLY))
    except (TypeError, ValueError) as error:
        raise _bad_script(path, f"is wrong in reply {number}: {error}") from error


def _bad_script(path: Path, what: str) -> ProviderError:
    return ProviderError(ProviderFault.BAD_REQUEST, f"The script {path} {what}.", "Put the script right.")


Reader = Callable[[Any], Any]


def _read(entry: Any, readers: Mapping[str, Reader]) -> dict[str, Any]:
    """The fields of a JSON object, each read by its reader; raises ValueError that names the field."""
    if not isinstance(entry, dict):
        raise TypeError("an object is wanted")
    if unknown := sorted(entry.keys() - readers.keys()):
        raise ValueError(f"unknown fields {', '.join(unknown)}")
    return {name: _field(name, value, readers[name]) for name, value in entry.items()}


def _field(name: str, value: Any, reader: Reader) -> Any:
    try:
        return reader(value)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name}: {error}") from error


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("a text is wanted")
    return value


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(_text(item) for item in (value if isinstance(value, list) else [value]))


def _count(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise TypeError("a whole number from 0 is wanted")
    return value


def _size(value: Any) -> int:
    return max(1, _count(value))


def _seconds(value: Any) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or value < 0:
        raise TypeError("seconds from 0 are wanted")
    return float(value)


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TypeError("an object is wanted")
    return value


def _call(value: Any) -> ScriptedCall:
    fields = {"arguments": {}, **_read(value, {"name": _text, "arguments": _object, "raw": _text})}
    if "name" not in fields:
        raise ValueError("a call needs a name")
    return ScriptedCall(**fields)


def _calls(value: Any) -> tuple[ScriptedCall, ...]:
    if not isinstance(value, list):
        raise TypeError("a list is wanted")
    return tuple(_call(item) for item in value)


def _usage(value: Any) -> Usage:
    counts = ("input", "output", "cache_read", "cache_write", "cache_write_1h")
    return Usage(**_read(value, dict.fromkeys(counts, _count)))


def _failure(value: Any) -> ScriptedFailure:
    fields = _read(value, _FAILURE)
    if "fault" not in fields:
        raise ValueError("an error needs a fault")
    return ScriptedFailure(**fields)


_FAILURE: dict[str, Reader] = {
    "fault": ProviderFault,
    "sentence": _text,
    "retry_after": _seconds,
    "times": _count,
    "after": _count,
}

_REPLY: dict[str, Reader] = {
    "text": _text,
    "thinking": _text,
    "calls": _calls,
    "usage": _usage,
    "finish": FinishReason,
    "contains": _texts,
    "error": _failure,
    "delay": _seconds,
    "pace": _seconds,
    "chunk": _size,
}
