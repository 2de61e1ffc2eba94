from __future__ import annotations

import asyncio
import json
import math
import threading
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from studio.adapters.providers import scripted
from studio.adapters.providers.config import ProviderConfig
from studio.contracts.chat_model import ChatModel, ModelReply, ModelRequest, OnDelta
from studio.contracts.clock import Clock
from studio.domain.budgets import Payer
from studio.domain.errors import LimitReached, ProviderError, ProviderFault, UserError
from studio.domain.ids import ProjectId, RunId, TurnId
from studio.domain.images import image_of
from studio.domain.messages import ChatMessage, FinishReason, Speaker
from studio.domain.models import ModelCard, ModelRef
from studio.domain.usage import Usage
from studio.router.breaker import IN_A_ROW
from studio.router.failures import NOT_SENT, TREATMENTS, Failure, wait_before_retry
from studio.router.prices import Price, Prices
from studio.router.router import Completion, Router
from tests.fixtures.images import png

PAYER = Payer(ProjectId("p1"), RunId("r1"), TurnId("t1"), 1, "engineer")
REQUEST = ModelRequest("", "Be kind.", (ChatMessage(Speaker.HUMAN, "Hello."),))


class Story:
    """A router over scripts in a folder, and what its caller saw."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self.folder = folder
        self.heard: list[str] = []
        self.failures: list[Failure] = []
        self.prices: dict[str, Price] = {}
        self._clock = clock

    @cached_property
    def router(self) -> Router:
        """Made when first used, with the prices set by then."""
        prices = Prices(self.prices)
        return Router(lambda name: scripted.make(ProviderConfig(name)), prices, self._clock, jitter=lambda: 0.5)

    def model(self, name: str, **reply: Any) -> ModelRef:
        """A model that gives this reply."""
        path = self.folder / f"{name}.json"
        path.write_text(json.dumps({"replies": [reply]}), encoding="utf-8")
        return ModelRef("scripted", str(path))

    def failing(self, name: str, fault: ProviderFault, **error: Any) -> ModelRef:
        """A model that fails, each time unless `times` is given, and else says its own name."""
        return self.model(name, text=name, error={"fault": fault.value, **error})

    async def ask(self, *route: ModelRef, seconds: float = math.inf) -> Completion:
        """One call along `route` that may take so long."""
        request = replace(REQUEST, total_seconds=seconds)
        return await self.router.complete(route, request, PAYER, self._hear, self._fail)

    def told(self) -> list[tuple[str, float | None, str]]:
        """Each failure as (model, seconds until it is tried again, next model)."""
        return [
            (
                Path(failure.model.name).stem,
                failure.retry_in,
                Path(failure.next_model.name).stem if failure.next_model else "",
            )
            for failure in self.failures
        ]

    def _hear(self, kind: str, text: str) -> None:
        self.heard.append(text)

    async def _fail(self, failure: Failure) -> None:
        self.failures.append(failure)


@pytest.fixture
def story(tmp_path: Path, clock: Clock) -> Story:
    """A router and its caller."""
    return Story(tmp_path, clock)


async def test_first_model_of_a_route_replies(story: Story) -> None:
    first = story.model("first", text="Hi.", usage={"input": 7, "output": 3}, delay=0)

    completion = await story.ask(first, story.model("second", text="No."))

    assert (completion.reply.text, completion.model, completion.cost_nusd) == ("Hi.", first, 0)
    assert story.heard == ["Hi."]
    assert story.failures == []


async def test_overloaded_model_is_asked_three_times_with_growing_waits(story: Story, clock: Any) -> None:
    completion = await story.ask(story.failing("busy", ProviderFault.OVERLOADED, times=2))

    assert completion.reply.text == "busy"
    assert clock.slept == [0.5, 1.0]
    assert story.told() == [("busy", 0.5, ""), ("busy", 1.0, "")]


async def test_after_three_tries_the_error_goes_to_the_caller(story: Story) -> None:
    with pytest.raises(ProviderError) as caught:
        await story.ask(story.failing("busy", ProviderFault.OVERLOADED))

    assert caught.value.fault is ProviderFault.OVERLOADED
    assert story.told() == [("busy", 0.5, ""), ("busy", 1.0, ""), ("busy", None, "")]
    assert story.failures[-1].reason == str(caught.value)


async def test_fallback_takes_over_when_the_tries_are_used_up(story: Story) -> None:
    busy, spare = story.failing("busy", ProviderFault.RATE_LIMITED), story.model("spare", text="I can.")

    completion = await story.ask(busy, spare)

    assert completion.model == spare
    assert story.told() == [("busy", 0.5, ""), ("busy", 1.0, ""), ("busy", None, "spare")]


async def test_wrong_key_goes_to_the_fallback_at_once(story: Story, clock: Any) -> None:
    completion = await story.ask(story.failing("locked", ProviderFault.AUTH), story.model("spare", text="I can."))

    assert completion.reply.text == "I can."
    assert clock.slept == []
    assert story.told() == [("locked", None, "spare")]


async def test_script_that_ran_out_is_not_hidden_by_a_fallback(story: Story) -> None:
    with pytest.raises(ProviderError) as caught:
        await story.ask(story.failing("ended", ProviderFault.SCRIPT_ENDED), story.model("spare", text="No."))

    assert caught.value.fault is ProviderFault.SCRIPT_ENDED
    assert story.told() == [("ended", None, "")]


async def test_text_of_a_failed_try_is_declared_void_before_the_next(story: Story) -> None:
    torn = story.model("torn", text="Half a reply.", error={"fault": "broken_stream", "times": 1, "after": 4})

    completion = await story.ask(torn)

    assert story.heard == ["Half", "Half a reply."]
    assert [failure.voids for failure in story.failures] == [True]
    assert completion.reply.text == "Half a reply."


async def test_failed_try_is_paid_for_what_came_of_it(story: Story) -> None:
    used = {"input": 1000, "output": 50}
    torn = story.model("torn", text="Half.", usage=used, error={"fault": "broken_stream", "times": 1, "after": 4})
    story.prices[str(torn)] = Price(Decimal(3), Decimal(15))

    completion = await story.ask(torn)

    assert [failure.usage for failure in story.failures] == [Usage(1000, 50)]
    assert [failure.cost_nusd for failure in story.failures] == [completion.cost_nusd] == [3_750_000]


async def test_failed_try_of_which_nothing_came_costs_nothing(story: Story) -> None:
    busy = story.failing("busy", ProviderFault.OVERLOADED, times=1)
    story.prices[str(busy)] = Price(Decimal(3), Decimal(15))

    await story.ask(busy)

    assert [(failure.usage, failure.cost_nusd) for failure in story.failures] == [(Usage(), 0)]


class Slow:
    """A model that thinks for three seconds and then speaks for two; it breaks off while it is told to."""

    def __init__(self, clock: Clock, breaks: int = 0) -> None:
        self._clock = clock
        self._breaks = breaks

    async def complete(self, request: ModelRequest, on_delta: OnDelta) -> ModelReply:
        await self._clock.sleep(3)
        on_delta("text", "Well, ")
        await self._clock.sleep(2)
        if self._breaks:
            self._breaks -= 1
            raise ProviderError(ProviderFault.BROKEN_STREAM, "It broke.")
        on_delta("text", "yes.")
        return ModelReply("Well, yes.", (), FinishReason.STOP, Usage(10, 4))

    async def count_tokens(self, request: ModelRequest) -> int | None:
        """None."""
        return None

    async def list_models(self) -> tuple[ModelCard, ...]:
        return ()

    async def close(self) -> None:
        return None


async def test_how_long_the_first_piece_took_is_told_of_each_try(story: Story, clock: Any) -> None:
    slow = Slow(clock, breaks=1)
    story.router = Router(lambda _name: slow, Prices(), clock, jitter=lambda: 0.5)

    completion = await story.ask(ModelRef("ollama", "slow"))

    assert [(failure.first_token_ms, failure.milliseconds) for failure in story.failures] == [(3000.0, 5000.0)]
    assert (completion.first_token_ms, completion.milliseconds) == (3000.0, 5000.0)


async def test_a_reply_without_text_has_no_first_piece(story: Story) -> None:
    completion = await story.ask(story.model("quiet", calls=[{"name": "read", "arguments": {"path": "a"}}]))

    assert completion.first_token_ms is None


async def test_failed_try_that_said_nothing_voids_nothing(story: Story) -> None:
    await story.ask(story.failing("busy", ProviderFault.OVERLOADED, times=1))

    assert [failure.voids for failure in story.failures] == [False]


async def test_provider_that_names_a_time_is_not_asked_sooner(story: Story, clock: Any) -> None:
    await story.ask(story.failing("busy", ProviderFault.RATE_LIMITED, times=1, retry_after=12))

    assert clock.slept == [12]


async def test_long_wait_is_not_waited_for_when_a_fallback_is_there(story: Story, clock: Any) -> None:
    busy = story.failing("busy", ProviderFault.RATE_LIMITED, retry_after=12)

    completion = await story.ask(busy, story.model("spare", text="I can."))

    assert completion.reply.text == "I can."
    assert clock.slept == []


async def test_wait_beyond_all_patience_fails_the_call(story: Story, clock: Any) -> None:
    with pytest.raises(ProviderError):
        await story.ask(story.failing("busy", ProviderFault.RATE_LIMITED, retry_after=3600))

    assert clock.slept == []


async def test_time_that_is_used_up_ends_the_tries(story: Story, clock: Any) -> None:
    busy = story.failing("busy", ProviderFault.OVERLOADED)

    with pytest.raises(LimitReached, match="time for this message"):
        await story.ask(busy, seconds=1.0)

    assert clock.slept == [0.5]
    assert story.told() == [("busy", 0.5, ""), ("busy", None, "")]


async def test_reply_that_does_not_come_in_the_time_left_is_not_waited_for(story: Story) -> None:
    slow, spare = story.model("slow", text="Late.", delay=300), story.model("spare", text="No.")

    with pytest.raises(LimitReached, match="time for this message"):
        await story.ask(slow, spare, seconds=0.1)

    assert [failure.fault for failure in story.failures] == [ProviderFault.OUT_OF_TIME]


async def test_messages_whose_own_time_ends_say_nothing_against_the_provider(story: Story) -> None:
    slow, quick = story.model("slow", text="Late.", delay=300), story.model("quick", text="Here.")
    spare = story.model("spare", text="No.")
    for _ in range(IN_A_ROW):
        with pytest.raises(LimitReached, match="time for this message"):
            await story.ask(slow, seconds=0.06)
    story.failures.clear()

    assert (await story.ask(quick, spare)).reply.text == "Here."
    assert story.failures == []


async def test_empty_route_is_for_the_person_to_put_right(story: Story) -> None:
    with pytest.raises(UserError, match="No model is chosen"):
        await story.ask()


async def test_slow_making_of_a_provider_happens_once_and_off_the_loop(tmp_path: Path, clock: Clock) -> None:
    made: list[str] = []

    def make(name: str) -> ChatModel:
        made.append(threading.current_thread().name)
        return scripted.make(ProviderConfig(name))

    router = Router(make, Prices(), clock)
    first, second = await asyncio.gather(router.model("scripted"), router.model("scripted"))
    await router.close()

    assert first is second
    assert len(made) == 1
    assert made[0] != threading.main_thread().name


async def test_cancelled_call_is_not_tried_again(story: Story) -> None:
    slow = story.model("slow", text="a" * 1000, chunk=1, pace=0.001)
    call = asyncio.create_task(story.ask(slow))
    while not story.heard:
        await asyncio.sleep(0)
    call.cancel()

    with pytest.raises(asyncio.CancelledError):
        await call
    assert story.failures == []


def test_every_fault_has_a_treatment() -> None:
    assert set(TREATMENTS) == set(ProviderFault)


@pytest.mark.parametrize("fault", list(ProviderFault))
@pytest.mark.parametrize("has_next", [True, False])
def test_only_retryable_faults_are_retried_and_never_beyond_three_tries(fault: ProviderFault, has_next: bool) -> None:
    error = ProviderError(fault, "No.")
    waits = [wait_before_retry(error, tries, has_next=has_next, jitter=1.0) for tries in (1, 2, 3)]

    assert waits[2] is None
    assert error.retryable or error.fault in NOT_SENT or waits == [None, None, None]


def test_jitter_spreads_the_waits(clock: Clock) -> None:
    error = ProviderError(ProviderFault.OVERLOADED, "Busy.")
    wait: Callable[[float], float | None] = lambda jitter: wait_before_retry(error, 1, has_next=False, jitter=jitter)  # noqa: E731

    assert (wait(0.0), wait(1.0)) == (0.375, 0.625)


async def test_a_model_that_refuses_images_is_asked_once_more_without_and_not_shown_them_again(story: Story) -> None:
    image = image_of(png())
    messages = (ChatMessage(Speaker.HUMAN, "See.", images=(image,)),)
    request = replace(REQUEST, messages=messages, pictures={image.hash: png()})
    picky = story.model("picky", text="I cannot see it.", contains="not shown")

    for _ in range(2):
        done = await story.router.complete((picky,), request, PAYER, story._hear, story._fail)
        assert done.reply.text == "I cannot see it."

    assert [(failure.fault, failure.retry_in) for failure in story.failures] == [(ProviderFault.BAD_REQUEST, 0.0)]


async def test_a_provider_that_keeps_failing_is_passed_over_while_another_one_waits(tmp_path: Path, clock: Any) -> None:
    scripts = Story(tmp_path, clock)
    dead, spare = scripts.failing("dead", ProviderFault.OVERLOADED), scripts.model("spare", text="I can.")
    # Two providers, each of which reads a script.
    scripts.__dict__["router"] = Router(
        lambda name: scripted.make(ProviderConfig(name)), Prices(), clock, jitter=lambda: 0.5
    )
    route = (ModelRef("ollama", dead.name), spare)
    for _ in range(3):
        assert (await scripts.ask(*route)).reply.text == "I can."
    assert [failure.fault for failure in scripts.failures] == [
        *[ProviderFault.OVERLOADED] * 6,
        ProviderFault.RESTING,
    ]
    assert "Ollama failed too often, and is left alone until" in scripts.failures[-1].reason

    with pytest.raises(ProviderError) as caught:
        await scripts.ask(route[0])
    assert caught.value.fault is ProviderFault.OVERLOADED

    await clock.sleep(600)
    scripts.failures.clear()
    await scripts.ask(*route)
    assert scripts.failures[0].fault is ProviderFault.OVERLOADED
