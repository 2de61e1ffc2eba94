"""Bodies: a request as the bytes that are sent, made beside the loop.

A long chat is megabytes in thousands of pieces. The SDKs walk through all of them on the loop before they send any;
their own way for ready-made bytes, `post(content=…)`, leaves that out.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from studio.base.aio import in_thread


async def body_of(fields: Mapping[str, Any], messages: Callable[[], Iterable[Any]]) -> bytes:
    """The JSON object of `fields` and of what `messages` makes, both made in a thread."""
    return await in_thread(_encoded, fields, messages)


def _encoded(fields: Mapping[str, Any], messages: Callable[[], Iterable[Any]]) -> bytes:
    # Message by message: while one piece is encoded no other thread goes on, so none may be long.
    pieces = b",".join(_json(message) for message in messages())
    return _json(fields)[:-1] + (b"," if fields else b"") + b'"messages":[' + pieces + b"]}"


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False, default=_as_text).encode()


def _as_text(value: Any) -> str:
    """The bytes of an image as text."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    raise TypeError(f"{type(value).__name__} is no JSON")
