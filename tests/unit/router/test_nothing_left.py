"""Where no model of a route is left: what passes by itself is told with its time, what does not fails at once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from studio.adapters.providers import scripted
from studio.adapters.providers.config import ProviderConfig
from studio.contracts.chat_model import ModelRequest
from studio.domain.budgets import Payer
from studio.domain.errors import NothingLeft, ProviderError, ProviderFault
from studio.domain.ids import ProjectId, RunId, TurnId
from studio.domain.messages import ChatMessage, Speaker
from studio.domain.models import ModelRef
from studio.router.failures import Failure
from studio.router.prices import Prices
from studio.router.rates import Rates
from studio.router.router import Completion, Router

PAYER = Payer(ProjectId("p1"), RunId("r1"), TurnId("t1"), 1, "engineer")
REQUEST = ModelRequest("", "Be kind.", (ChatMessage(Speaker.HUMAN, "Hello."),))


class Story:
    """A router whose every provider reads scripts, for a caller that waits."""

    def __init__(self, folder: Path, clock: Any, **per_minute: int) -> None:
        self._folder = folder
        self.told: list[tuple[ProviderFault, float | None]] = []
        rates = Rates(clock, per_minute.get)
        self.router = Router(
            lambda name: scripted.make(ProviderConfig(name)), Prices(), clock, jitter=lambda: 0.5, rates=rates
        )

    def failing(self, provider: str, fault: ProviderFault, **error: Any) -> ModelRef:
        path = self._folder / f"{provider}-{fault}.json"
        path.write_text(json.dumps({"replies": [{"text": "At last.", "error": {"fault": fault.value, **error}}]}))
        return ModelRef(provider, str(path))

    def replying(self, provider: str = "ollama") -> ModelRef:
        path = self._folder / f"{provider}.json"
        path.write_text(json.dumps({"replies": [{"text": "Hello."}]}))
        return ModelRef(provider, str(path))

    async def ask(self, *route: ModelRef, insists: bool = False) -> Completion:
        return await self.router.complete(
            route, REQUEST, PAYER, lambda _kind, _text: None, self._fail, waits=True, insists=insists
        )

    async def _fail(self, failure: Failure) -> None:
        self.told.append((failure.fault, failure.retry_in))


@pytest.fixture
def story(tmp_path: Path, clock: Any) -> Story:
    return Story(tmp_path, clock)


async def test_a_long_pause_that_a_provider_asks_for_is_when_it_passes(story: Story) -> None:
    with pytest.raises(NothingLeft) as left:
        await story.ask(story.failing("groq", ProviderFault.RATE_LIMITED, retry_after=900))
    assert (left.value.fault, left.value.passes_in, left.value.unsure) == (ProviderFault.RATE_LIMITED, 900, False)


async def test_of_several_pauses_the_shortest_counts(story: Story) -> None:
    route = [story.failing(*each) for each in (("groq", ProviderFault.AUTH), ("openai", ProviderFault.UNREACHABLE))]
    slow = story.failing("anthropic", ProviderFault.RATE_LIMITED, retry_after=7_200)
    soon = story.failing("gemini", ProviderFault.RATE_LIMITED, retry_after=300)
    with pytest.raises(NothingLeft) as left:
        await story.ask(slow, *route, soon)
    assert (left.value.passes_in, left.value.unsure) == (300, True)


async def test_nobody_knows_when_a_provider_that_is_down_comes_back(story: Story) -> None:
    with pytest.raises(NothingLeft) as left:
        await story.ask(story.failing("openai", ProviderFault.UNREACHABLE))
    assert (left.value.passes_in, left.value.unsure) == (None, True)


async def test_a_pause_of_weeks_is_cut_to_a_day(story: Story) -> None:
    with pytest.raises(NothingLeft) as left:
        await story.ask(story.failing("groq", ProviderFault.RATE_LIMITED, retry_after=30 * 86_400))
    assert left.value.passes_in == 86_400


@pytest.mark.parametrize(
    "fault",
    [ProviderFault.AUTH, ProviderFault.UNKNOWN_MODEL, ProviderFault.BAD_REQUEST, ProviderFault.SCRIPT_ENDED],
)
async def test_what_does_not_pass_by_itself_fails_at_once(story: Story, fault: ProviderFault) -> None:
    with pytest.raises(ProviderError) as failed:
        await story.ask(story.failing("openai", fault))
    assert failed.value.fault is fault


async def test_a_wrong_key_of_the_last_model_does_not_hide_that_another_one_comes_back(story: Story) -> None:
    limited = story.failing("groq", ProviderFault.RATE_LIMITED, retry_after=600)
    with pytest.raises(NothingLeft) as left:
        await story.ask(limited, story.failing("openai", ProviderFault.AUTH))
    assert left.value.fault is ProviderFault.RATE_LIMITED


async def test_a_context_that_is_too_long_is_for_the_caller_to_shorten_whatever_else_passes(story: Story) -> None:
    limited = story.failing("groq", ProviderFault.RATE_LIMITED, retry_after=600)
    with pytest.raises(ProviderError) as failed:
        await story.ask(limited, story.failing("openai", ProviderFault.CONTEXT_TOO_LONG))
    assert failed.value.fault is ProviderFault.CONTEXT_TOO_LONG


async def test_a_short_rest_of_the_last_provider_is_waited_for(story: Story, clock: Any) -> None:
    model = story.failing("groq", ProviderFault.RATE_LIMITED, retry_after=70, times=1)
    with pytest.raises(NothingLeft):
        await story.ask(model)
    await clock.sleep(40)
    assert (await story.ask(model)).reply.text == "At last."
    assert story.told[-1] == (ProviderFault.RESTING, 32.5)
    assert clock.slept[-1] == 32.5


async def test_a_long_rest_of_the_last_provider_is_not_asked_through(story: Story) -> None:
    model = story.failing("groq", ProviderFault.RATE_LIMITED, retry_after=900, times=1)
    for _ in range(2):
        with pytest.raises(NothingLeft):
            await story.ask(model)
    assert [fault for fault, _ in story.told] == [ProviderFault.RATE_LIMITED, ProviderFault.RESTING]


@pytest.mark.parametrize("way", ["insists", "wake"])
async def test_a_person_who_wants_it_tried_has_it_tried(story: Story, way: str) -> None:
    model = story.failing("groq", ProviderFault.RATE_LIMITED, retry_after=900, times=1)
    with pytest.raises(NothingLeft):
        await story.ask(model)
    if way == "wake":
        story.router.wake()
    assert (await story.ask(model, insists=way == "insists")).reply.text == "At last."


async def test_a_provider_that_is_reached_another_way_is_not_left_alone_for_what_the_old_one_did(story: Story) -> None:
    model = story.failing("groq", ProviderFault.RATE_LIMITED, retry_after=900)
    for _ in range(2):
        with pytest.raises(NothingLeft):
            await story.ask(model)
        await story.router.forget("groq")
    assert [fault for fault, _ in story.told] == [ProviderFault.RATE_LIMITED] * 2


async def test_a_place_among_the_requests_of_a_minute_is_waited_for_where_no_model_follows(
    tmp_path: Path, clock: Any
) -> None:
    story = Story(tmp_path, clock, ollama=1)
    for _ in range(2):
        assert (await story.ask(story.replying())).reply.text == "Hello."
    assert story.told == [(ProviderFault.PACED, 60)]
    assert clock.slept == [60]


async def test_who_has_another_model_does_not_wait_for_a_place(tmp_path: Path, clock: Any) -> None:
    story = Story(tmp_path, clock, ollama=1)
    await story.ask(story.replying())
    done = await story.ask(story.replying(), story.replying("openai"))
    assert done.model.provider == "openai"
    assert story.told == [(ProviderFault.PACED, None)]
    assert clock.slept == []


async def test_a_place_that_is_minutes_away_is_told_with_its_time(tmp_path: Path, clock: Any) -> None:
    story = Story(tmp_path, clock, ollama=1)
    rates = story.router._rates
    for _ in range(4):
        rates.take("ollama", 600)
    with pytest.raises(NothingLeft) as left:
        await story.ask(story.replying())
    assert (left.value.fault, left.value.passes_in) == (ProviderFault.PACED, 240)
