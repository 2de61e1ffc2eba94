"""Who opens a run waits for whoever does, and gives up once the run goes for good."""

from __future__ import annotations

import asyncio

import pytest

from studio.agents.openings import Openings
from studio.domain.errors import UserError
from studio.domain.ids import RunId

RUN = RunId("01run")


class Story:
    """Openings of one run, and what happened in them."""

    def __init__(self) -> None:
        self.openings = Openings()
        self.happened: list[str] = []
        self.inside = asyncio.Event()
        self.go_on = asyncio.Event()

    async def open(self, name: str) -> None:
        """Opens the run, and stays in until it may go on."""
        async with self.openings.opening(RUN):
            self.happened.append(f"{name} opens")
            self.inside.set()
            try:
                await self.go_on.wait()
            finally:
                self.happened.append(f"{name} is out")

    async def put_away(self) -> None:
        """Puts the run away, and lets a moment pass meanwhile."""
        async with self.openings.going(RUN):
            self.happened.append("goes")
            await asyncio.sleep(0)
            with pytest.raises(UserError, match="put away"):
                await self.open("a late one")


async def test_whoever_opens_a_run_that_goes_gives_up_before_it_goes_and_whoever_waits_finds_it_gone() -> None:
    story = Story()
    first = asyncio.create_task(story.open("first"))
    await story.inside.wait()
    second = asyncio.create_task(story.open("second"))

    await story.put_away()

    ended = await asyncio.gather(first, second, return_exceptions=True)
    assert story.happened == ["first opens", "first is out", "goes"]
    assert [type(end) for end in ended] == [UserError, UserError]


async def test_one_waits_for_the_other() -> None:
    story = Story()
    both = [asyncio.create_task(story.open(name)) for name in ("first", "second")]
    await story.inside.wait()

    story.go_on.set()
    await asyncio.gather(*both)

    assert story.happened == ["first opens", "first is out", "second opens", "second is out"]


async def test_a_run_that_could_not_be_put_away_is_opened_again() -> None:
    story = Story()
    story.go_on.set()
    with pytest.raises(OSError, match="no engine"):
        async with story.openings.going(RUN):
            raise OSError("no engine")

    await story.open("again")

    assert story.happened == ["again opens", "again is out"]


async def test_what_times_out_in_an_opening_is_told_as_that() -> None:
    with pytest.raises(TimeoutError, match="the engine"):
        async with Openings().opening(RUN):
            raise TimeoutError("the engine")
