"""How many tokens a model takes is known from the list, from its provider, or guessed with care."""

from __future__ import annotations

from dataclasses import replace

import pytest

from studio.domain.models import ModelCard, ModelRef
from studio.domain.providers import Provider, ProviderKind
from studio.router.registry import Registry
from studio.router.windows import UNKNOWN_TOKENS, Windows

SONNET = ModelRef("anthropic", "claude-sonnet-4-5")
OLD = ModelRef("openai", "gpt-4")
LOCAL = ModelRef("ollama", "qwen3")
UNHEARD = ModelRef("openai", "my-own-server")


async def test_what_a_server_says_of_its_model_counts_until_it_is_reached_elsewhere() -> None:
    lab = Provider("lab", ProviderKind.OPENAI_COMPATIBLE, "Lab", "http://127.0.0.1:1/v1", declared=True)
    registry, model = Registry([lab]), ModelRef("lab", "small-1")
    registry.learn([ModelCard(model, 4096), ModelCard(ModelRef("lab", "silent"))])
    windows = Windows(registry)
    assert [await windows.of(model), await windows.of(ModelRef("lab", "silent"))] == [4096, UNKNOWN_TOKENS]

    registry.use([replace(lab, base_url="http://127.0.0.1:2/v1")])
    assert await windows.of(model) == UNKNOWN_TOKENS

    registry.use([replace(lab, context_tokens=8192)])
    assert await windows.of(model) == 8192


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


async def test_what_a_server_said_of_its_model_says_nothing_of_another_one_of_its_name() -> None:
    lab = Provider("lab", ProviderKind.OLLAMA, "Lab", "http://127.0.0.1:1", declared=True)
    registry, model = Registry([lab]), ModelRef("lab", "small-1")
    said: list[int | None] = [4096, None]

    async def served(_model: ModelRef) -> int | None:
        return said.pop(0)

    windows = Windows(registry, served=served)
    assert await windows.of(model) == 4096

    registry.use([replace(lab, kind=ProviderKind.OPENAI_COMPATIBLE, context_tokens=200_000)])
    assert await windows.of(model) == 200_000
