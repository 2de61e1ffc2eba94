"""Until when a turn is parked: the time that is known, else longer with each try in vain, and not for ever."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from studio.agents.history import History
from studio.agents.loop import End
from studio.agents.parking import Parker
from studio.domain.errors import (
    EngineGone,
    LimitReached,
    NothingLeft,
    OverBudget,
    ProviderError,
    ProviderFault,
    StudioError,
)
from studio.domain.events import MessagePosted, Recorded, TurnEnded
from studio.domain.messages import Speaker
from studio.domain.parked import CONTAINER_ENGINE
from studio.domain.runs import Outcome, Run
from tests.fixtures.memory import NOON, a_project, a_run
from tests.fixtures.set_clock import SetClock

DOWN = ProviderError(ProviderFault.UNREACHABLE, "OpenAI does not answer.", "Check the network.")


class Story:
    """A run whose turns end for want of a model."""

    def __init__(self) -> None:
        self.clock = SetClock()
        self.run: Run = a_run(a_project("shop"))
        self.history = History()
        self._seq = 0
        self.say(Speaker.HUMAN)

    def say(self, speaker: Speaker) -> None:
        self._take(MessagePosted(speaker, "Words.", "t1"))

    def end(self, passes_in: float | None, *, unsure: bool = False, cause: StudioError = DOWN) -> End:
        left = NothingLeft(ProviderFault.UNREACHABLE, "Why.", "Do this.", passes_in, cause, unsure=unsure)
        return Parker(self.clock).end(self.run, self.history, left)

    async def park(self) -> float:
        """Parks without a known time, and lets that time pass; gives its seconds."""
        ended = self.end(None, unsure=True)
        assert ended.parked is not None
        wait = (ended.parked.moment - self.clock.now()).total_seconds()
        self._take(TurnEnded("t1", Outcome.PARKED, 0, "studio/r1"))
        await self.clock.sleep(wait)
        return wait

    def _take(self, event: MessagePosted | TurnEnded) -> None:
        self._seq += 1
        self.history.apply(Recorded(self._seq, self.clock.now(), self.run.project, self.run.id, event))


@pytest.fixture
def story() -> Story:
    return Story()


def until(ended: End) -> datetime:
    assert ended.parked is not None
    return ended.parked.moment


def test_a_time_that_is_known_is_when_it_goes_on(story: Story) -> None:
    ended = story.end(7_200)
    assert (ended.outcome, ended.reason, until(ended)) == (Outcome.PARKED, "Why.", NOON + timedelta(hours=2))
    assert f"studio runs resume {story.run.id}" in ended.action


async def test_without_a_time_each_further_try_waits_twice_as_long_up_to_half_an_hour(story: Story) -> None:
    assert [await story.park() for _ in range(7)] == [60, 120, 240, 480, 960, 1_800, 1_800]


async def test_a_reply_or_a_message_begins_the_waits_anew(story: Story) -> None:
    for speaker in (Speaker.AGENT, Speaker.HUMAN):
        assert [await story.park() for _ in range(2)] == [60, 120]
        story.say(speaker)


def test_where_one_model_has_a_time_and_another_none_the_sooner_counts(story: Story) -> None:
    assert until(story.end(7_200, unsure=True)) == NOON + timedelta(minutes=1)
    assert until(story.end(20, unsure=True)) == NOON + timedelta(seconds=20)


async def test_what_was_tried_in_vain_for_a_day_fails_with_its_own_reason(story: Story) -> None:
    while story.end(None, unsure=True).parked is not None:
        await story.park()
    ended = story.end(None, unsure=True)
    assert (ended.outcome, ended.reason, ended.action) == (Outcome.FAILED, DOWN.sentence, DOWN.action)
    assert timedelta(days=1) <= story.clock.now() - NOON < timedelta(days=1, hours=1)
    assert story.end(600).parked is not None


@pytest.mark.parametrize("tries", [1, 30], ids=["after one try", "after many"])
async def test_a_machine_that_slept_over_the_weekend_tries_on_for_as_long_as_was_left(story: Story, tries: int) -> None:
    for _ in range(tries):
        await story.park()
    tried = story.clock.now() - NOON
    await story.clock.sleep(timedelta(days=3).total_seconds())
    woke = story.clock.now()
    while story.end(None, unsure=True).parked is not None:
        await story.park()
    awake = tried + (story.clock.now() - woke)
    assert timedelta(hours=23) <= awake < timedelta(hours=25)


async def test_a_clock_that_is_set_back_takes_nothing_from_what_was_tried(story: Story) -> None:
    for _ in range(45):
        await story.park()
    tried = story.history.parkings.tried(story.clock.now())
    await story.clock.sleep(-timedelta(days=2).total_seconds())
    await story.park()
    assert story.history.parkings.tried(story.clock.now()) >= tried


async def test_a_days_tries_are_no_more_than_sixty(story: Story) -> None:
    tries = 0
    while story.end(None, unsure=True).parked is not None:
        await story.park()
        tries += 1
    assert tries < 60


async def test_a_budget_that_is_given_up_is_a_limit(story: Story) -> None:
    cause = OverBudget("No money.", "Raise it.")
    while story.end(None, unsure=True, cause=cause).parked is not None:
        await story.park()
    assert isinstance(cause, LimitReached)
    assert story.end(None, unsure=True, cause=cause).outcome is Outcome.LIMIT


async def test_a_parked_run_does_not_work(story: Story) -> None:
    before = story.history.seconds_worked(story.clock.now())
    for _ in range(5):
        await story.park()
    assert story.history.seconds_worked(story.clock.now()) == before


def test_without_a_container_engine_a_turn_is_parked_for_that(story: Story) -> None:
    ended = Parker(story.clock).without_engine(story.run, story.history, EngineGone("It is gone.", "Start it."))

    assert ended.parked is not None
    assert (ended.outcome, ended.reason, ended.parked.fault) == (Outcome.PARKED, "It is gone.", CONTAINER_ENGINE)
    assert "Start it." in ended.action
    assert f"studio runs resume {story.run.id}" in ended.action


def test_after_a_restart_that_is_over_a_turn_goes_on_at_once(story: Story) -> None:
    back = EngineGone("It was restarted.", back=True)

    assert until(Parker(story.clock).without_engine(story.run, story.history, back)) == NOON + timedelta(seconds=1)


async def test_an_engine_that_is_missed_for_days_is_still_waited_for(story: Story) -> None:
    while story.end(None, unsure=True).parked is not None:
        await story.park()

    ended = Parker(story.clock).without_engine(story.run, story.history, EngineGone("It is gone."))
    assert ended.parked is not None
