"""A second process works through the first one's engine, and goes on by itself when that one is gone."""

from __future__ import annotations

import asyncio
import signal
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from studio.app.studio import Studio
from studio.domain.events import TurnEnded
from studio.domain.runs import Outcome
from studio.domain.tools import ApprovalMode
from tests.fixtures.command_line import CommandLine, finish, told_until
from tests.fixtures.engine import opened
from tests.fixtures.handed import HANDED, handed
from tests.fixtures.repositories import git, make_repository
from tests.fixtures.scripts import Script, call, shell

pytestmark = pytest.mark.docker

WRITE = call("write", path="a.txt", content="two\n")
COMMAND = shell("touch ran")
PORT = 8123
LISTEN = shell(f"nohup python3 -m http.server {PORT} >/dev/null 2>&1 &")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return make_repository(tmp_path / "shop", {"a.txt": "one\n"})


def _words(repository: Path, model: str, *more: str) -> tuple[str, ...]:
    return ("run", "Go", "--project", str(repository), "--model", model, "--json", *more)


def _runs(studio: CommandLine) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = studio("runs", "--json").document
    return listed


@pytest.mark.parametrize("point", ["before_run_started", "after_turn_started"])
def test_a_message_is_posted_once_though_its_engine_is_killed_over_it(
    studio: CommandLine, repository: Path, script: Script, point: str
) -> None:
    serving = studio.serve(STUDIO_FAULT_POINT=point)
    ran = studio(*_words(repository, script(WRITE, HANDED)))
    assert serving.wait(timeout=30) == -signal.SIGKILL

    assert ran.code == 0, ran.err
    assert ran.outcome["outcome"] == "replied"
    assert ran.kinds().count("turn_started") == 1
    studio.serve()
    assert [run["state"] for run in _runs(studio)] == ["idle"]


@pytest.mark.parametrize("point", ["before_run_started", "after_turn_started"])
def test_a_message_whose_sender_is_gone_too_is_not_posted_again(
    studio: CommandLine, repository: Path, script: Script, point: str
) -> None:
    serving = studio.serve(STUDIO_FAULT_POINT=point)
    asking = studio.start(*_words(repository, script(WRITE, HANDED)))
    assert serving.wait(timeout=60) == -signal.SIGKILL
    asking.send_signal(signal.SIGKILL)
    asking.wait(timeout=30)

    known = len(_runs(studio))
    assert known == (0 if point == "before_run_started" else 1)
    again = studio.serve()
    other = studio(*_words(repository, script(HANDED, name="other")))
    assert other.code == 0, other.err
    again.send_signal(signal.SIGTERM)
    assert again.wait(timeout=30) == 0
    assert len(_runs(studio)) == known + 1


@pytest.mark.parametrize("point", ["before_checkpoint_decided", "after_checkpoint_decided"])
def test_a_decision_is_made_once_though_its_engine_is_killed_over_it(
    studio: CommandLine, repository: Path, script: Script, point: str
) -> None:
    asked = studio(*_words(repository, script(COMMAND, HANDED)))
    serving = studio.serve(STUDIO_FAULT_POINT=point)
    decided = studio("checkpoints", "approve", asked.outcome["checkpoint"], "--json")
    assert serving.wait(timeout=30) == -signal.SIGKILL

    assert decided.code == 0, decided.err
    assert decided.outcome["outcome"] == "replied"
    assert decided.kinds().count("checkpoint_decided") == 1
    assert decided.kinds().count("tool_started") == 1


@pytest.mark.parametrize("point", ["before_branch_merged", "after_branch_merged"])
def test_a_merge_is_done_once_though_its_engine_is_killed_over_it(
    studio: CommandLine, repository: Path, script: Script, point: str
) -> None:
    run = studio(*_words(repository, script(WRITE, HANDED))).outcome["run"]
    before = git(repository, "rev-parse", "main")
    serving = studio.serve(STUDIO_FAULT_POINT=point)
    merged = studio("merge", run, "--json")
    assert serving.wait(timeout=30) == -signal.SIGKILL

    assert merged.code == 0, merged.err
    assert merged.document["commit"] == git(repository, "rev-parse", "main")
    assert git(repository, "rev-list", "--merges", "--count", f"{before}..main") in ("0", "1")
    assert _runs(studio)[0]["state"] == "merged"


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_a_turn_goes_on_in_the_process_that_follows_it_when_its_engine_ends(
    studio: CommandLine, repository: Path, script: Script, how: signal.Signals
) -> None:
    serving = studio.serve()
    following = studio.start(*_words(repository, script(WRITE, handed("Late.", delay=6), name="slow")))
    told = told_until(following, "tool_answered")
    serving.send_signal(how)
    ran = finish(following)

    assert ran.code == 0, ran.err
    assert ran.outcome["outcome"] == "replied"
    numbers = [line["seq"] for line in (*told, *ran.lines) if line["seq"] is not None and line["kind"] != "outcome"]
    assert numbers == sorted(set(numbers))
    assert "turn_resumed" in ran.kinds()
    assert studio.containers() == []


def test_a_run_that_ends_leaves_the_one_beside_it_going_on(
    studio: CommandLine, repository: Path, script: Script
) -> None:
    first = studio.start(*_words(repository, script({"delay": 4, "text": "First."}, name="first")))
    told_until(first, "step_started")
    second = studio.start(*_words(repository, script({"delay": 12, "text": "Second."}, name="second")))
    told_until(second, "step_started")

    ended = finish(first)
    assert (ended.code, ended.outcome["outcome"]) == (0, "replied")
    went_on = finish(second)
    assert (went_on.code, went_on.outcome["outcome"]) == (0, "replied"), went_on.err
    assert studio.containers() == []


def test_of_several_that_follow_one_takes_over_and_all_see_their_end(
    studio: CommandLine, repository: Path, script: Script
) -> None:
    serving = studio.serve()
    models = [script({"delay": 8, "text": "Late."}, name=f"n{number}") for number in range(2)]
    following = [studio.start(*_words(repository, model)) for model in models]
    for process in following:
        told_until(process, "step_started")
    serving.send_signal(signal.SIGKILL)

    ends = [finish(process) for process in following]
    assert [end.outcome["outcome"] for end in ends] == ["replied", "replied"], [end.err for end in ends]
    assert len(_runs(studio)) == 2
    assert studio.containers() == []


async def test_what_a_container_serves_is_previewed_from_beside_its_engine(
    studio: CommandLine, repository: Path, script: Script
) -> None:
    await asyncio.to_thread(studio.serve)
    async with _attached(studio) as beside:
        project = await beside.projects.add(repository)
        model = script(LISTEN, HANDED, name="listen")
        sent = await beside.chats.send(project.id, "Serve", model=model, approval=ApprovalMode.AUTO)
        assert await _outcome(beside, sent.turn) is Outcome.HANDED_OFF
        async with asyncio.timeout(60):
            while PORT not in await beside.previews.ports(sent.run):
                pass
        preview = await beside.previews.open(sent.run, PORT)
        with await asyncio.to_thread(urllib.request.urlopen, f"{preview.url}a.txt", timeout=20) as page:
            assert page.read() == b"one\n"
        await beside.previews.close(sent.run)


async def test_a_process_without_work_takes_over_as_well_and_works_for_others_then(
    studio: CommandLine, repository: Path, script: Script
) -> None:
    serving = await asyncio.to_thread(studio.serve)
    async with _attached(studio) as beside:
        serving.send_signal(signal.SIGKILL)
        async with asyncio.timeout(30):
            await beside.own_engine()
        assert not beside.attached
        model = script(WRITE, HANDED)
        ran = await asyncio.to_thread(studio, *_words(repository, model))
        assert (ran.code, ran.outcome["outcome"]) == (0, "replied"), ran.err


@asynccontextmanager
async def _attached(studio: CommandLine) -> AsyncIterator[Studio]:
    async with opened(studio.home) as beside:
        assert beside.attached
        yield beside


async def _outcome(studio: Studio, turn: str) -> Outcome:
    async for item in studio.feed.follow(0):
        match getattr(item, "event", None):
            case TurnEnded(turn=ended, outcome=outcome) if ended == turn:
                return outcome
    raise AssertionError("the feed ends only when its reader stops")
