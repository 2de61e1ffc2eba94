"""A stop ends the turn, whenever it comes and whatever is wrong; a question can be answered as soon as it is seen."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from studio.app.chats import Sent
from studio.app.studio import Studio
from studio.domain.events import CheckpointOpened, SnapshotFailed, StepStarted, ToolStarted, TurnEnded
from studio.domain.ids import RunId
from studio.domain.projects import Project
from studio.domain.runs import Outcome, RunState
from studio.domain.tools import ApprovalMode
from tests.fixtures.command_line import CommandLine, told_until
from tests.fixtures.engine import events_of, first_event, opened, turn_ended
from tests.fixtures.handed import HANDED
from tests.fixtures.repositories import make_repository
from tests.fixtures.scripts import Script, shell

pytestmark = pytest.mark.docker

BREAK = "chmod -R a-w .git/objects"
"""After this Git can save nothing in the workspace."""
MEND = "chmod -R u+w .git/objects"


SLEEP = shell("sleep 300")


async def test_two_stops_at_once_end_the_turn_once(studio_here: Studio, project: Project, script: Script) -> None:
    sent = await _send(studio_here, project, script(SLEEP, HANDED))
    await first_event(studio_here, sent.run, ToolStarted)
    await asyncio.gather(studio_here.chats.cancel(sent.run), studio_here.chats.cancel(sent.run))
    assert await _ends(studio_here, sent.run) == [Outcome.CANCELLED]
    assert (await studio_here.chats.run(sent.run)).state is RunState.IDLE


async def test_a_turn_stopped_before_it_began_asks_no_model(
    studio_here: Studio, project: Project, script: Script
) -> None:
    sent = await _send(studio_here, project, script(SLEEP, HANDED))
    await studio_here.chats.cancel(sent.run)
    assert await _ends(studio_here, sent.run) == [Outcome.CANCELLED]

    again = await studio_here.chats.send(project.id, "Go on", sent.run, model=script(HANDED, HANDED))
    assert (await turn_ended(studio_here, again)).outcome is Outcome.HANDED_OFF
    assert await _ends(studio_here, sent.run) == [Outcome.CANCELLED, Outcome.HANDED_OFF]


async def test_a_workspace_that_gives_no_snapshot_does_not_keep_the_turn_from_being_stopped(
    studio_here: Studio, project: Project, script: Script
) -> None:
    sent = await _send(studio_here, project, script(shell(f"{BREAK}; sleep 300"), HANDED))
    await first_event(studio_here, sent.run, ToolStarted)
    await studio_here.chats.cancel(sent.run)
    assert (await turn_ended(studio_here, sent)).outcome is Outcome.CANCELLED


async def test_an_agent_is_asked_although_its_changes_cannot_be_saved_and_can_mend_that(
    studio_here: Studio, project: Project, script: Script
) -> None:
    away, back = shell(f"echo two > a.txt; {BREAK}"), shell(MEND)
    sent = await _send(studio_here, project, script(away, back, HANDED))
    ended = await turn_ended(studio_here, sent)
    assert ended.outcome is Outcome.HANDED_OFF, ended.reason
    log = await events_of(studio_here, sent.run)
    assert any(isinstance(event, SnapshotFailed) for event in log)
    assert [file.path for file in (await studio_here.review.diff(sent.run)).files] == ["a.txt"]


async def test_a_repository_that_an_agent_made_unusable_is_made_anew(
    studio_here: Studio, project: Project, script: Script
) -> None:
    sent = await _send(studio_here, project, script(shell("echo two > a.txt; rm -rf .git; echo no > .git"), HANDED))
    ended = await turn_ended(studio_here, sent)
    assert ended.outcome is Outcome.HANDED_OFF, ended.reason
    assert [file.path for file in (await studio_here.review.diff(sent.run)).files] == ["a.txt"]


async def test_changes_that_cannot_be_saved_at_the_end_are_told_and_the_run_goes_on_with_a_message(
    studio_here: Studio, project: Project, script: Script
) -> None:
    away, back = shell(f"echo two > a.txt; {BREAK}"), shell(MEND)
    model = script(away, HANDED, back, HANDED)
    sent = await _send(studio_here, project, model)
    ended = await turn_ended(studio_here, sent)
    assert ended.outcome is Outcome.FAILED
    assert ended.reason

    again = await studio_here.chats.send(project.id, "Bring it back", sent.run)
    ended = await turn_ended(studio_here, again)
    assert ended.outcome is Outcome.HANDED_OFF, ended.reason
    assert [file.path for file in (await studio_here.review.diff(sent.run)).files] == ["a.txt"]


async def test_a_question_can_be_decided_the_moment_it_is_seen(
    studio_here: Studio, project: Project, script: Script
) -> None:
    model = script(shell("echo two > a.txt"), HANDED)
    sent = await studio_here.chats.send(project.id, "Go", model=model, approval=ApprovalMode.ASK)
    asked = await first_event(studio_here, sent.run, CheckpointOpened)
    decided = await studio_here.checkpoints.approve(asked.checkpoint)
    assert (await turn_ended(studio_here, decided)).outcome is Outcome.HANDED_OFF


async def test_a_turn_whose_end_cannot_be_saved_ends_once_it_can(
    studio_here: Studio, project: Project, script: Script
) -> None:
    sent = await _send(studio_here, project, script(shell("echo two > a.txt; sleep 1"), HANDED))
    await first_event(studio_here, sent.run, ToolStarted)
    with closing(sqlite3.connect(studio_here.paths.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        await asyncio.to_thread(_until_logged, studio_here.paths.logs / "studio.log", "not_saved_yet")
        other.execute("ROLLBACK")
    ended = await turn_ended(studio_here, sent)
    assert ended.outcome is Outcome.FAILED
    assert ended.reason


async def test_a_stop_that_was_told_holds_over_a_kill(studio: CommandLine, tmp_path: Path, script: Script) -> None:
    repository = make_repository(tmp_path / "shop", {"a.txt": "one\n"})
    words = ("run", "Go", "--project", str(repository), "--model", script(SLEEP, HANDED), "--approve", "auto", "--json")
    process = studio.start(*words, STUDIO_FAULT_POINT="after_cancel_requested")
    told_until(process, "tool_started")
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL

    async with opened(studio.home) as reopened:
        (run,) = await reopened.chats.runs()
        ended = await first_event(reopened, run.id, TurnEnded)
        assert ended.outcome is Outcome.CANCELLED
        steps = [event for event in await events_of(reopened, run.id) if isinstance(event, StepStarted)]
        assert len(steps) == 1


async def _send(studio: Studio, project: Project, model: str) -> Sent:
    return await studio.chats.send(project.id, "Go", model=model, approval=ApprovalMode.AUTO)


async def _ends(studio: Studio, run: RunId) -> list[Outcome]:
    return [event.outcome for event in await events_of(studio, run) if isinstance(event, TurnEnded)]


def _until_logged(file: Path, what: str) -> None:
    """Reads a growing file until it says that."""
    with file.open() as lines:
        while what not in lines.read():
            os.sched_yield()
