"""A second process works through the first one's engine, and goes on by itself when that one is gone."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from studio.app.bootstrap import open_studio
from studio.app.standing import Access
from studio.app.studio import Studio
from studio.domain.events import TurnEnded
from studio.domain.runs import Outcome
from studio.domain.tools import ApprovalMode
from tests.fixtures.command_line import CommandLine, Finished
from tests.fixtures.repositories import git, make_repository

pytestmark = pytest.mark.docker

WRITE = {"calls": [{"name": "write", "arguments": {"path": "a.txt", "content": "two\n"}}]}
COMMAND = {"calls": [{"name": "shell", "arguments": {"command": "touch ran"}}]}
DONE = {"text": "Done."}
PORT = 8123
LISTEN = {
    "calls": [{"name": "shell", "arguments": {"command": f"nohup python3 -m http.server {PORT} >/dev/null 2>&1 &"}}]
}


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return make_repository(tmp_path / "shop", {"a.txt": "one\n"})


def _script(folder: Path, name: str, *replies: object) -> str:
    path = folder / f"{name}.json"
    path.write_text(json.dumps({"replies": replies}))
    return f"scripted/{path}"


def _words(repository: Path, model: str, *more: str) -> tuple[str, ...]:
    return ("run", "Go", "--project", str(repository), "--model", model, "--json", *more)


def _serve(studio: CommandLine, **environment: str) -> subprocess.Popen[str]:
    serving = studio.start("serve", "--json", **environment)
    assert _read_until(serving, "serving")
    return serving


def _read_until(process: subprocess.Popen[str], kind: str) -> list[dict[str, Any]]:
    """What the process has said up to the first line of that kind."""
    assert process.stdout is not None
    told = []
    for line in process.stdout:
        told.append(json.loads(line))
        if told[-1]["kind"] == kind:
            return told
    raise AssertionError(f"it ended without {kind}: {told}")


def _finish(process: subprocess.Popen[str]) -> Finished:
    out, err = process.communicate(timeout=90)
    return Finished(process.returncode, out, err)


def _runs(studio: CommandLine) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = studio("runs", "--json").document
    return listed


@pytest.mark.parametrize("point", ["before_run_started", "after_turn_started"])
def test_a_message_is_posted_once_though_its_engine_is_killed_over_it(
    studio: CommandLine, repository: Path, tmp_path: Path, point: str
) -> None:
    serving = _serve(studio, STUDIO_FAULT_POINT=point)
    ran = studio(*_words(repository, _script(tmp_path, "replies", WRITE, DONE)))
    assert serving.wait(timeout=30) == -signal.SIGKILL

    assert ran.code == 0, ran.err
    assert ran.outcome["outcome"] == "replied"
    assert ran.kinds().count("turn_started") == 1
    _serve(studio)
    assert [run["state"] for run in _runs(studio)] == ["idle"]


@pytest.mark.parametrize("point", ["before_run_started", "after_turn_started"])
def test_a_message_whose_sender_is_gone_too_is_not_posted_again(
    studio: CommandLine, repository: Path, tmp_path: Path, point: str
) -> None:
    serving = _serve(studio, STUDIO_FAULT_POINT=point)
    asking = studio.start(*_words(repository, _script(tmp_path, "replies", WRITE, DONE)))
    assert serving.wait(timeout=60) == -signal.SIGKILL
    asking.send_signal(signal.SIGKILL)
    asking.wait(timeout=30)

    known = len(_runs(studio))
    assert known == (0 if point == "before_run_started" else 1)
    again = _serve(studio)
    other = studio(*_words(repository, _script(tmp_path, "other", DONE)))
    assert other.code == 0, other.err
    again.send_signal(signal.SIGTERM)
    assert again.wait(timeout=30) == 0
    assert len(_runs(studio)) == known + 1


@pytest.mark.parametrize("point", ["before_checkpoint_decided", "after_checkpoint_decided"])
def test_a_decision_is_made_once_though_its_engine_is_killed_over_it(
    studio: CommandLine, repository: Path, tmp_path: Path, point: str
) -> None:
    asked = studio(*_words(repository, _script(tmp_path, "replies", COMMAND, DONE)))
    serving = _serve(studio, STUDIO_FAULT_POINT=point)
    decided = studio("checkpoints", "approve", asked.outcome["checkpoint"], "--json")
    assert serving.wait(timeout=30) == -signal.SIGKILL

    assert decided.code == 0, decided.err
    assert decided.outcome["outcome"] == "replied"
    assert decided.kinds().count("checkpoint_decided") == 1
    assert decided.kinds().count("tool_started") == 1


@pytest.mark.parametrize("point", ["before_branch_merged", "after_branch_merged"])
def test_a_merge_is_done_once_though_its_engine_is_killed_over_it(
    studio: CommandLine, repository: Path, tmp_path: Path, point: str
) -> None:
    run = studio(*_words(repository, _script(tmp_path, "replies", WRITE, DONE))).outcome["run"]
    before = git(repository, "rev-parse", "main")
    serving = _serve(studio, STUDIO_FAULT_POINT=point)
    merged = studio("merge", run, "--json")
    assert serving.wait(timeout=30) == -signal.SIGKILL

    assert merged.code == 0, merged.err
    assert merged.document["commit"] == git(repository, "rev-parse", "main")
    assert git(repository, "rev-list", "--merges", "--count", f"{before}..main") in ("0", "1")
    assert _runs(studio)[0]["state"] == "merged"


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_a_turn_goes_on_in_the_process_that_follows_it_when_its_engine_ends(
    studio: CommandLine, repository: Path, tmp_path: Path, how: signal.Signals
) -> None:
    serving = _serve(studio)
    following = studio.start(*_words(repository, _script(tmp_path, "slow", WRITE, {"delay": 6, "text": "Late."})))
    told = _read_until(following, "tool_answered")
    serving.send_signal(how)
    ran = _finish(following)

    assert ran.code == 0, ran.err
    assert ran.outcome["outcome"] == "replied"
    numbers = [line["seq"] for line in (*told, *ran.lines) if line["seq"] is not None and line["kind"] != "outcome"]
    assert numbers == sorted(set(numbers))
    assert "turn_resumed" in ran.kinds()
    assert studio.containers() == []


def test_a_run_that_ends_leaves_the_one_beside_it_going_on(
    studio: CommandLine, repository: Path, tmp_path: Path
) -> None:
    first = studio.start(*_words(repository, _script(tmp_path, "first", {"delay": 4, "text": "First."})))
    _read_until(first, "step_started")
    second = studio.start(*_words(repository, _script(tmp_path, "second", {"delay": 12, "text": "Second."})))
    _read_until(second, "step_started")

    ended = _finish(first)
    assert (ended.code, ended.outcome["outcome"]) == (0, "replied")
    went_on = _finish(second)
    assert (went_on.code, went_on.outcome["outcome"]) == (0, "replied"), went_on.err
    assert studio.containers() == []


def test_of_several_that_follow_one_takes_over_and_all_see_their_end(
    studio: CommandLine, repository: Path, tmp_path: Path
) -> None:
    serving = _serve(studio)
    models = [_script(tmp_path, f"n{number}", {"delay": 8, "text": "Late."}) for number in range(2)]
    following = [studio.start(*_words(repository, model)) for model in models]
    for process in following:
        _read_until(process, "step_started")
    serving.send_signal(signal.SIGKILL)

    ends = [_finish(process) for process in following]
    assert [end.outcome["outcome"] for end in ends] == ["replied", "replied"], [end.err for end in ends]
    assert len(_runs(studio)) == 2
    assert studio.containers() == []


async def test_what_a_container_serves_is_previewed_from_beside_its_engine(
    studio: CommandLine, repository: Path, tmp_path: Path
) -> None:
    await asyncio.to_thread(_serve, studio)
    async with _attached(studio) as beside:
        project = await beside.projects.add(repository)
        model = _script(tmp_path, "listen", LISTEN, DONE)
        sent = await beside.chats.send(project.id, "Serve", model=model, approval=ApprovalMode.AUTO)
        assert await _outcome(beside, sent.turn) is Outcome.REPLIED
        async with asyncio.timeout(60):
            while PORT not in await beside.previews.ports(sent.run):
                pass
        preview = await beside.previews.open(sent.run, PORT)
        with await asyncio.to_thread(urllib.request.urlopen, f"{preview.url}a.txt", timeout=20) as page:
            assert page.read() == b"one\n"
        await beside.previews.close(sent.run)


async def test_a_process_without_work_takes_over_as_well_and_works_for_others_then(
    studio: CommandLine, repository: Path, tmp_path: Path
) -> None:
    serving = await asyncio.to_thread(_serve, studio)
    async with _attached(studio) as beside:
        serving.send_signal(signal.SIGKILL)
        async with asyncio.timeout(30):
            await beside.own_engine()
        assert not beside.attached
        model = _script(tmp_path, "replies", WRITE, DONE)
        ran = await asyncio.to_thread(studio, *_words(repository, model))
        assert (ran.code, ran.outcome["outcome"]) == (0, "replied"), ran.err


@asynccontextmanager
async def _attached(studio: CommandLine) -> AsyncIterator[Studio]:
    opened = await open_studio({**os.environ, "STUDIO_HOME": str(studio.home)}, Access.ENGINE)
    try:
        assert opened.attached
        yield opened
    finally:
        await opened.close()


async def _outcome(studio: Studio, turn: str) -> Outcome:
    async for item in studio.feed.follow(0):
        match getattr(item, "event", None):
            case TurnEnded(turn=ended, outcome=outcome) if ended == turn:
                return outcome
    raise AssertionError("the feed ends only when its reader stops")
