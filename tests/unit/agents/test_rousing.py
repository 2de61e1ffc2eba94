"""A run whose app fails at rest is set to work where its role says so, within what a page cannot move."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from studio.agents.failures import Failures
from studio.agents.history import History
from studio.agents.journal import Journal
from studio.agents.rousing import MOST, REST_SECONDS, Rouser
from studio.domain.events import MessagePosted, PreviewFailed, RunRoused
from studio.domain.ids import ProjectId, TurnId
from studio.domain.messages import Speaker
from studio.domain.roles import Limits, Role, RoleList
from studio.domain.runs import Outcome, Run, RunState
from studio.events.recorder import Recorder
from studio.store import event_log, projects, runs
from studio.store.database import Database
from tests.fixtures.memory import NOON, a_project, a_run
from tests.fixtures.set_clock import SetClock

BROKEN = PreviewFailed("error", "TypeError: total is not a function", source="src/cart.js:12:5")
ENGINEER = Role("engineer", "Engineer", "", "", (), Limits(), wakes_on_errors=True)


class Roles:
    """What the project's commit says."""

    def __init__(self) -> None:
        self.engineer = ENGINEER

    async def at(self, project: ProjectId, commit: str) -> RoleList:
        return RoleList((self.engineer,))


class Story:
    """A run whose agent has replied, and its app."""

    def __init__(self, database: Database, recorder: Recorder) -> None:
        self.database, self.recorder = database, recorder
        self.clock, self.roles = SetClock(), Roles()
        self.journal = Journal(database, recorder)
        self.rouser = Rouser(database, recorder, self.journal, self.roles, self.clock)
        self.project = a_project()
        self.run = a_run(self.project)

    async def begin(self) -> None:
        async with self.recorder.unit(self.project.id, self.run.id) as unit:
            await projects.add(unit.connection, self.project)
            await self.journal.start_run(unit, self.run)
        await self.ask()

    async def ask(self) -> None:
        """The person says something, and the agent replies."""
        await self.recorder.record(self.project.id, self.run.id, MessagePosted(Speaker.HUMAN, "Go on."))
        await self.rest()

    async def rest(self, outcome: Outcome | None = Outcome.REPLIED, state: RunState = RunState.IDLE) -> None:
        """The run's turn is over."""
        async with self.recorder.unit(self.project.id, self.run.id) as unit:
            now = await runs.get(unit.connection, self.run.id)
            unit.record(MessagePosted(Speaker.AGENT, "Done."))
            await runs.save(unit.connection, replace(now, state=state, outcome=outcome))

    async def fail(self) -> None:
        await Failures(self.database, self.recorder).note(self.run, BROKEN)

    async def due(self) -> float | None:
        return await self.rouser.due(self.run.id)

    async def rouse(self) -> Run | None:
        return await self.rouser.rouse(self.run.id, TurnId.new())

    async def history(self) -> History:
        async with self.database.reading() as connection:
            log = await event_log.since(connection, 0, run=self.run.id)
        history = History()
        for recorded in log:
            history.apply(recorded)
        return history


@pytest.fixture
async def story(database: Database, recorder: Recorder) -> Story:
    made = Story(database, recorder)
    await made.begin()
    return made


async def test_a_run_whose_app_failed_after_it_replied_is_roused_and_told_what_failed(story: Story) -> None:
    assert await story.due() is None
    await story.fail()
    assert await story.due() == 0.0

    working = await story.rouse()

    assert working is not None
    assert working.state is RunState.WORKING
    history = await story.history()
    assert not history.agent_has_replied()
    assert "TypeError: total is not a function" in history.messages()[-1].text
    assert [event.failures for event in await _roused(story)] == [1]


async def test_what_a_roused_agent_was_told_is_not_told_again(story: Story) -> None:
    await story.fail()
    working = await story.rouse()
    assert working is not None

    assert await Failures(story.database, story.recorder).tell(working) == ()


async def test_a_role_that_does_not_say_so_leaves_its_run_at_rest(story: Story) -> None:
    story.roles.engineer = replace(ENGINEER, wakes_on_errors=False)
    await story.fail()

    assert await story.due() is None


@pytest.mark.parametrize("outcome", [outcome for outcome in Outcome if outcome is not Outcome.REPLIED])
async def test_a_run_that_did_not_end_with_a_reply_is_left_alone(story: Story, outcome: Outcome) -> None:
    await story.rest(outcome)
    await story.fail()

    assert await story.due() is None
    assert await story.rouse() is None


@pytest.mark.parametrize("state", [state for state in RunState if state is not RunState.IDLE])
async def test_a_run_that_is_not_at_rest_is_left_alone(story: Story, state: RunState) -> None:
    await story.rest(state=state)
    await story.fail()

    assert await story.due() is None
    assert await story.rouse() is None


async def test_a_run_rests_before_it_is_roused_again_whatever_the_clock_does(story: Story) -> None:
    story.clock.time = NOON + timedelta(days=400)  # the log's own time is the machine's
    await story.fail()
    await story.rouse()
    await story.rest()
    await story.fail()
    async with story.database.reading() as connection:
        (roused,) = await event_log.since(connection, 0, kinds=(RunRoused.kind,))

    story.clock.time = roused.time + timedelta(seconds=10)
    assert await story.due() == REST_SECONDS - 10
    story.clock.time = roused.time - timedelta(days=30)
    assert await story.due() == REST_SECONDS
    story.clock.time = roused.time + timedelta(seconds=REST_SECONDS)
    assert await story.due() == 0.0


async def test_a_page_that_fails_on_purpose_rouses_a_run_only_so_often_until_the_person_says_something(
    story: Story,
) -> None:
    for _ in range(MOST):
        await story.fail()
        assert await story.rouse() is not None
        await story.rest()
    await story.fail()
    assert await story.due() is None
    assert await story.rouse() is None

    await story.ask()
    await story.fail()

    assert await story.rouse() is not None


async def _roused(story: Story) -> list[RunRoused]:
    async with story.database.reading() as connection:
        log = await event_log.since(connection, 0, kinds=(RunRoused.kind,))
    return [recorded.event for recorded in log if isinstance(recorded.event, RunRoused)]
