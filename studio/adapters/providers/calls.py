"""Tool calls between a provider's wire words and ours."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from studio.base.text import shorten, whole
from studio.contracts.chat_model import ModelRequest
from studio.domain.errors import ProviderError
from studio.domain.ids import CallId
from studio.domain.images import Image
from studio.domain.messages import ChatMessage, FinishReason, ToolCall
from studio.domain.usage import Usage

LONGEST_ARGUMENTS = 4_000_000
"""Characters of JSON: more than any tool takes, whatever it needs escaped."""
_NAME_CHARACTERS = 200
_NOT_IN_NAMES = re.compile(r"[^a-zA-Z0-9_-]")
_MOST_TOKENS = 10**9
_UNREADABLE_CHARACTERS = 2000


def read_call(name: str, written: str) -> ToolCall:
    """A call with an identifier of ours; its arguments are None when `written` is no JSON object, or too long.

    What no wire could carry back, such as NaN or half of a surrogate pair, is none either.
    """
    name, written = whole(name[:_NAME_CHARACTERS]), whole(written)
    if len(written) > LONGEST_ARGUMENTS:
        return ToolCall(
            CallId.new(), name, None, written[:_UNREADABLE_CHARACTERS], len(written) - _UNREADABLE_CHARACTERS
        )
    try:
        arguments = json.loads(written or "{}", parse_constant=_refuse)
        json.dumps(arguments, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError):
        arguments = None
    if not isinstance(arguments, dict):
        return ToolCall(CallId.new(), name, None, written)
    return ToolCall(CallId.new(), name, arguments)


def name_to_send(call: ToolCall) -> str:
    """The name of the tool that was called; one that no provider would take back is made into one it does."""
    return _NOT_IN_NAMES.sub("_", call.name)[:64] or "_"


def arguments_to_send(call: ToolCall) -> dict[str, Any]:
    """What goes back as the call's arguments; an unreadable text goes back inside an object, as wires want one.

    Of a long one only the ends do: it is sent in every step from now on.
    """
    return {"unreadable": shorten(call.raw, _UNREADABLE_CHARACTERS)} if call.arguments is None else call.arguments


def finish_with(calls: tuple[ToolCall, ...], finish: FinishReason) -> FinishReason:
    """`finish`, but a reply that ended well and holds calls always says so: not every server does."""
    return FinishReason.TOOL_CALLS if calls and finish is FinishReason.STOP else finish


@contextmanager
def accounted(used: Callable[[], Usage | None]) -> Iterator[None]:
    """Lets a ProviderError that is raised inside say what the call had used by then."""
    try:
        yield
    except ProviderError as error:
        error.usage = used()
        raise


def used_so_far(request: ModelRequest, received: int, reported: Usage | None = None) -> Usage | None:
    """What a call that broke has used: what the server said, and no less than what came; None when nothing did.

    `received` is the length in characters of what came of the reply.
    """
    if reported is None and not received:
        return None
    guess = estimated_usage(request, received)
    return guess if reported is None else replace(reported, output=max(reported.output, guess.output))


def usage_of_reply(request: ModelRequest, received: int, reported: Usage | None, counted: bool) -> Usage:
    """What a whole reply has used: what the server `counted`, else the most of what it said and what is estimated."""
    if reported is not None and counted:
        return reported
    guess, said = estimated_usage(request, received), reported or Usage()
    return replace(said, input=max(said.input, guess.input), output=max(said.output, guess.output))


def tokens(counted: int | None) -> int:
    """A server's count as one that can be: what it leaves out or makes up must not lower a cost."""
    return max(0, min(counted or 0, _MOST_TOKENS))


def estimated_usage(request: ModelRequest, received: int) -> Usage:
    """Tokens by the rule of four characters each, for a server that reports none: never taken as free.

    `received` is the reply's length in characters.
    """
    sent = len(request.system) + sum(_length(message) for message in request.messages)
    return Usage(input=sent // 4 + 1, output=received // 4 + 1)


def _length(message: ChatMessage) -> int:
    answers = sum(len(answer.text) + _seen(answer.images) for answer in message.answers)
    calls = sum(len(call.name) + len(str(call.arguments or call.raw)) for call in message.calls)
    return len(message.text) + _seen(message.images) + answers + calls


def _seen(images: tuple[Image, ...]) -> int:
    """What images count, in characters."""
    return 4 * sum(image.tokens for image in images)


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")
