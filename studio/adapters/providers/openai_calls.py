"""Tool calls while they come in over the chat completions protocol, as servers in fact send their pieces."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from openai.types.chat.chat_completion_chunk import ChoiceDeltaToolCall


@dataclass(slots=True)
class DraftCall:
    """A tool call while it comes in; `extra` is provider data that must go back with it."""

    index: int
    wire_id: str
    name: str = ""
    written: str = ""
    extra: Any = None


def extend(calls: list[DraftCall], piece: ChoiceDeltaToolCall) -> None:
    """Adds a piece to its call, or opens a new one.

    The protocol tells calls apart by their index. Some servers leave it out or give every call the same one, and some
    send no id, or another one with each piece.
    """
    name, written = _said(piece)
    index = piece.index or 0
    call = next((known for known in reversed(calls) if known.index == index), None)
    if call is None or _opens(call, piece.id or "", name):
        call = DraftCall(index, piece.id or "")
        calls.append(call)
    call.extra = (piece.model_extra or {}).get("extra_content") or call.extra
    # A server that repeats the name with every piece says the same one.
    call.name += name if name != call.name else ""
    call.written += written


def _opens(call: DraftCall, id: str, name: str) -> bool:
    """Whether a named piece is the first of another call, although it has the index of one that is known."""
    if not name or not call.name:
        return False
    ended = _is_whole(call.written)
    return ended or (bool(id) and bool(call.wire_id) and id != call.wire_id and not call.written)


def _said(piece: ChoiceDeltaToolCall) -> tuple[str, str]:
    if piece.function is None:
        return "", ""
    written: Any = piece.function.arguments
    # Some servers send the arguments as they are instead of as a text.
    return piece.function.name or "", written if isinstance(written, str) else json.dumps(written) if written else ""


def _is_whole(written: str) -> bool:
    if not written.rstrip().endswith("}"):
        return False
    try:
        return isinstance(json.loads(written), dict)
    except (ValueError, RecursionError):
        return False
