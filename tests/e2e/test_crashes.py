"""Killed at any point of a run and started again, Studio goes on and has lost nothing it had told."""

from __future__ import annotations

import json
import signal
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest

from studio.app.studio import Studio
from studio.domain.codec import to_payload
from studio.domain.errors import UserError
from studio.domain.events import Recorded, ToolAnswered, ToolCalled, TurnEnded, UsageRecorded
from studio.domain.ids import RunId
from studio.domain.runs import Outcome, RunState
from tests.fixtures.aimock import Fixture, ModelServer, calling, conversation
from tests.fixtures.command_line import CommandLine, Finished, told_until
from tests.fixtures.engine import opened
from tests.fixtures.handed import handed, handing
from tests.fixtures.repositories import git, make_repository
from tests.fixtures.scripts import Script, call, shell

pytestmark = pytest.mark.docker

RUN_POINTS = [
    "before_run_started",
    "after_run_started",
    "before_sandbox_started",
    "after_sandbox_started",
    "before_step_started",
    "after_step_started",
    "before_message_posted:2",
    "after_message_posted:2",
    "before_tool_started",
    "after_tool_started",
    "before_tool_answered",
    "after_tool_answered",
    "before_tool_answered:2",
    "after_tool_answered:2",
    "before_snapshot_taken",
    "after_snapshot_taken",
    "before_message_posted:5",
    "after_message_posted:5",
    "before_turn_ended",
    "after_turn_ended",
]

RECORDED_POINTS = [
    "after_message_posted:2",
    "before_tool_answered",
    "after_snapshot_taken",
    "after_message_posted:3",
    "before_turn_ended",
]

ASK_POINTS = ["before_checkpoint_opened", "after_checkpoint_opened", "before_turn_ended"]
DECIDE_POINTS = ["before_checkpoint_decided", "after_checkpoint_decided", "before_tool_started", "before_tool_answered"]

WRONG = "def add(a, b):\n    return a - b\n"
RIGHT = "def add(a, b):\n    return a + b\n"
TEST = "from calc import add\n\n\ndef test_adds() -> None:\n    assert add(2, 2) == 4\n"

TESTS = shell("python3 -m pytest -q")
EDIT = call("edit", path="calc.py", old="a - b", new="a + b")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return make_repository(tmp_path / "calc", {"calc.py": WRONG, "test_calc.py": TEST, ".gitignore": "__pycache__/\n"})


@pytest.fixture
def model(script: Script) -> str:
    """It runs the tests, mends what they found and runs them again."""
    first, again = {"text": "First the tests.", **TESTS}, {"text": "Again.", **TESTS}
    return script(first, {"text": "The sign.", **EDIT}, again, handed("Mended."))


@pytest.mark.parametrize("point", RUN_POINTS)
async def test_a_run_killed_anywhere_ends_as_if_nothing_had_happened(
    studio: CommandLine, repository: Path, model: str, point: str
) -> None:
    killed = _run(studio, repository, model, "auto", STUDIO_FAULT_POINT=point)
    assert killed.code == -signal.SIGKILL

    async with _opened(studio) as reopened:
        run = await _only_run(reopened)
        if point == "before_run_started":
            assert run is None
            return
        assert run is not None
        log = await _until_ended(reopened, run)
        _nothing_told_is_missing(killed, log)
        _nothing_is_done_twice(log)
        assert _ends(log)[-1].outcome is Outcome.HANDED_OFF
        diff = await reopened.review.diff(run)
        assert [(file.path, file.added, file.removed) for file in diff.files] == [("calc.py", 1, 1)]
        await reopened.review.merge(run)
        assert (repository / "calc.py").read_text() == RIGHT
    assert studio.containers() == []


@pytest.mark.parametrize("point", RECORDED_POINTS)
async def test_a_reply_that_was_recorded_is_never_asked_of_the_provider_again(
    studio: CommandLine, repository: Path, model_server: Callable[[Sequence[Fixture]], ModelServer], point: str
) -> None:
    edit = {"path": "calc.py", "old": "a - b", "new": "a + b"}
    replies = (calling("edit", edit), calling("shell", {"command": "true"}), handing("Mended."))
    server = model_server(conversation(*replies))
    studio.environment = server.environment()
    killed = _run(studio, repository, "anthropic/claude-sonnet-4-6", "auto", STUDIO_FAULT_POINT=point)
    assert killed.code == -signal.SIGKILL
    asked_before = len(_asked(server))

    async with _opened(studio) as reopened:
        run = await _only_run(reopened)
        assert run is not None
        log = await _until_ended(reopened, run)
        assert _ends(log)[-1].outcome is Outcome.HANDED_OFF
        steps = [item.event.step for item in log if isinstance(item.event, UsageRecorded)]
    assert 1 <= asked_before <= 3
    assert _asked(server) == [0, 1, 2]
    assert steps == [1, 2, 3]


@pytest.mark.parametrize("point", ASK_POINTS)
async def test_a_question_survives_the_kill_and_is_asked_once(
    studio: CommandLine, repository: Path, model: str, point: str
) -> None:
    killed = _run(studio, repository, model, "ask", STUDIO_FAULT_POINT=point)
    assert killed.code == -signal.SIGKILL

    async with _opened(studio) as reopened:
        run = await _only_run(reopened)
        assert run is not None
        log = await _until_ended(reopened, run)
        _nothing_told_is_missing(killed, log)
        assert _ends(log)[-1].outcome is Outcome.WAITING
        (waiting,) = await reopened.checkpoints.waiting()
        assert waiting.act == "python3 -m pytest -q"


@pytest.mark.parametrize("point", DECIDE_POINTS)
async def test_a_decision_survives_the_kill_and_is_acted_on_once(
    studio: CommandLine, repository: Path, model: str, point: str
) -> None:
    asked = _run(studio, repository, model, "ask")
    assert asked.code == 3
    checkpoint = asked.outcome["checkpoint"]
    killed = studio("checkpoints", "approve", checkpoint, "--json", STUDIO_FAULT_POINT=point)
    assert killed.code == -signal.SIGKILL

    async with _opened(studio) as reopened:
        if point == "before_checkpoint_decided":
            await reopened.checkpoints.approve(checkpoint)
        run = RunId(asked.outcome["run"])
        log = await _until_ended(reopened, run, ends=2)
        _nothing_told_is_missing(killed, log)
        _nothing_is_done_twice(log)
        # The second command of the story asks again.
        assert [end.outcome for end in _ends(log)] == [Outcome.WAITING, Outcome.WAITING]
    assert studio.containers() == []


async def test_a_merge_killed_after_the_branch_moved_is_finished_by_merging_again(
    studio: CommandLine, repository: Path, model: str
) -> None:
    run = _run(studio, repository, model, "auto").outcome["run"]
    assert studio("merge", run, STUDIO_FAULT_POINT="before_branch_merged").code == -signal.SIGKILL
    moved = git(repository, "rev-parse", "main")
    assert (repository / "calc.py").read_text() == RIGHT

    again = studio("merge", run, "--json")

    assert again.code == 0, again.err
    assert git(repository, "rev-parse", "main") == moved
    assert studio("runs", "show", run, "--json").document["state"] == "merged"


async def test_the_files_of_a_run_are_gone_though_studio_was_killed_while_it_put_the_run_away(
    studio: CommandLine, repository: Path, model: str
) -> None:
    run = _run(studio, repository, model, "auto").outcome["run"]
    assert studio("discard", run, STUDIO_FAULT_POINT="after_run_discarded").code == -signal.SIGKILL
    assert (studio.home / "workspaces" / run).exists()

    async with _opened(studio) as reopened:
        assert not (studio.home / "workspaces" / run).exists()
        with pytest.raises(UserError, match="was discarded"):
            await reopened.terminals.command(RunId(run))
        assert not (studio.home / "workspaces" / run).exists()
    assert studio.containers() == []


async def test_an_insertion_is_made_once_though_its_result_was_never_noted(
    studio: CommandLine, repository: Path, tmp_path: Path
) -> None:
    insertion = {"path": "calc.py", "old": "def add(a, b):\n", "new": "def add(a, b):\n    # adds\n"}
    path = tmp_path / "insert.json"
    path.write_text(json.dumps({"replies": [{"calls": [{"name": "edit", "arguments": insertion}]}, handed("In.")]}))
    killed = _run(studio, repository, f"scripted/{path}", "auto", STUDIO_FAULT_POINT="before_tool_answered")
    assert killed.code == -signal.SIGKILL

    async with _opened(studio) as reopened:
        run = await _only_run(reopened)
        assert run is not None
        await _until_ended(reopened, run)
        (file,) = (await reopened.review.diff(run)).files
        assert (file.added, file.removed) == (1, 0)


async def test_a_command_that_ran_when_studio_was_killed_is_not_run_again(
    studio: CommandLine, repository: Path, script: Script
) -> None:
    slow = script(shell("echo once >> marks.txt; sleep 300"), handed("Seen."))
    process = studio.start("run", "Go", "--project", str(repository), "--model", slow, "--approve", "auto", "--json")
    told_until(process, "tool_started")
    process.send_signal(signal.SIGKILL)
    process.wait(timeout=30)

    async with _opened(studio) as reopened:
        run = await _only_run(reopened)
        assert run is not None
        log = await _until_ended(reopened, run)
        answer, _ = [item.event for item in log if isinstance(item.event, ToolAnswered)]
        assert not answer.ok
        assert "interrupted" in answer.text
    assert studio.containers() == []


def _run(studio: CommandLine, repository: Path, model: str, approve: str, **more: str) -> Finished:
    words = ("run", "add() is wrong. Fix it.", "--project", str(repository), "--model", model)
    return studio(*words, "--approve", approve, "--json", **more)


def _opened(studio: CommandLine) -> AbstractAsyncContextManager[Studio]:
    return opened(studio.home, studio.environment)


def _asked(server: ModelServer) -> list[int]:
    """Each request for a reply, by how many replies it holds already."""
    asked = [request["body"]["messages"] for request in server.requests() if request["path"] == "/v1/messages"]
    return [sum(message["role"] == "assistant" for message in messages) for messages in asked]


async def _only_run(studio: Studio) -> RunId | None:
    found = await studio.chats.runs()
    assert len(found) <= 1
    return found[0].id if found else None


async def _until_ended(studio: Studio, run: RunId, ends: int = 1) -> tuple[Recorded, ...]:
    """The run's log once it holds so many ended turns."""
    seen = 0
    async for item in studio.feed.follow(0, run=run):
        seen += isinstance(item, Recorded) and isinstance(item.event, TurnEnded)
        if seen == ends:
            break
    assert (await studio.chats.run(run)).state in (RunState.IDLE, RunState.WAITING)
    return await studio.chats.log(run)


def _ends(log: tuple[Recorded, ...]) -> list[TurnEnded]:
    return [item.event for item in log if isinstance(item.event, TurnEnded)]


def _nothing_told_is_missing(killed: Finished, log: tuple[Recorded, ...]) -> None:
    kept: dict[int, dict[str, Any]] = {item.seq: to_payload(item.event) for item in log}
    told = [line for line in map(json.loads, killed.out.splitlines()) if line.get("seq") and line["kind"] != "outcome"]
    for line in told:
        assert {name: line[name] for name in kept[line["seq"]]} == kept[line["seq"]]


def _nothing_is_done_twice(log: tuple[Recorded, ...]) -> None:
    steps = Counter(item.event.step for item in log if isinstance(item.event, UsageRecorded))
    assert set(steps.values()) == {1}
    called = [item.event.call for item in log if isinstance(item.event, ToolCalled)]
    answered = Counter(item.event.call for item in log if isinstance(item.event, ToolAnswered))
    assert all(answered[call] <= 1 for call in called)
    assert set(answered) <= set(called)
