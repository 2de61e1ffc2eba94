"""Gemini's own words within the chat completions protocol: how it is told to think, its thoughts, its signatures."""

from __future__ import annotations

from typing import Any

from studio.contracts.chat_model import ModelRequest
from studio.domain.messages import ChatMessage
from studio.domain.models import ModelRef
from studio.domain.thinking import OFF, Form, form_of, signed_by

PROVIDER = "gemini"

_BUDGETS = "gemini-2.5"
"""Models of this name take a number of tokens; later ones take a level."""
_BUDGET_MOST = 24_576
_BUDGET_LEAST = 128
_HIGH_FROM = 8_192

UNSIGNED = {"google": {"thought_signature": "skip_thought_signature_validator"}}
"""What Google documents in place of a signature for calls that another model made: it refuses any without one."""

_BEGIN, _END = "<thought>", "</thought>"


def thinking_to_send(request: ModelRequest, model: ModelRef) -> dict[str, Any]:
    """The fields that tell a Gemini model to think as the request wants it, and to say what it thinks."""
    wanted, form = request.thinking, form_of(model)
    if model.provider != PROVIDER or form is Form.UNTOLD or wanted is None:
        return {}
    told: dict[str, Any] = {"include_thoughts": True} if wanted else {}
    if model.name.startswith(_BUDGETS):
        least = _BUDGET_LEAST if form is Form.ALWAYS else OFF
        told["thinking_budget"] = max(least, min(wanted, _BUDGET_MOST))
    else:
        told["thinking_level"] = "high" if wanted >= _HIGH_FROM else "low"
    return {"extra_body": {"google": {"thinking_config": told}}}


def says_thoughts(request: ModelRequest, model: ModelRef) -> bool:
    """Whether the reply may begin with thoughts between marks."""
    return bool(thinking_to_send(request, model)) and bool(request.thinking)


def signatures_to_send(message: ChatMessage, model: ModelRef) -> dict[str, Any]:
    """What goes back with each call, by its id: the signatures of the very model that made them."""
    if signed_by(message, model):
        extras: dict[str, Any] = message.opaque.get("extra_content", {})
        return extras
    signs = model.provider == PROVIDER and form_of(model) is not Form.UNTOLD and not model.name.startswith(_BUDGETS)
    return {str(message.calls[0].id): UNSIGNED} if message.calls and signs else {}


class Thoughts:
    """Parts what a reply begins with between marks from what it says, however the stream is cut."""

    def __init__(self, *, expected: bool) -> None:
        self._open = expected
        self._within = False
        self._left = ""

    def parted(self, piece: str) -> list[tuple[str, str]]:
        """The pieces that are certain by now, each as `thinking` or `text`."""
        if not self._open:
            return [("text", piece)]
        self._left += piece
        found: list[tuple[str, str]] = []
        while self._left:
            mark = _END if self._within else _BEGIN
            before, marked, after = self._left.partition(mark)
            if self._within:
                # The beginning of a mark may be the last that came.
                sure = before if marked else before[: len(before) - _begun(before, mark)]
                found += [("thinking", sure)] if sure else []
                self._left = after if marked else before[len(sure) :]
                if not marked:
                    return found
                self._within = False
            elif marked and not before.strip():
                self._within, self._left = True, after
            elif mark.startswith(self._left.lstrip()):
                return found
            else:
                return [*found, *self.ended()]
        return found

    def ended(self) -> list[tuple[str, str]]:
        """What is left: no thoughts come any more."""
        kind, left = "thinking" if self._within else "text", self._left
        self._open, self._left = False, ""
        return [(kind, left)] if left else []


def _begun(text: str, mark: str) -> int:
    """How many characters at the end of `text` may begin `mark`."""
    return next((length for length in range(len(mark) - 1, 0, -1) if text.endswith(mark[:length])), 0)
