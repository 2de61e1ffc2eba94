"""How long a model may think, within the output that is paid for."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.contracts.chat_model import ModelRequest
from studio.domain.messages import ChatMessage, Speaker
from studio.domain.models import ModelRef
from studio.domain.thinking import LEAST_TOKENS, Form, form_of
from studio.router.thinking import LEAST_REPLY, for_model, within

SONNET = ModelRef("anthropic", "claude-sonnet-4-5")
REQUEST = ModelRequest("", "", (ChatMessage(Speaker.HUMAN, "Hello."),), max_output_tokens=8000)


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("claude-3-5-sonnet-latest", Form.UNTOLD),
        ("claude-3-haiku-20240307", Form.UNTOLD),
        ("claude-3-7-sonnet-20250219", Form.BUDGET),
        ("claude-opus-4-20250514", Form.BUDGET),
        ("claude-haiku-4-5", Form.BUDGET),
        ("claude-opus-4-6", Form.EFFORT),
        ("claude-sonnet-4-6-20260301", Form.EFFORT),
        ("claude-opus-5", Form.USUAL),
        ("claude-sonnet-5-5", Form.USUAL),
        ("claude-mythos-preview", Form.ALWAYS),
        ("gemini-1.5-pro", Form.UNTOLD),
        ("gemini-2.5-flash-lite", Form.USUAL),
        ("gemini-2.5-pro", Form.ALWAYS),
        ("gemini-3.8-flash", Form.ALWAYS),
        ("gpt-5", Form.UNTOLD),
        ("claudette", Form.UNTOLD),
    ],
)
def test_a_models_name_says_how_it_is_told_to_think(name: str, form: Form) -> None:
    assert form_of(ModelRef("any", name)) is form


def test_thoughts_come_on_top_of_the_longest_reply() -> None:
    asked = for_model(replace(REQUEST, thinking=4000), SONNET)
    assert (asked.thinking, asked.max_output_tokens) == (4000, 12_000)


def test_less_than_any_model_takes_is_the_least_that_one_does() -> None:
    asked = for_model(replace(REQUEST, thinking=10), SONNET)
    assert (asked.thinking, asked.max_output_tokens) == (LEAST_TOKENS, 8000 + LEAST_TOKENS)


def test_a_model_that_cannot_be_told_is_told_nothing() -> None:
    assert for_model(replace(REQUEST, thinking=4000), ModelRef("openai", "gpt-5")) == REQUEST


@given(reply=st.integers(256, 20_000), thinking=st.integers(1, 64_000), paid=st.integers(1, 90_000))
def test_whatever_is_paid_for_a_reply_has_room_beside_the_thoughts(reply: int, thinking: int, paid: int) -> None:
    whole = for_model(replace(REQUEST, max_output_tokens=reply, thinking=thinking), SONNET)
    asked = within(whole, min(paid, whole.max_output_tokens))

    assert asked.max_output_tokens == min(paid, whole.max_output_tokens)
    assert asked.thinking is not None
    if asked.thinking:
        assert asked.thinking >= LEAST_TOKENS
        assert asked.max_output_tokens - asked.thinking >= min(reply, LEAST_REPLY)
    else:
        assert asked.max_output_tokens < LEAST_TOKENS + LEAST_REPLY
