"""A recorded run is gone through again without model, network and container, and comes to the same events."""

from __future__ import annotations

import signal
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from studio.agents.replay.player import Replay
from studio.app.chats import Sent
from studio.app.studio import Studio
from studio.domain.errors import UserError
from studio.domain.events import (
    AgentNudged,
    ContextCompacted,
    ToolStarted,
    TurnEnded,
)
from studio.domain.ids import RunId
from studio.domain.projects import Project
from studio.domain.runs import Outcome
from studio.domain.tools import ApprovalMode
from tests.fixtures.command_line import CommandLine
from tests.fixtures.engine import events_of, first_event, opened, turn_ended
from tests.fixtures.handed import HANDED
from tests.fixtures.repositories import make_repository
from tests.fixtures.scripts import Script

pytestmark = pytest.mark.docker


def call(name: str, **arguments: object) -> dict[str, object]:
    return {"text": f"Now {name}.", "calls": [{"name": name, "arguments": arguments}]}


def shell(command: str) -> dict[str, object]:
    return call("shell", command=command)


@pytest.fixture
def project_files() -> dict[str, str]:
    return {"a.txt": "one\n", "AGENTS.md": "Be kind.\n", "till/AGENTS.md": "Count twice.\n", "till/b.txt": "b\n"}


async def test_a_run_with_commands_edits_mistakes_and_guidance_comes_to_the_same(
    studio_here: Studio, project: Project, script: Script
) -> None:
    wrong = {
        "calls": [{"name": "shell", "raw": "{"}, {"name": "nope", "arguments": {}}, {"name": "read", "arguments": {}}]
    }
    model = script(
        shell("seq 9000"), wrong, call("read", path="till/b.txt"), call("write", path="c.txt", content="c"), HANDED
    )
    sent = await _send(studio_here, project, model)
    await turn_ended(studio_here, sent)
    await _same(studio_here, sent.run)


async def test_approvals_and_denials_come_to_the_same(studio_here: Studio, project: Project, script: Script) -> None:
    model = script(shell("touch b.txt"), shell("rm a.txt"), call("ask", question="Which?", options=["x", "y"]), HANDED)
    sent = await _send(studio_here, project, model, approval=ApprovalMode.ASK)
    await turn_ended(studio_here, sent)
    (asked,) = await studio_here.checkpoints.waiting()
    await turn_ended(studio_here, await studio_here.checkpoints.approve(asked.id, "fine"))
    (asked,) = await studio_here.checkpoints.waiting()
    await turn_ended(studio_here, await studio_here.checkpoints.deny(asked.id, "keep it"))
    (asked,) = await studio_here.checkpoints.waiting()
    assert (
        await turn_ended(studio_here, await studio_here.checkpoints.answer(asked.id, "x"))
    ).outcome is Outcome.HANDED_OFF
    await _same(studio_here, sent.run)


async def test_failures_and_a_fallback_come_to_the_same(studio_here: Studio, project: Project, script: Script) -> None:
    busy = {"error": {"fault": "overloaded", "times": 1}, **shell("touch b.txt")}
    first = script(busy, {"error": {"fault": "auth"}}, name="first")
    other = script({}, HANDED, name="other")
    sent = await _send(studio_here, project, first, fallbacks=(other,))
    assert (await turn_ended(studio_here, sent)).outcome is Outcome.HANDED_OFF
    again = await studio_here.chats.send(project.id, "And now?", sent.run, model=script(name="empty"))
    assert (await turn_ended(studio_here, again)).outcome is Outcome.FAILED
    await _same(studio_here, sent.run)


@pytest.mark.parametrize(("times", "outcome"), [({"times": 1}, Outcome.HANDED_OFF), ({}, Outcome.FAILED)])
async def test_a_context_that_a_provider_finds_too_long_comes_to_the_same(
    studio_here: Studio, project: Project, script: Script, times: dict[str, int], outcome: Outcome
) -> None:
    steps = [shell(f"echo {at}; head -c 9000 /dev/zero | tr '\\0' {at}; touch f{at}") for at in range(6)]
    sent = await _send(
        studio_here, project, script(*steps, {"error": {"fault": "context_too_long", **times}, **HANDED})
    )
    ended = await turn_ended(studio_here, sent)
    assert ended.outcome is outcome
    events = await events_of(studio_here, sent.run)
    assert sum(isinstance(event, ContextCompacted) for event in events) == 1
    assert ("refused again" in ended.reason) is (outcome is Outcome.FAILED)
    await _same(studio_here, sent.run)


async def test_an_agent_that_goes_in_circles_comes_to_the_same(
    studio_here: Studio, project: Project, script: Script
) -> None:
    sent = await _send(studio_here, project, script(*[shell("cat a.txt")] * 12))
    assert (await turn_ended(studio_here, sent)).outcome is Outcome.LIMIT
    assert any(isinstance(event, AgentNudged) for event in await events_of(studio_here, sent.run))
    await _same(studio_here, sent.run)


async def test_a_stop_in_a_command_and_a_queued_message_come_to_the_same(
    studio_here: Studio, project: Project, script: Script
) -> None:
    model = script(shell("touch b.txt; sleep 300"), HANDED, HANDED)
    sent = await _send(studio_here, project, model)
    await first_event(studio_here, sent.run, ToolStarted)
    queued = await studio_here.queue.add(sent.run, "Later")
    await studio_here.queue.interrupt(sent.run, "Now")
    await turn_ended(studio_here, queued)
    await _same(studio_here, sent.run)


async def test_a_change_of_the_approval_mode_comes_to_the_same(
    studio_here: Studio, project: Project, script: Script
) -> None:
    sent = await _send(studio_here, project, script(HANDED, shell("touch b.txt"), HANDED), approval=ApprovalMode.ASK)
    await turn_ended(studio_here, sent)
    again = await studio_here.chats.send(project.id, "Go on", sent.run, approval=ApprovalMode.AUTO)
    assert (await turn_ended(studio_here, again)).outcome is Outcome.HANDED_OFF
    await _same(studio_here, sent.run)


async def test_a_compacted_run_comes_to_the_same_whatever_the_settings_are_by_then(
    tmp_path: Path, script: Script
) -> None:
    async with opened(tmp_path / "home", {"STUDIO_CONTEXT_TOKENS": "16000"}) as studio:
        project = await studio.projects.add(make_repository(tmp_path / "shop", {"a.txt": "one\n"}))
        steps = [shell(f"echo {at}; head -c 9000 /dev/zero | tr '\\0' {at}; touch f{at}") for at in range(9)]
        sent = await _send(studio, project, script(*steps, HANDED))
        await turn_ended(studio, sent)
        assert any(isinstance(event, ContextCompacted) for event in await events_of(studio, sent.run))
    async with opened(tmp_path / "home") as later:
        await _same(later, sent.run)


@pytest.mark.parametrize("point", ["after_step_started", "after_tool_started", "after_snapshot_taken"])
async def test_a_run_that_was_killed_and_taken_up_comes_to_the_same(
    studio: CommandLine, tmp_path: Path, script: Script, point: str
) -> None:
    repository = make_repository(tmp_path / "shop", {"a.txt": "one\n"})
    words = ("run", "Go", "--project", str(repository), "--model", script(shell("touch b.txt"), HANDED, HANDED))
    assert studio(*words, "--approve", "auto", STUDIO_FAULT_POINT=point).code == -signal.SIGKILL
    async with opened(studio.home) as reopened:
        (run,) = await reopened.chats.runs()
        await first_event(reopened, run.id, TurnEnded)
        await _same(reopened, run.id)


async def test_a_log_in_which_a_command_answered_otherwise_has_another_hash(
    studio_here: Studio, project: Project, script: Script
) -> None:
    sent = await _send(studio_here, project, script(shell("cat a.txt"), HANDED))
    await turn_ended(studio_here, sent)
    before = await _same(studio_here, sent.run)
    _change(studio_here, "UPDATE events SET payload = replace(payload, 'one', 'two') WHERE kind = 'tool_answered'")
    assert (await studio_here.replays.replay(sent.run)).recorded != before.recorded


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("DELETE FROM events WHERE kind = 'agent_nudged'", "agent_nudged"),
        (
            "UPDATE events SET payload = replace(payload, '\"steps\":', '\"steps\":1') WHERE kind = 'turn_ended'",
            "steps",
        ),
        ("UPDATE events SET payload = replace(payload, '\"max_steps\":100', '\"max_steps\":2')", "turn_ended"),
    ],
)
async def test_a_loop_that_does_what_is_not_recorded_is_noticed(
    studio_here: Studio, project: Project, script: Script, change: str, told: str
) -> None:
    sent = await _send(studio_here, project, script(*[shell("cat a.txt")] * 12))
    await turn_ended(studio_here, sent)
    _change(studio_here, change)
    came = await studio_here.replays.replay(sent.run)
    assert not came.same
    assert told in came.difference


async def test_a_run_at_work_is_not_replayed_and_that_says_why(
    studio_here: Studio, project: Project, script: Script
) -> None:
    sent = await _send(studio_here, project, script(shell("touch b.txt; sleep 300")))
    await first_event(studio_here, sent.run, ToolStarted)
    with pytest.raises(UserError, match="is working right now"):
        await studio_here.replays.replay(sent.run)
    await studio_here.chats.cancel(sent.run)


def test_the_command_line_tells_that_it_came_to_the_same(studio: CommandLine, tmp_path: Path, script: Script) -> None:
    repository = make_repository(tmp_path / "shop", {"a.txt": "one\n"})
    done = studio("run", "Go", "--project", str(repository), "--model", script(HANDED), "--json")
    replayed = studio("runs", "replay", done.outcome["run"], "--json")
    assert replayed.code == 0, replayed.err
    told: dict[str, Any] = replayed.document
    assert told["same"]
    assert told["recorded_hash"] == told["replayed_hash"]


async def _same(studio: Studio, run: RunId) -> Replay:
    came = await studio.replays.replay(run)
    assert came.difference == ""
    assert came.recorded == came.replayed
    return came


def _change(studio: Studio, statement: str) -> None:
    """Changes the saved log, as only somebody can who takes its guards away first."""
    with closing(sqlite3.connect(studio.paths.database)) as log:
        for (guard,) in log.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            log.execute(f"DROP TRIGGER {guard}")
        log.execute(statement)
        log.commit()


async def _send(
    studio: Studio,
    project: Project,
    model: str,
    approval: ApprovalMode = ApprovalMode.AUTO,
    fallbacks: tuple[str, ...] = (),
) -> Sent:
    return await studio.chats.send(project.id, "Go", model=model, approval=approval, fallbacks=fallbacks)
