"""Cuts: whether a server has dropped the beginning of a chat without a word.

Servers that know the field refuse a chat that is too long, since `truncate` is false in each request. Others drop what
does not fit, system prompt and tools first, and answer as if nothing were missing. What they count gives them away.
"""

from __future__ import annotations

import re

from studio.adapters.providers.config import ProviderConfig
from studio.contracts.chat_model import ModelRequest
from studio.domain.errors import ProviderError, ProviderFault
from studio.domain.messages import ChatMessage

MOST_CHARACTERS_A_TOKEN = 6.0
"""No text of some length counts fewer tokens than that: English prose has 4.5 characters a token, code 3 to 4."""

_RUN = re.compile(r"(.)\1{3,}", re.DOTALL)
"""Lines of dashes, wide margins and the like, of which dozens of characters may be one token."""


def may_hold(request: ModelRequest, tokens: int) -> bool:
    """Whether so many tokens may be all of the text of a request, by a quick look that says yes when in doubt."""
    return sum(map(len, _texts(request))) / MOST_CHARACTERS_A_TOKEN <= tokens


def least_tokens(request: ModelRequest) -> int:
    """No tokenizer makes fewer of the text of a request; takes milliseconds for a long chat.

    Tools and calls are left out, as not every template shows them.
    """
    return int(sum(map(_length, _texts(request))) / MOST_CHARACTERS_A_TOKEN)


def cut(config: ProviderConfig, name: str, asked: int, loaded: int, least: int) -> ProviderError:
    """The error for a reply to a chat whose beginning the server has dropped."""
    given = f"{config.label} gave {name} a window of {loaded:,} tokens"
    instead = f", not the {asked:,} that were asked for" if loaded < asked else ""
    return ProviderError(
        ProviderFault.CONTEXT_TOO_LONG,
        f"{given}{instead}, and dropped the beginning of a chat of at least {least:,} without a word.",
        "Start a new run, or choose a model with more context.",
    )


def _texts(request: ModelRequest) -> list[str]:
    return [request.system, *(text for message in request.messages for text in _of(message))]


def _of(message: ChatMessage) -> tuple[str, ...]:
    return (message.text, *(answer.text for answer in message.answers))


def _length(text: str) -> int:
    return len(_RUN.sub(r"\1", text))
