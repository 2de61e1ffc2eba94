"""Thinking: how a model is told to think before it replies, and whose thoughts go back to which model, as data."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from fnmatch import fnmatchcase

from studio.domain.messages import ChatMessage, Speaker
from studio.domain.models import ModelRef

LEAST_TOKENS = 1024
"""With a smaller budget no model thinks: it is the least that Anthropic takes."""

MOST_TOKENS = 64_000

OFF = 0
"""The wish that a model does not think; None leaves it to the model."""


class Form(StrEnum):
    """How a model is told."""

    UNTOLD = "untold"  # it is told nothing: it cannot think, or does so its own way
    BUDGET = "budget"  # it thinks only when it is given so many tokens for it
    EFFORT = "effort"  # it thinks only when told to, and how hard
    USUAL = "usual"  # it thinks by itself; it may be told how hard, or not to
    ALWAYS = "always"  # it thinks by itself and cannot be told not to


FORMS: tuple[tuple[str, Form], ...] = (
    ("claude-2*", Form.UNTOLD),
    ("claude-instant*", Form.UNTOLD),
    ("claude-3-7-*", Form.BUDGET),
    ("claude-3*", Form.UNTOLD),
    ("claude-*-4-[678]*", Form.EFFORT),
    ("claude-*-4*", Form.BUDGET),
    ("claude-fable-*", Form.ALWAYS),
    ("claude-mythos-*", Form.ALWAYS),
    ("claude-*", Form.USUAL),
    ("gemini-1*", Form.UNTOLD),
    ("gemini-2.0*", Form.UNTOLD),
    ("gemini-2.5-flash*", Form.USUAL),
    ("gemini-*", Form.ALWAYS),
)
"""Pattern of names and the form of such models; the first row that fits counts, and none means untold."""


def form_of(model: ModelRef) -> Form:
    """How this model is told to think."""
    name = model.name.lower()
    return next((form for pattern, form in FORMS if fnmatchcase(name, pattern)), Form.UNTOLD)


def thoughts_go_back(form: Form, wanted: int | None) -> bool:
    """Whether the thoughts of earlier steps are shown to the model that had them, when so much thinking is `wanted`.

    A model that does not think in this request would not take them, and one of most wires counts them.
    """
    match form:
        case Form.BUDGET | Form.EFFORT:
            return bool(wanted)
        case Form.USUAL:
            return wanted != OFF
        case Form.UNTOLD | Form.ALWAYS:
            return True


def signed_by(message: ChatMessage, model: ModelRef) -> bool:
    """Whether a message holds provider data of this very model: no other one can read its signatures."""
    return message.opaque.get("provider") == model.provider and message.opaque.get("model") == model.name


def began_thinking(messages: Sequence[ChatMessage], model: ModelRef) -> bool:
    """Whether `model` may be told to think in the middle of these messages.

    Between a call and its answer only one that thought when it began the turn may go on to: Anthropic takes no turn
    of a model with a budget that begins without its signed thoughts.
    """
    first: ChatMessage | None = None
    for message in reversed(messages):
        if message.speaker is Speaker.AGENT:
            first = message
        elif not message.answers:
            break
    return first is None or signed_by(first, model)
