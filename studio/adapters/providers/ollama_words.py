"""Our words as Ollama's wire words, and its usage and finish reasons as ours."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import ollama

from studio.adapters.providers.calls import arguments_to_send, estimated_usage, name_to_send, tokens
from studio.adapters.providers.pictures import NO_BYTES, OF_RESULTS, BytesOf, of_results
from studio.contracts.chat_model import ModelRequest
from studio.domain.ids import CallId
from studio.domain.images import Image
from studio.domain.messages import ChatMessage, FinishReason, Speaker
from studio.domain.tools import ToolSpec
from studio.domain.usage import Usage

FINISH: dict[str, FinishReason] = {"stop": FinishReason.STOP, "length": FinishReason.LENGTH}

_ROLES = {Speaker.HUMAN: "user", Speaker.AGENT: "assistant", Speaker.SYSTEM: "system"}


def tools_to_send(tools: tuple[ToolSpec, ...]) -> list[dict[str, Any]]:
    """The tools as functions."""
    return [
        {
            "type": "function",
            "function": {"name": tool.name, "description": tool.description, "parameters": tool.schema},
        }
        for tool in tools
    ]


def messages_to_send(
    system: str, messages: tuple[ChatMessage, ...], pictures: BytesOf = NO_BYTES
) -> list[dict[str, Any]]:
    """The chat as wire messages; answers carry the tool's name, as this wire knows no call ids.

    The images of answers follow in a person's message of their own, as templates leave out those of results.
    """
    names = {call.id: name_to_send(call) for message in messages for call in message.calls}
    sent: list[dict[str, Any]] = [{"role": "system", "content": system}] if system else []
    for message in messages:
        sent.extend(_answers(message, names))
        if of_answers := of_results(message):
            sent.append({"role": "user", "content": OF_RESULTS, "images": _bytes(of_answers, pictures)})
        sent.extend(_said(message, pictures))
    return sent


def usage_of(last: ollama.ChatResponse, request: ModelRequest, received: int) -> Usage:
    """Our usage from the last line's counts; what it leaves out is estimated from the characters."""
    guess = estimated_usage(request, received)
    return Usage(
        input=guess.input if last.prompt_eval_count is None else tokens(last.prompt_eval_count),
        output=guess.output if last.eval_count is None else tokens(last.eval_count),
    )


def _answers(message: ChatMessage, names: dict[CallId, str]) -> Iterable[dict[str, Any]]:
    for answer in message.answers:
        text = answer.text or "(no output)"
        content = text if answer.ok else f"The call failed. {text}"
        yield {"role": "tool", "tool_name": names.get(answer.call, ""), "content": content}


def _bytes(images: Iterable[Image], pictures: BytesOf) -> list[bytes]:
    return [pictures[image.hash] for image in images]


def _said(message: ChatMessage, pictures: BytesOf) -> Iterable[dict[str, Any]]:
    if not message.text.strip() and not message.calls and not message.images:
        return
    entry: dict[str, Any] = {"role": _ROLES[message.speaker], "content": message.text}
    if message.images:
        entry["images"] = _bytes(message.images, pictures)
    if message.calls:
        entry["tool_calls"] = [
            {"function": {"name": name_to_send(call), "arguments": arguments_to_send(call)}} for call in message.calls
        ]
    yield entry
