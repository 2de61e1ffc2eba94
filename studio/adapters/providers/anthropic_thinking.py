"""Thinking in Anthropic's words: how a model is told, and what was signed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from studio.contracts.chat_model import ModelRequest
from studio.domain.messages import ChatMessage
from studio.domain.models import ModelRef
from studio.domain.thinking import OFF, Form, form_of, signed_by, thoughts_go_back

Block = dict[str, Any]

_THOUGHTS = ("thinking", "redacted_thinking")

_EFFORTS = ((4_096, "low"), (16_384, "medium"))
_MOST_EFFORT = "high"


def thinking_to_send(request: ModelRequest, model: ModelRef) -> dict[str, Any]:
    """The fields that tell `model` to think as the request wants it; none where it is left to the model.

    Models that choose by themselves how long they think are told how hard instead of how long; the longest output
    bounds both. What they think is asked for in words, which newer ones leave out otherwise.
    """
    wanted = request.thinking
    match form_of(model):
        case Form.BUDGET if wanted:
            return {"thinking": {"type": "enabled", "budget_tokens": wanted}}
        case Form.EFFORT | Form.USUAL if wanted:
            return {"thinking": {"type": "adaptive", "display": "summarized"}, "output_config": _effort(wanted)}
        case Form.USUAL if wanted == OFF:
            return {"thinking": {"type": "disabled"}}
        case Form.ALWAYS if wanted is not None:
            return {"output_config": _effort(wanted)}
        case _:
            return {}


def kept(blocks: Sequence[Block], model: ModelRef) -> dict[str, Any]:
    """What is kept of a reply's signed thoughts: who had them, and behind how much of its text and calls each came."""
    thoughts: list[Block] = []
    behind: list[list[int]] = []
    characters = calls = 0
    for block in blocks:
        match block["type"]:
            case kind if kind in _THOUGHTS:
                thoughts.append({name: value for name, value in block.items() if name != "json"})
                behind.append([characters, calls])
            case "text":
                characters += len(block["text"])
            case "tool_use":
                calls += 1
    if not thoughts:
        return {}
    return {"provider": model.provider, "model": model.name, "thinking": thoughts, "behind": behind}


def with_thoughts(
    message: ChatMessage, model: ModelRef, wanted: int | None, said: Callable[[str], list[Block]], calls: list[Block]
) -> list[Block]:
    """What an agent said and called, with its signed thoughts where they were if `model` is the one that had them.

    `said` makes blocks of a piece of text. Anthropic refuses thoughts that come back in another order.
    """
    if not signed_by(message, model) or not thoughts_go_back(form_of(model), wanted):
        return [*said(message.text), *calls]
    thoughts = message.opaque.get("thinking", [])
    places = message.opaque.get("behind") or [[0, 0]] * len(thoughts)
    sent: list[Block] = []
    characters = called = 0
    for thought, (text_before, calls_before) in zip(thoughts, places, strict=True):
        sent += [*said(message.text[characters:text_before]), *calls[called:calls_before], thought]
        characters, called = max(characters, text_before), max(called, calls_before)
    sent += [*said(message.text[characters:]), *calls[called:]]
    # Thoughts that came to nothing end no message that Anthropic takes.
    while sent and sent[-1]["type"] in _THOUGHTS:
        sent.pop()
    return sent


def _effort(wanted: int) -> dict[str, str]:
    return {"effort": next((effort for most, effort in _EFFORTS if wanted < most), _MOST_EFFORT)}
