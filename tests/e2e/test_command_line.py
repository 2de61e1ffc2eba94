"""The verbs as programs use them: exit codes, JSON, and what they leave behind."""

from __future__ import annotations

import json
import os
import signal
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.fixtures.command_line import CommandLine, finish, told_until
from tests.fixtures.handed import handed
from tests.fixtures.repositories import git, make_repository
from tests.fixtures.scripts import call, scripted, shell

docker = pytest.mark.docker


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return make_repository(tmp_path / "a shop ü", {"a.txt": "one\n"})


@pytest.fixture
def script(tmp_path: Path) -> str:
    used = {"input": 100, "output": 20, "cache_read": 40, "cache_write": 10}
    more = {"input": 130, "output": 5, "cache_read": 90, "cache_write": 0}
    write = call("write", path="a.txt", content="two\n")
    return scripted(tmp_path, {**write, "usage": used}, handed("Written.", usage=more))


def test_help_names_every_verb_and_needs_no_data_folder(studio: CommandLine) -> None:
    helped = studio("--help")
    assert helped.code == 0
    verbs = [
        "doctor",
        "demo",
        "run",
        "diff",
        "merge",
        "discard",
        "usage",
        "serve",
        "templates",
        "project",
        "runs",
        "checkpoints",
        "image",
    ]
    assert all(f"  {verb}" in helped.out for verb in verbs)
    assert not studio.home.exists()


def test_the_plan_of_a_repository_makes_it_a_project_and_names_its_images(
    studio: CommandLine, repository: Path
) -> None:
    (repository / "Dockerfile").write_text("FROM python:3.12\n")
    (repository / ".worktreeinclude").write_text(".env\n")
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--message", "Say what sandboxes are made of")

    planned = studio("sandbox", "plan", str(repository))

    assert (planned.code, planned.err) == (0, "")
    assert "are made from Dockerfile (built from python:3.12).\n" in planned.out
    assert "Put into each workspace, from your checkout: .env\n" in planned.out
    assert studio("sandbox", "plan", repository.name, "--json").document["includes"] == [".env"]


def test_a_wrong_word_is_bad_usage(studio: CommandLine) -> None:
    assert studio("dance").code == 2
    assert studio("run").code == 2
    assert studio("run", "Go", "--approve", "maybe", "--project", "x").code == 2


def test_a_projects_life(studio: CommandLine, repository: Path) -> None:
    added = studio("project", "add", str(repository), "--name", "shop", "--json")
    assert added.code == 0, added.err
    assert (added.document["name"], added.document["path"]) == ("shop", str(repository))
    assert studio("project", "add", str(repository), "--json").document["id"] == added.document["id"]
    assert [each["name"] for each in studio("project", "list", "--json").document] == ["shop"]
    assert studio("project", "show", str(repository), "--json").document["runs"] == []

    assert studio("project", "archive", "shop", "--json").document["archived"]
    assert not studio("project", "add", str(repository), "--json").document["archived"]

    assert studio("project", "remove", "shop").code == 0
    assert studio("project", "list", "--json").document == []
    assert git(repository, "log", "--oneline", "--all").count("\n") == 0
    assert (repository / "a.txt").read_text() == "one\n"


def test_a_new_project_from_a_template_is_a_repository_with_a_commit(studio: CommandLine, tmp_path: Path) -> None:
    assert "python-library" in studio("templates", "--json").document
    who = {
        "GIT_AUTHOR_NAME": "Ada",
        "GIT_AUTHOR_EMAIL": "a@x",
        "GIT_COMMITTER_NAME": "Ada",
        "GIT_COMMITTER_EMAIL": "a@x",
    }
    made = studio("project", "new", str(tmp_path / "lib"), "--template", "python-library", "--json", **who)
    assert made.code == 0, made.err
    assert git(tmp_path / "lib", "status", "--porcelain") == ""
    assert studio("project", "new", str(tmp_path / "lib"), "--template", "blank").code == 2
    unknown = studio("project", "new", str(tmp_path / "other"), "--template", "nothing")
    assert unknown.code == 2
    assert "python-library" in unknown.err


def test_a_repository_is_cloned_from_an_address(studio: CommandLine, repository: Path, tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    before = os.getcwd()
    os.chdir(tmp_path / "here")
    try:
        added = studio("project", "add", f"file://{repository}", "--json")
    finally:
        os.chdir(before)
    assert added.code == 0, added.err
    assert (Path(added.document["path"]) / "a.txt").read_text() == "one\n"


def test_doctor_names_what_is_missing_and_says_so_by_its_code(studio: CommandLine) -> None:
    looked = studio("doctor", "--json")
    assert looked.code == 1
    checks = {check["name"]: check for check in looked.document}
    found = {"git", "container engine", "engine version", "sandbox image", "providers", "vault", "display", "disk"}
    assert set(checks) == found
    assert checks["git"]["ok"]
    assert not checks["providers"]["ok"]
    assert "ANTHROPIC_API_KEY" in checks["providers"]["action"]
    assert all(check["ok"] or check["action"] for check in checks.values())


@docker
def test_a_run_is_told_event_by_event_and_counted(studio: CommandLine, repository: Path, script: str) -> None:
    ran = studio("run", "Write it", "--project", str(repository), "--model", script, "--approve", "auto", "--json")
    assert ran.code == 0, ran.err
    told = [line for line in ran.lines if line.get("seq")]
    assert all({"kind", "seq", "time", "project", "run"} <= line.keys() for line in told)
    assert [line["seq"] for line in told] == sorted(line["seq"] for line in told)
    assert {
        "message_posted",
        "step_started",
        "tool_called",
        "tool_answered",
        "snapshot_taken",
        "usage_recorded",
    } <= set(ran.kinds())
    outcome = ran.outcome
    assert outcome["usage"] == {"input": 230, "output": 25, "cache_read": 130, "cache_write": 10}
    assert (outcome["cost_usd"], outcome["steps"], outcome["checkpoint"]) == (0.0, 2, None)
    assert outcome["branch"].startswith(f"studio/{outcome['run']}-write-it")

    (row,) = studio("usage", "--json").document
    keys = [
        "project",
        "run",
        "role",
        "provider",
        "model",
        "day",
        "calls",
        "input",
        "output",
        "cache_read",
        "cache_write",
        "cost_usd",
        "unpriced",
        "saved_usd",
        "task",
        "brief",
    ]
    assert sorted(row) == sorted(keys)
    assert (row["run"], row["calls"], row["input"], row["cache_read"]) == (outcome["run"], 2, 230, 130)
    assert row["model"] is None
    (row,) = studio("usage", "--by", "model", "--project", repository.name, "--json").document
    assert (row["provider"], row["run"], row["calls"]) == ("scripted", None, 2)
    (row,) = studio("usage", "--by", "task", "--json").document
    assert (row["run"], row["role"], row["calls"], row["unpriced"], row["cost_usd"]) == (None, None, 2, 0, 0.0)
    line = studio("usage", "--by", "task").out.splitlines()[1].split()
    assert line == ["none", "2", "230", "25", "130", "$0.00", "$0.00"]
    assert studio("usage", "--csv").out.splitlines()[0] == ",".join(keys)

    assert [run["id"] for run in studio("runs", "--json").document] == [outcome["run"]]
    log = studio("runs", "log", outcome["run"], "--json").document
    assert [event["kind"] for event in log][:3] == ["run_started", "message_posted", "turn_started"]
    assert studio("discard", outcome["run"]).code == 0
    assert studio("runs", "show", outcome["run"], "--json").document["state"] == "discarded"
    assert studio("run", "More", "--run", outcome["run"]).code == 2


@docker
def test_a_run_is_stopped_from_another_command(studio: CommandLine, repository: Path, tmp_path: Path) -> None:
    model = scripted(tmp_path, shell("sleep 300"))
    process = studio.start("run", "Go", "--project", str(repository), "--model", model, "--approve", "auto", "--json")
    told = told_until(process, "tool_started")[-1]
    stopped = studio("runs", "cancel", told["run"], "--json")
    assert stopped.code == 0, stopped.err
    assert (stopped.document["state"], stopped.document["outcome"]) == ("idle", "cancelled")
    ended = finish(process)
    assert (ended.code, ended.outcome["outcome"]) == (130, "cancelled")
    assert studio("runs", "cancel", told["run"]).code == 2


def test_health_is_answered_on_loopback_to_programs_only(studio: CommandLine) -> None:
    serving = studio.start("serve", "--json")
    url = told_until(serving, "serving")[-1]["url"]
    with urllib.request.urlopen(f"{url}/health", timeout=60) as answer:
        assert json.load(answer)["status"] == "ok"
    for header in ({"Host": "evil.example"}, {"Origin": "http://evil.example"}):
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(urllib.request.Request(f"{url}/health", headers=header), timeout=60)
        assert refused.value.code == 403
        refused.value.close()
    serving.send_signal(signal.SIGTERM)
    assert serving.wait(timeout=20) == 0


def test_a_data_folder_that_cannot_be_used_is_told(studio: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    studio.home = tmp_path / "file" / "home"
    told = studio("project", "list")
    assert told.code == 5
    assert "STUDIO_HOME" in told.err
    assert "Traceback" not in told.err


def test_doctor_names_what_was_set_up_wrongly(studio: CommandLine) -> None:
    looked = studio("doctor", "--json", OLLAMA_HOST="garbage::")
    assert looked.code == 1, looked.err
    providers = next(check for check in looked.document if check["name"] == "providers")
    assert "OLLAMA_HOST is not an address" in providers["sentence"]
    looked = studio("doctor", "--json", ANTHROPIC_API_KEY="k", ANTHROPIC_BASE_URL="http://127.0.0.1:9")
    providers = next(check for check in looked.document if check["name"] == "providers")
    assert "Start Ollama" not in providers["action"]


@pytest.mark.skipif(sys.platform != "linux", reason="only there a window may have nowhere to open")
def test_doctor_and_the_window_agree_on_what_a_display_is(studio: CommandLine) -> None:
    for platform, there in (("offscreen", True), ("", False)):
        looked = studio("doctor", "--json", DISPLAY="", WAYLAND_DISPLAY="", QT_QPA_PLATFORM=platform)
        assert next(check for check in looked.document if check["name"] == "display")["ok"] is there
    refused = studio("window", DISPLAY="", WAYLAND_DISPLAY="", QT_QPA_PLATFORM="")
    assert refused.code == 2
    assert "no display" in refused.err


def test_doctor_can_be_asked_on_a_machine_without_git(studio: CommandLine, tmp_path: Path) -> None:
    looked = studio("doctor", "--json", PATH=str(tmp_path))
    assert looked.code == 1, looked.err
    checks = {check["name"]: check for check in looked.document}
    assert checks["git"] | {"ok": False, "sentence": "Git is not installed."} == checks["git"]
