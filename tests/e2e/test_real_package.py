"""The main job on a real published package, over each provider's own protocol."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.fixtures.aimock import Fixture, ModelServer, calling, conversation
from tests.fixtures.command_line import CommandLine
from tests.fixtures.handed import handing
from tests.fixtures.repositories import RIGHT, WRONG, git

pytestmark = pytest.mark.docker

ModelServers = Callable[[Sequence[Fixture]], ModelServer]

SOURCE = "inflection/__init__.py"
STORY = conversation(
    calling("shell", {"command": "python3 -m pytest -q test_inflection.py 2>&1 | tail -n 5"}, text="I run the tests."),
    calling("search", {"pattern": r"def underscore", "path": SOURCE}),
    calling("read", {"path": SOURCE, "start_line": 397, "lines": 22}),
    calling("edit", {"path": SOURCE, "old": WRONG, "new": RIGHT}, text="The dash and the underscore are swapped."),
    calling("shell", {"command": "python3 -m pytest -q test_inflection.py"}),
    handing("underscore() replaced the wrong character. It is mended, and the package's own tests pass."),
)


@pytest.mark.parametrize("model", ["anthropic/claude-sonnet-4-6", "openai/gpt-5", "ollama/qwen3"])
def test_an_engineer_mends_a_real_package_and_it_is_merged(
    studio: CommandLine, broken_package: Path, model_server: ModelServers, model: str
) -> None:
    server = model_server(STORY)
    studio.environment = server.environment()
    before = git(broken_package, "rev-parse", "HEAD")
    assert not _tests_pass(broken_package)

    ran = studio(
        *("run", "underscore() is wrong. Fix it.", "--project", str(broken_package)),
        *("--model", model, "--approve", "auto", "--json"),
    )

    assert ran.code == 0, ran.err
    assert (ran.outcome["outcome"], ran.outcome["steps"]) == ("replied", 6)
    answers = [line for line in ran.lines if line["kind"] == "tool_answered"]
    assert [answer["ok"] for answer in answers] == [True] * 6
    assert "failed" in answers[0]["text"]
    assert "passed" in answers[4]["text"]
    assert len(server.requests()) == 6

    assert git(broken_package, "rev-parse", "HEAD") == before
    assert git(broken_package, "status", "--porcelain") == ""
    assert git(broken_package, "branch", "--list").split() == ["*", "main"]

    run = ran.outcome["run"]
    changed = studio("diff", run, "--json").document["files"]
    assert [(file["path"], file["added"], file["removed"]) for file in changed] == [(SOURCE, 1, 1)]
    merged = studio("merge", run, "--json")
    assert merged.code == 0, merged.err

    assert _tests_pass(broken_package)
    assert git(broken_package, "status", "--porcelain") == ""
    assert studio("runs", "show", run, "--json").document["state"] == "merged"
    assert studio.containers() == []


def _tests_pass(folder: Path) -> bool:
    command = [sys.executable, "-B", "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_inflection.py"]
    done = subprocess.run(command, cwd=folder, capture_output=True, timeout=120, check=False)
    assert done.returncode in (0, 1), done.stdout
    return done.returncode == 0
