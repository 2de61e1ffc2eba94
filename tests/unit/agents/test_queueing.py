"""What a person sends by hand from a queue that waits is that message, and nothing that stands behind it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from studio.adapters.clock import SystemClock
from studio.agents.journal import Journal
from studio.agents.queue import Queueing
from studio.checkpoints.checkpoints import Checkpoints
from studio.domain.events import TurnEnded
from studio.domain.ids import TurnId
from studio.domain.queue import Hold, QueuedMessage
from studio.domain.runs import Outcome, Run, RunState
from studio.events.recorder import Recorder
from studio.store import projects, runs
from studio.store.database import Database
from tests.fixtures.memory import a_project, a_run

NOW, LATER = QueuedMessage(TurnId("t0000001"), "Not so"), QueuedMessage(TurnId("t0000002"), "Later")


@dataclass(slots=True)
class Scene:
    """A run in whose queue one message waits."""

    run: Run
    recorder: Recorder
    queueing: Queueing

    async def end(self, run: Run) -> None:
        """The turn under way ends because its agent was stopped."""
        async with self.recorder.unit(run.project, run.id) as unit:
            await runs.save(unit.connection, replace(run, state=RunState.IDLE))
            unit.record(TurnEnded(run.turn or "", Outcome.CANCELLED, 1, run.branch))


@pytest.fixture
async def scene(database: Database, recorder: Recorder) -> Scene:
    project = a_project()
    run = a_run(project)
    async with recorder.unit(project.id, run.id) as unit:
        await projects.add(unit.connection, project)
        await runs.add(unit.connection, run)
    checkpoints = Checkpoints(database, recorder, SystemClock())
    queueing = Queueing(database, recorder, Journal(database, recorder), checkpoints)
    await queueing.add(run, LATER)
    return Scene(run, recorder, queueing)


async def test_an_interrupting_message_whose_turn_is_over_sends_nothing_else(scene: Scene) -> None:
    await scene.queueing.interrupt(scene.run, NOW)
    working = await scene.queueing.begin_next(scene.run.id, by_hand=NOW.turn)
    assert working is not None
    await scene.end(working)
    assert await scene.queueing.begin_next(scene.run.id, by_hand=NOW.turn) is None
    queue = await scene.queueing.queue(scene.run.id)
    assert (queue.held, [item.text for item in queue.waiting]) == (Hold.STOPPED, ["Later"])


async def test_a_message_that_was_taken_back_does_not_send_the_one_behind_it(scene: Scene) -> None:
    await scene.queueing.interrupt(scene.run, NOW)
    await scene.queueing.take_back(scene.run, NOW.turn)
    assert await scene.queueing.begin_next(scene.run.id, by_hand=NOW.turn) is None
    assert [item.text for item in (await scene.queueing.queue(scene.run.id)).waiting] == ["Later"]
