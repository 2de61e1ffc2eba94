"""A chat that went back: the agent sees it as it was, and nothing of the log or of what was spent is gone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import pytest

from studio.adapters.clock import SystemClock
from studio.agents.history import History
from studio.agents.journal import Journal
from studio.agents.live import LiveRuns
from studio.agents.restoring import Restorer, restore_chat
from studio.app.choices import Choices
from studio.app.forking import Forks
from studio.app.restoring import Restoring
from studio.checkpoints.checkpoints import Checkpoints
from studio.contracts.chat_model import ModelReply
from studio.domain.checkpoints import CheckpointKind, CheckpointState
from studio.domain.errors import NotFound, UserError
from studio.domain.events import MessagePosted, Recorded
from studio.domain.ids import CallId, RestoreId, RunId, TurnId
from studio.domain.messages import FinishReason, ToolCall
from studio.domain.money import NanoUsd
from studio.domain.points import left_out, point_of, turn_points
from studio.domain.restores import What
from studio.domain.runs import Outcome, Run, RunState
from studio.domain.usage import Usage
from studio.events.recorder import Recorder
from studio.router.router import Completion
from studio.store import event_log, projects, runs
from studio.store.database import Database
from tests.fixtures.acts import HereAndNow
from tests.fixtures.memory import a_project, a_run


@dataclass(slots=True)
class Story:
    """A run and the people around it."""

    run: Run
    database: Database
    recorder: Recorder
    journal: Journal
    checkpoints: Checkpoints
    restoring: Restoring
    forks: Forks

    async def turn(
        self, message: str, reply: str, *calls: ToolCall, ended: Outcome = Outcome.REPLIED, run: Run | None = None
    ) -> None:
        """One turn of `run` from the person's message to its end."""
        run = await self.now(run)
        async with self.recorder.unit(run.project, run.id) as unit:
            await self.checkpoints.void(unit, run.id)
            run = await self.journal.start_turn(unit, run, message, TurnId.new())
        history = await self.journal.history(run)
        step = await self.journal.start_step(run, history)
        said = ModelReply(reply, calls, FinishReason.TOOL_CALLS if calls else FinishReason.STOP, Usage(10, 5))
        await self.journal.record_reply(run, history, step, Completion(said, run.model, NanoUsd(7), 1.0))
        async with self.recorder.unit(run.project, run.id) as unit:
            if ended is Outcome.WAITING:
                question = self.checkpoints.question(run, calls[0].id, CheckpointKind.APPROVAL, "Run this?", "make")
                await self.checkpoints.open(unit, question)
            await self.journal.end_turn(unit, run, history, ended)

    async def now(self, run: Run | None = None) -> Run:
        async with self.database.reading() as connection:
            return await runs.get(connection, (run or self.run).id)

    async def log(self) -> tuple[Recorded, ...]:
        async with self.database.reading() as connection:
            return await event_log.since(connection, 0, run=self.run.id)

    async def history(self) -> History:
        return await self.journal.history(self.run)

    async def chat(self, run: Run | None = None) -> list[str]:
        """What a model would be shown."""
        return [message.text for message in (await self.journal.history(run or self.run)).messages()]


@pytest.fixture
async def story(database: Database, recorder: Recorder) -> Story:
    project = a_project()
    run = a_run(project)
    journal, checkpoints = Journal(database, recorder), Checkpoints(database, recorder, SystemClock())
    async with recorder.unit(project.id, run.id) as unit:
        await projects.add(unit.connection, project)
        await journal.start_run(unit, run)
    restorer = Restorer(database, recorder, journal, checkpoints, cast(LiveRuns, None))
    restoring = Restoring(HereAndNow(), database, restorer)
    forks = Forks(HereAndNow(), database, recorder, journal, cast(Choices, None), SystemClock())
    return Story(run, database, recorder, journal, checkpoints, restoring, forks)


@pytest.fixture
async def talked(story: Story) -> Story:
    """Three turns were had."""
    for word in ("one", "two", "three"):
        await story.turn(word, f"{word} done")
    return story


async def test_the_agent_is_shown_the_chat_as_it_was_then(talked: Story) -> None:
    await talked.restoring.restore(talked.run.id, "2", What.CHAT)
    assert await talked.chat() == ["one", "one done", "two", "two done"]
    await talked.restoring.restore(talked.run.id, "2", What.CHAT, before=True)
    assert await talked.chat() == ["one", "one done"]
    await talked.turn("other", "other done")
    assert await talked.chat() == ["one", "one done", "other", "other done"]


async def test_a_turn_that_is_out_of_the_chat_can_be_gone_to_again(talked: Story) -> None:
    await talked.restoring.restore(talked.run.id, "1", What.CHAT)
    await talked.turn("other", "other done")
    await talked.restoring.restore(talked.run.id, "3", What.CHAT)
    assert await talked.chat() == ["one", "one done", "two", "two done", "three", "three done"]


async def test_no_event_is_deleted_and_what_was_spent_stays_spent(talked: Story) -> None:
    before = await talked.log()
    await talked.restoring.restore(talked.run.id, "1", What.CHAT)
    after = await talked.log()
    assert after[: len(before)] == before
    gone = left_out(after)
    said = [item.event.text for item in after if item.seq in gone and isinstance(item.event, MessagePosted)]
    assert said == ["two", "two done", "three", "three done"]
    history = await talked.history()
    assert history.since_message.cost_nusd == 3 * 7
    assert history.total_steps == 3


async def test_a_restore_is_taken_back_and_so_is_the_one_before_it(talked: Story) -> None:
    await talked.restoring.restore(talked.run.id, "2", What.CHAT)
    await talked.restoring.restore(talked.run.id, "1", What.CHAT)
    await talked.restoring.redo(talked.run.id)
    assert await talked.chat() == ["one", "one done", "two", "two done"]
    await talked.restoring.redo(talked.run.id)
    assert await talked.chat() == ["one", "one done", "two", "two done", "three", "three done"]
    with pytest.raises(UserError, match="taken back already"):
        await talked.restoring.redo(talked.run.id)


async def test_a_restore_is_not_taken_back_once_the_run_has_gone_on(talked: Story) -> None:
    await talked.restoring.restore(talked.run.id, "1", What.CHAT)
    await talked.turn("other", "other done")
    with pytest.raises(UserError, match="has gone on since") as told:
        await talked.restoring.redo(talked.run.id)
    assert told.value.action == f"Go to any turn instead: studio runs restore {talked.run.id} --turn N"
    assert await talked.chat() == ["one", "one done", "other", "other done"]


async def test_a_run_that_was_never_restored_has_nothing_to_redo(talked: Story) -> None:
    with pytest.raises(UserError, match="was not restored"):
        await talked.restoring.redo(talked.run.id)


async def test_a_question_that_stood_at_the_point_is_withdrawn(story: Story) -> None:
    call = ToolCall(CallId.new(), "shell", {"command": "make"})
    await story.turn("build", "I build.", call, ended=Outcome.WAITING)
    await story.turn("leave it", "left")
    await story.restoring.restore(story.run.id, "1", What.CHAT)
    history = await story.history()
    assert history.open_calls() == (call,)
    assert history.decisions[call.id].state == CheckpointState.VOID.value


async def test_going_back_withdraws_what_the_run_waits_for(talked: Story) -> None:
    await talked.turn("build", "I build.", ToolCall(CallId.new(), "shell", {"command": "make"}), ended=Outcome.WAITING)
    await talked.restoring.restore(talked.run.id, "3", What.CHAT)
    assert await talked.checkpoints.waiting() == ()
    assert (await talked.now()).state is RunState.IDLE
    await talked.restoring.redo(talked.run.id)
    assert (await talked.history()).open_calls()


async def test_a_working_run_cannot_go_back(talked: Story) -> None:
    run = await talked.now()
    async with talked.recorder.unit(run.project, run.id) as unit:
        await talked.journal.start_turn(unit, run, "four", TurnId.new())
    with pytest.raises(UserError, match="is working right now"):
        await talked.restoring.restore(run.id, "1", What.CHAT)
    with pytest.raises(UserError, match="Turn 4 has not ended yet"):
        await talked.restoring.restore(run.id, "4", What.CHAT)


async def test_a_discarded_run_is_forked_instead(talked: Story) -> None:
    async with talked.recorder.unit(talked.run.project, talked.run.id) as unit:
        await talked.journal.close_run(unit, talked.run)
    with pytest.raises(UserError, match="was discarded"):
        await talked.restoring.restore(talked.run.id, "1", What.CHAT)


@pytest.mark.parametrize("number", [0, -1, 4])
async def test_a_turn_that_is_not_there_is_named(talked: Story, number: int) -> None:
    with pytest.raises(NotFound, match=f"There is no turn {number}: the run has turns 1 to 3"):
        await talked.restoring.restore(talked.run.id, str(number), What.CHAT)


async def test_an_act_that_is_asked_for_again_is_done_once(talked: Story) -> None:
    point = point_of(await talked.log(), "1", before=False)
    again = RestoreId.new()
    first = await talked.restoring._restore(talked.run.id, again, What.CHAT, point)
    length = len(await talked.log())
    assert await talked.restoring._restore(talked.run.id, again, What.CHAT, point) == first
    assert len(await talked.log()) == length


async def test_a_retry_goes_back_and_asks_again_in_one_transaction(talked: Story) -> None:
    run = await talked.now()
    point = point_of(await talked.log(), "3", before=True)
    async with talked.recorder.unit(run.project, run.id) as unit:
        back = await restore_chat(unit, talked.checkpoints, run.id, point, RestoreId.new())
        await talked.journal.start_turn(unit, back, "three", TurnId.new())
    assert await talked.chat() == ["one", "one done", "two", "two done", "three"]
    assert [turn.message for turn in turn_points(await talked.log())] == ["one", "two", "three", "three"]


async def test_a_fork_begins_with_the_chat_up_to_its_turn_and_leaves_the_source_as_it_is(talked: Story) -> None:
    before = await talked.log()
    fork = await talked.forks.fork(talked.run.id, "2")
    assert await talked.chat(fork) == ["one", "one done", "two", "two done"]
    assert await talked.log() == before
    await talked.turn("other", "other done", run=fork)
    await talked.turn("four", "four done")
    assert await talked.chat(fork) == ["one", "one done", "two", "two done", "other", "other done"]
    assert (await talked.chat())[-1] == "four done"


async def test_a_fork_counts_on_from_its_source_and_can_go_back_into_it(talked: Story) -> None:
    fork = await talked.forks.fork(talked.run.id, "2")
    await talked.turn("other", "other done", run=fork)
    assert (await talked.journal.history(fork)).total_steps == 3
    await talked.restoring.restore(fork.id, "1", What.CHAT)
    assert await talked.chat(fork) == ["one", "one done"]
    again = await talked.forks.fork(fork.id, "3")
    assert await talked.chat(again) == ["one", "one done", "two", "two done", "other", "other done"]


async def test_a_fork_has_a_branch_of_its_own_and_the_role_base_and_limits_of_its_source(talked: Story) -> None:
    fork = await talked.forks.fork(talked.run.id, "1")
    source = await talked.now()
    assert fork.branch.startswith(f"studio/{fork.id}-")
    assert (fork.role, fork.base_commit, fork.limits, fork.model) == (
        *(source.role, source.base_commit, source.limits, source.model),
    )
    assert (fork.state, fork.turn, fork.title) == (RunState.IDLE, None, "Repair the till (fork)")


async def test_a_discarded_run_can_be_forked(talked: Story) -> None:
    async with talked.recorder.unit(talked.run.project, talked.run.id) as unit:
        await talked.journal.close_run(unit, talked.run)
    fork = await talked.forks.fork(talked.run.id)
    assert (await talked.chat(fork))[-1] == "three done"


async def test_a_fork_that_is_asked_for_again_is_made_once(talked: Story) -> None:
    point, new = point_of(await talked.log(), "1", before=False), RunId.new()
    first = await talked.forks._fork(talked.run.id, new, point, None)
    assert await talked.forks._fork(talked.run.id, new, point, None) == first


async def test_what_its_source_waited_for_is_not_asked_in_a_fork(talked: Story) -> None:
    call = ToolCall(CallId.new(), "shell", {"command": "make"})
    await talked.turn("build", "I build.", call, ended=Outcome.WAITING)
    fork = await talked.forks.fork(talked.run.id)
    assert (await talked.journal.history(fork)).decisions[call.id].state == CheckpointState.VOID.value
    assert (await talked.now()).state is RunState.WAITING
