"""How many tokens a model takes is known from the list, from its provider, or guessed with care."""

from __future__ import annotations

import pytest

from studio.domain.models import ModelRef
from studio.router.registry import Registry
from studio.router.windows import UNKNOWN_TOKENS, Windows

SONNET = ModelRef("anthropic", "claude-sonnet-4-5")
OLD = ModelRef("openai", "gpt-4")
LOCAL = ModelRef("ollama", "qwen3")
UNHEARD = ModelRef("openai", "my-own-server")


@pytest.mark.parametrize(
    ("route", "ceiling", "tokens"),
    [
        ((SONNET,), 0, 200_000),
        ((SONNET,), 50_000, 50_000),
        ((SONNET,), 900_000, 200_000),
        ((SONNET, OLD), 0, 8192),
        ((LOCAL,), 0, 32_768),
        ((UNHEARD,), 0, UNKNOWN_TOKENS),
        ((UNHEARD,), 500_000, 500_000),
    ],
)
async def test_the_window_of_a_route_is_that_of_its_smallest_model_below_the_persons_ceiling(
    route: tuple[ModelRef, ...], ceiling: int, tokens: int
) -> None:
    assert await Windows(Registry(), ceiling).least(route) == tokens


async def test_a_window_that_was_measured_to_be_smaller_counts_from_then_on() -> None:
    found: dict[ModelRef, int] = {}

    async def measured(model: ModelRef) -> int | None:
        return found.get(model)

    windows = Windows(Registry(), 0, measured)
    assert await windows.least((LOCAL,)) == 32_768
    found[LOCAL] = 9_000
    assert await windows.least((SONNET, LOCAL)) == 9_000
    assert await windows.claimed(LOCAL) == 32_768


async def test_what_a_server_said_of_its_model_is_remembered_and_not_asked_for_to_know_it() -> None:
    asked: list[ModelRef] = []

    async def served(model: ModelRef) -> int | None:
        asked.append(model)
        return 4096

    windows = Windows(Registry(), served=served)

    assert (await windows.known(LOCAL), asked) == (32_768, [])
    assert await windows.of(LOCAL) == 4096
    assert (await windows.known(LOCAL), asked) == (4096, [LOCAL])
