"""What was measured of a model decides which roles it may play, and each refusal names its figure."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from studio.domain.fitness import LEAST_WINDOW, Fitness, ToolForm, Tries, judge, warning
from studio.domain.models import ModelRef
from studio.domain.roles import Limits, Role, Tier

GOOD = Fitness(
    ModelRef("ollama", "qwen3"),
    datetime(2026, 3, 4, tzinfo=UTC),
    claimed_tokens=32_768,
    context_tokens=32_768,
    native=Tries(valid=5),
    text=None,
    json_exact=4,
    json_tried=4,
    tokens_per_second=30.0,
    first_token_ms=120.0,
)


def a_role(tier: Tier, *tools: str) -> Role:
    return Role("worker", "Worker", "Works.", "You work.", tools, Limits(), tier=tier)


def test_a_model_without_a_fault_may_play_every_role_and_is_told_with_its_figures() -> None:
    found = {tier: judge(GOOD, a_role(tier, "read")) for tier in Tier}
    assert [found[tier].fits for tier in Tier] == [GOOD.suits(tier) for tier in Tier] == [True] * 3
    assert found[Tier.STRONG].why.startswith(
        "5 of 5 calls right, 4 of 4 JSON documents exact, 32,768 tokens of context, 30 tokens"
    )


@pytest.mark.parametrize(
    ("changed", "tier", "why"),
    [
        ({"context_tokens": 23_999}, Tier.STRONG, "only within 23,999 tokens, and 24,000 tokens are needed"),
        ({"context_tokens": 0}, Tier.FAST, "in no text, and 8,000"),
        ({"native": Tries(valid=4, wrong=1)}, Tier.STRONG, "4 of 5 calls of a tool were right, and 100% are needed"),
        ({"native": Tries(3, 2), "text": Tries(1, 0, 4)}, Tier.FAST, "3 of 5 calls of a tool were right"),
        ({"json_exact": 2}, Tier.STANDARD, "2 of 4 JSON documents came back as they were, and 75% are needed"),
        ({"tokens_per_second": 1.25}, Tier.FAST, "1.2 tokens a second, and 3 are needed"),
    ],
)
def test_a_figure_that_is_too_low_is_named(changed: dict[str, Any], tier: Tier, why: str) -> None:
    poor = replace(GOOD, **changed)
    found = judge(poor, a_role(tier, "read"))
    assert not found.fits
    assert why in found.why
    assert warning(poor, a_role(tier, "read")).startswith("ollama/qwen3 was measured as unfit for the role worker: ")


def test_a_role_without_tools_asks_for_no_calls() -> None:
    mute = replace(GOOD, native=Tries(none=5), text=Tries(none=5), json_exact=0)
    assert judge(mute, a_role(Tier.STRONG)).fits
    assert not judge(mute, a_role(Tier.STRONG, "read")).fits
    assert warning(mute, a_role(Tier.STRONG)) == ""


@pytest.mark.parametrize(
    ("native", "text", "form"),
    [
        (Tries(valid=4, wrong=1), Tries(valid=5), ToolForm.NATIVE),
        (Tries(valid=3, wrong=2), Tries(valid=4, none=1), ToolForm.TEXT),
        (None, Tries(valid=5), ToolForm.TEXT),
        (Tries(valid=3, wrong=2), Tries(valid=3, wrong=2), ToolForm.NONE),
        (None, None, ToolForm.NONE),
    ],
)
def test_tools_are_shown_in_the_first_form_in_which_calls_are_right(
    native: Tries | None, text: Tries | None, form: ToolForm
) -> None:
    assert replace(GOOD, native=native, text=text).form is form


@pytest.mark.parametrize(("context", "window"), [(32_768, None), (12_000, 12_000), (900, LEAST_WINDOW)])
def test_a_window_smaller_than_claimed_is_what_is_sent_at_most(context: int, window: int | None) -> None:
    assert replace(GOOD, context_tokens=context).window == window
