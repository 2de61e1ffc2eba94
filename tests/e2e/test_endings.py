"""However a verb ends, its exit code and its last line say how."""

from __future__ import annotations

import asyncio
import json
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from tests.fixtures.command_line import REPOSITORY, CommandLine, finish, told_until
from tests.fixtures.handed import handed
from tests.fixtures.hostile_provider import answering, hostile
from tests.fixtures.repositories import git, make_repository
from tests.fixtures.scripts import scripted, shell

docker = pytest.mark.docker


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return make_repository(tmp_path / "shop", {"a.txt": "one\n"})


def test_serving_on_a_port_that_is_taken_is_bad_usage(studio: CommandLine) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        served = studio("serve", "--port", str(taken.getsockname()[1]), "--json")
    assert served.code == 2
    assert "cannot be used" in served.err
    assert "0 for a free one" in served.err
    assert (served.outcome["outcome"], served.outcome["run"]) == ("failed", None)
    assert "cannot be used" in served.outcome["reason"]


def test_serving_with_settings_that_make_no_sense_is_bad_usage(studio: CommandLine) -> None:
    served = studio("serve", STUDIO_MAX_STEPS="many")
    assert served.code == 2, served.err
    assert "max_steps" in served.err
    assert "Traceback" not in served.err


def test_a_stopped_server_says_so_last(studio: CommandLine) -> None:
    serving = studio.serve()
    serving.send_signal(signal.SIGTERM)
    served = finish(serving)
    assert (served.code, served.outcome["outcome"]) == (0, "cancelled")


@docker
def test_an_attached_server_that_cannot_take_over_ends(studio: CommandLine, repository: Path, tmp_path: Path) -> None:
    first = studio.serve()
    second = studio.start("serve", "--json")
    url = told_until(second, "serving")[-1]["url"]
    with urllib.request.urlopen(f"{url}/health", timeout=60) as answer:
        assert json.load(answer)["attached"]
    slow = scripted(tmp_path, {"delay": 300, "text": "Late."})
    asking = studio.start("run", "Go", "--project", str(repository), "--model", slow, "--json")
    told_until(asking, "step_started")
    asking.send_signal(signal.SIGKILL)
    asking.wait(timeout=20)
    (studio.home / "engine.db").unlink()
    (studio.home / "engine.db").mkdir()
    first.send_signal(signal.SIGKILL)

    served = finish(second)

    assert (served.code, served.outcome["outcome"]) == (5, "failed")
    assert "cannot take over" in served.err


@docker
def test_a_turn_whose_reader_has_gone_is_not_told_as_done(
    studio: CommandLine, repository: Path, tmp_path: Path
) -> None:
    words = ("run", "Go", "--project", str(repository), "--model", scripted(tmp_path, {"text": "Done."}), "--json")
    command = shlex.join([sys.executable, "-P", "-m", "studio", *words])
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "STUDIO_HOME": str(studio.home)}
    bash = ["bash", "-o", "pipefail", "-c", f"{command} | head -n 0"]
    done = subprocess.run(bash, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 141
    assert done.stderr == ""
    assert studio("runs", "--json").document[0]["state"] == "working"


def test_a_list_whose_reader_has_seen_enough_is_done(studio: CommandLine) -> None:
    command = f"{shlex.quote(sys.executable)} -P -m studio templates | head -n 0"
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "STUDIO_HOME": str(studio.home)}
    bash = ["bash", "-o", "pipefail", "-c", command]
    assert subprocess.run(bash, env=environment, capture_output=True, check=False).returncode == 0


def test_a_run_that_cannot_be_begun_is_an_outcome_too(studio: CommandLine, repository: Path) -> None:
    ran = studio("run", "Go", "--project", str(repository), "--model", "openai/gpt-5", "--json")
    assert ran.code == 2
    assert (ran.outcome["outcome"], ran.outcome["run"], ran.outcome["branch"]) == ("failed", None, None)
    assert "no key for openai" in ran.outcome["reason"]
    assert "OPENAI_API_KEY" in ran.outcome["action"]


@docker
def test_the_demo_mends_its_sample_project_and_merges_it(studio: CommandLine) -> None:
    shown = studio("demo", "--json")
    assert shown.code == 0, shown.err
    assert "scripted, no AI" in shown.err
    assert (shown.outcome["outcome"], shown.outcome["usage"]["output"] > 0) == ("replied", True)
    (merged,) = (line for line in shown.lines if line["kind"] == "merged")
    folder = studio.home / "demo" / "shop-1"
    assert git(folder, "rev-parse", merged["into"]) == merged["commit"]
    assert "(1 - discount)" in (folder / "cart.py").read_text()
    assert studio("runs", "show", shown.outcome["run"], "--json").document["state"] == "merged"


@docker
def test_a_demo_that_cannot_be_merged_says_so_last(studio: CommandLine) -> None:
    showing = studio.start("demo", "--json")
    run = told_until(showing, "run_started")[-1]["run"]
    (studio.home / "demo" / "shop-1" / "cart.py").write_text("mine\n")
    shown = finish(showing)
    assert shown.code == 2, shown.err
    assert (shown.outcome["outcome"], shown.outcome["run"]) == ("failed", run)
    assert shown.outcome["snapshot"]
    assert "cart.py" in shown.outcome["reason"]
    assert "cart.py" in shown.err


@docker
def test_a_demo_without_an_image_that_can_be_made_says_so_last(studio: CommandLine, tmp_path: Path) -> None:
    for folder in ("studio", "resources", "sandbox-images"):
        shutil.copytree(REPOSITORY / folder, tmp_path / "copy" / folder, ignore=shutil.ignore_patterns("__pycache__"))
    dockerfile = tmp_path / "copy" / "sandbox-images" / "standard" / "Dockerfile"
    dockerfile.write_text("ARG BASE=debian:bookworm-slim\nFROM ${BASE}\nCOPY nothing-of-that-name /\n")
    studio.package = tmp_path / "copy"

    shown = studio("demo", "--json")

    assert shown.code == 5, shown.err
    assert "Traceback" not in shown.err
    sentence = next(line for line in shown.err.splitlines() if line.startswith("studio: "))
    assert "image" in sentence
    assert "studio image build" in shown.outcome["action"]
    assert (shown.outcome["outcome"], shown.outcome["run"]) == ("failed", None)


@docker
async def test_an_unknown_model_fails_the_turn_and_loses_nothing(studio: CommandLine, repository: Path) -> None:
    missing = json.dumps({"error": {"message": "model 'gpt-nine' does not exist", "code": "model_not_found"}})
    words = ("run", "Go", "--project", str(repository), "--model", "openai/gpt-nine", "--json")
    async with hostile(answering(404, missing.encode())) as provider:
        environment = {"OPENAI_API_KEY": "key", "OPENAI_BASE_URL": provider.url}
        ran = await asyncio.to_thread(studio, *words, **environment)
    assert ran.code == 5, ran.err
    assert "gpt-nine" in ran.outcome["reason"]
    assert ran.outcome["action"]
    assert f"studio: {ran.outcome['reason']}" in ran.err
    assert studio("runs", "log", ran.outcome["run"]).out.startswith("— turn 1 —\n\n[human] Go")
    assert studio("runs", "show", ran.outcome["run"], "--json").document["state"] == "idle"


@docker
def test_an_approved_command_runs_and_the_turn_goes_on(studio: CommandLine, repository: Path, tmp_path: Path) -> None:
    asking = shell("echo two > a.txt; echo written")
    model = scripted(tmp_path, asking, handed("Two it is.", contains="written"))
    asked = studio("run", "Go", "--project", str(repository), "--model", model)
    assert asked.code == 3, asked.err
    checkpoint = asked.out.splitlines()[-1]

    approved = studio("checkpoints", "approve", checkpoint, "--note", "fine", "--json")

    assert approved.code == 0, approved.err
    assert (approved.outcome["outcome"], bool(approved.outcome["snapshot"])) == ("replied", True)
    assert "+two" in studio("diff", approved.outcome["run"]).out
    assert studio("checkpoints", "--json").document == []


@docker
def test_a_message_to_a_run_that_was_killed_at_work_is_sent_after_its_turn(
    studio: CommandLine, repository: Path, tmp_path: Path
) -> None:
    model = scripted(tmp_path, shell("true"), {"text": "One."}, {"text": "Two."})
    words = ("run", "Go", "--project", str(repository), "--model", model, "--approve", "auto", "--json")
    killed = studio(*words, STUDIO_FAULT_POINT="after_tool_started")
    assert killed.code == -signal.SIGKILL
    run = killed.lines[0]["run"]

    again = studio("run", "More", "--run", run, "--json")
    assert again.code == 0, again.err
    assert again.outcome["outcome"] == "replied"
    log = [item for item in studio("runs", "log", run, "--json").document if item["kind"] == "message_posted"]
    assert [item["text"] for item in log if item["speaker"] == "human"] == ["Go", "More"]
