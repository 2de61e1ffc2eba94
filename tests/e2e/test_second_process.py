"""A second process works through the first one's engine, and goes on by itself when that one is gone."""

from __future__ import annotations

import json
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.fixtures.command_line import CommandLine, Finished
from tests.fixtures.repositories import git, make_repository

pytestmark = pytest.mark.docker

WRITE = {"calls": [{"name": "write", "arguments": {"path": "a.txt", "content": "two\n"}}]}
COMMAND = {"calls": [{"name": "shell", "arguments": {"command": "touch ran"}}]}
DONE = {"text": "Done."}


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
    models = [_script(tmp_path, f"n{number}", {"delay": 6, "text": "Late."}) for number in range(2)]
    following = [studio.start(*_words(repository, model)) for model in models]
    for process in following:
        _read_until(process, "step_started")
    serving.send_signal(signal.SIGKILL)

    ends = [_finish(process) for process in following]
    assert [end.outcome["outcome"] for end in ends] == ["replied", "replied"], [end.err for end in ends]
    assert len(_runs(studio)) == 2
    assert studio.containers() == []
