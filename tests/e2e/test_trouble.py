"""What goes wrong is said in one sentence with the next action, by the right exit code, and loses nothing."""

from __future__ import annotations

import asyncio
import json
import signal
from pathlib import Path

import pytest

from tests.fixtures.command_line import CommandLine, Finished, finish, told_until
from tests.fixtures.handed import handed
from tests.fixtures.hostile_provider import answering, hostile
from tests.fixtures.repositories import git, make_repository
from tests.fixtures.scripts import call, scripted, shell

docker = pytest.mark.docker


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return make_repository(tmp_path / "shop", {"a.txt": "one\n"})


@pytest.fixture
def script(tmp_path: Path) -> str:
    return scripted(
        tmp_path,
        call("write", path="a.txt", content="two\n"),
        handed("Written."),
    )


def _says(finished: Finished, code: int, what: str, action: str) -> None:
    assert finished.code == code, finished.err
    told = [line.strip() for line in finished.err.splitlines()]
    sentence = next(line for line in told if line.startswith("studio: "))
    assert what in sentence
    assert any(action in line for line in told), finished.err
    assert "Traceback" not in finished.err


def _run(studio: CommandLine, project: Path, model: str, *words: str, **more: str) -> Finished:
    wanted = ("run", "Go", "--project", str(project), "--model", model, "--approve", "auto", "--json")
    return studio(*wanted, *words, **more)


@docker
async def test_a_wrong_key(studio: CommandLine, repository: Path) -> None:
    refusal = json.dumps({"type": "error", "error": {"type": "authentication_error", "message": "invalid x-api-key"}})
    async with hostile(answering(401, refusal.encode())) as provider:
        environment = {"ANTHROPIC_API_KEY": "wrong", "ANTHROPIC_BASE_URL": provider.url}
        ran = await asyncio.to_thread(_run, studio, repository, "anthropic/claude-sonnet-4-6", **environment)
    _says(ran, 5, "key", "ANTHROPIC_API_KEY")
    assert ran.outcome["outcome"] == "failed"


def test_a_missing_key(studio: CommandLine, repository: Path) -> None:
    _says(_run(studio, repository, "openai/gpt-5"), 2, "no key for openai", "OPENAI_API_KEY")


@docker
def test_a_provider_that_is_down(studio: CommandLine, repository: Path) -> None:
    ran = _run(studio, repository, "ollama/qwen3", OLLAMA_HOST="http://127.0.0.1:9")
    _says(ran, 5, "does not answer", "ollama serve")


def test_an_unknown_provider(studio: CommandLine, repository: Path) -> None:
    _says(_run(studio, repository, "gpt-5"), 2, "not a model name", "provider/name")


def test_a_reply_file_that_is_missing(studio: CommandLine, repository: Path) -> None:
    _says(_run(studio, repository, "scripted/nowhere.json"), 2, "no reply file", "scripted/FILE")


def test_no_container_engine(studio: CommandLine, repository: Path, script: str, tmp_path: Path) -> None:
    ran = _run(studio, repository, script, DOCKER_HOST=f"unix://{tmp_path}/none.sock")
    _says(ran, 5, "No container engine answers", "unset DOCKER_HOST")
    assert ran.outcome["outcome"] == "failed"
    assert "message_posted" in ran.kinds()


def test_a_folder_that_is_no_repository(studio: CommandLine, tmp_path: Path, script: str) -> None:
    (tmp_path / "plain").mkdir()
    _says(_run(studio, tmp_path / "plain", script), 2, "not a Git repository", "git init")


def test_a_repository_without_a_commit(studio: CommandLine, tmp_path: Path, script: str) -> None:
    (tmp_path / "empty").mkdir()
    git(tmp_path / "empty", "init", "--quiet")
    _says(_run(studio, tmp_path / "empty", script), 2, "no commit yet", "git commit")


def test_a_project_that_does_not_exist(studio: CommandLine, repository: Path) -> None:
    assert studio("project", "add", str(repository), "--name", "shop").code == 0
    _says(studio("project", "show", "shopp"), 2, "no project “shopp”", "Did you mean shop")


def test_a_branch_that_does_not_exist(studio: CommandLine, repository: Path, script: str) -> None:
    _says(_run(studio, repository, script, "--base", "mian"), 2, "no branch 'mian'", "main")


def test_an_empty_message(studio: CommandLine, repository: Path, script: str) -> None:
    ran = studio("run", "  ", "--project", str(repository), "--model", script)
    _says(ran, 2, "empty", "Say what")


@docker
def test_a_merge_into_a_checkout_that_is_dirty_in_the_same_file(
    studio: CommandLine, repository: Path, script: str
) -> None:
    run = _run(studio, repository, script).outcome["run"]
    (repository / "a.txt").write_text("mine\n")
    head = git(repository, "rev-parse", "HEAD")
    _says(studio("merge", run), 2, "a.txt", "ommit")
    assert (repository / "a.txt").read_text() == "mine\n"
    assert git(repository, "rev-parse", "HEAD") == head

    git(repository, "checkout", "--quiet", "a.txt")
    assert studio("merge", run).code == 0
    assert (repository / "a.txt").read_text() == "two\n"


@docker
def test_a_detached_head_needs_to_be_told_where_to_merge(studio: CommandLine, repository: Path, script: str) -> None:
    git(repository, "checkout", "--quiet", "--detach")
    ran = _run(studio, repository, script)
    assert ran.code == 0, ran.err
    _says(studio("merge", ran.outcome["run"]), 2, "detached", "--into")
    assert studio("merge", ran.outcome["run"], "--into", "main").code == 0
    assert git(repository, "show", "main:a.txt") == "two"


@docker
def test_a_second_process_works_through_the_first(studio: CommandLine, repository: Path, script: str) -> None:
    serving = studio.serve()

    ran = _run(studio, repository, script)
    assert ran.code == 0, ran.err
    assert ran.outcome["outcome"] == "replied"
    assert studio("merge", ran.outcome["run"]).code == 0
    _says(studio("merge", ran.outcome["run"]), 2, "already", "")

    serving.send_signal(signal.SIGTERM)
    assert serving.wait(timeout=20) == 0
    assert studio.containers() == []


@docker
def test_a_takeover_that_fails_is_told_as_the_outcome(studio: CommandLine, repository: Path, tmp_path: Path) -> None:
    slow = scripted(tmp_path, {"delay": 300, "text": "Late."})
    serving = studio.serve()
    following = studio.start("run", "Go", "--project", str(repository), "--model", slow, "--json")
    told_until(following, "step_started")
    (studio.home / "engine.db").unlink()
    (studio.home / "engine.db").mkdir()
    serving.send_signal(signal.SIGKILL)
    followed = finish(following)
    assert followed.code == 5
    assert "cannot take over" in followed.err
    assert followed.outcome["outcome"] == "failed"
    assert "cannot take over" in followed.outcome["reason"]
    assert studio("runs", "--json").document[0]["state"] == "working"


@docker
def test_ctrl_c_stops_the_run_and_says_how_to_go_on(studio: CommandLine, repository: Path, tmp_path: Path) -> None:
    slow = scripted(tmp_path, shell("sleep 300"), {"text": "On."})
    words = ("run", "Go", "--project", str(repository), "--model", slow, "--approve", "auto", "--json")
    process = studio.start(*words)
    told_until(process, "tool_started")
    process.send_signal(signal.SIGINT)
    stopped = finish(process)
    assert (stopped.code, stopped.outcome["outcome"]) == (130, "cancelled"), stopped.err
    assert studio.containers() == []

    again = studio("run", "Go on", "--run", stopped.outcome["run"], "--json")
    assert again.code == 0, again.err


@docker
def test_a_step_limit_ends_the_turn_with_its_own_code(studio: CommandLine, repository: Path, script: str) -> None:
    ran = _run(studio, repository, script, "--max-steps", "1")
    _says(ran, 4, "all of its 1 steps", "allow more steps")
    assert ran.outcome["snapshot"]


@docker
def test_commands_can_be_denied_for_a_whole_run(studio: CommandLine, repository: Path, tmp_path: Path) -> None:
    asking = scripted(
        tmp_path,
        shell("touch ran"),
        {"contains": "does not allow commands", "text": "Then not."},
    )
    ran = _run(studio, repository, asking, "--approve", "deny")
    assert ran.code == 0, ran.err
    assert ran.outcome["snapshot"] is None


@docker
def test_a_question_is_answered_from_the_command_line(studio: CommandLine, repository: Path, tmp_path: Path) -> None:
    asking = scripted(
        tmp_path,
        call("ask", question="Which?", options=["red", "blue"]),
        {"contains": "The developer answers: blue", "text": "Blue it is."},
    )
    asked = _run(studio, repository, asking)
    assert asked.code == 3
    checkpoint = asked.outcome["checkpoint"]
    (waiting,) = studio("checkpoints", "--json").document
    assert (waiting["id"], waiting["kind"], waiting["options"]) == (checkpoint, "choice", ["red", "blue"])
    _says(studio("checkpoints", "approve", checkpoint), 2, "asks a question", f"checkpoints answer {checkpoint}")
    answered = studio("checkpoints", "answer", checkpoint, "blue", "--json")
    assert answered.code == 0, answered.err
    assert answered.outcome["outcome"] == "replied"
    _says(studio("checkpoints", "answer", checkpoint, "red"), 2, "already answered", "studio checkpoints")


@docker
def test_a_denied_command_reaches_the_model_with_its_reason(
    studio: CommandLine, repository: Path, tmp_path: Path
) -> None:
    asking = scripted(
        tmp_path,
        shell("rm -rf /"),
        {"contains": "Their reason: too wide", "text": "Understood."},
    )
    asked = studio("run", "Go", "--project", str(repository), "--model", asking)
    assert asked.code == 3
    checkpoint = asked.out.splitlines()[-1]
    denied = studio("checkpoints", "deny", checkpoint, "--note", "too wide", "--json")
    assert denied.code == 0, denied.err
