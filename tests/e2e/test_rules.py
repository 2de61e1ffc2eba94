"""Rules from the command line: seen before they are made, followed by the agent, listed and taken back."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fixtures.command_line import CommandLine
from tests.fixtures.handed import HANDED
from tests.fixtures.repositories import make_repository
from tests.fixtures.scripts import scripted, shell

docker = pytest.mark.docker

ROLE = """\
name = "engineer"

[deny]
classes = ["network"]
commands = ["git push"]
"""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return make_repository(tmp_path / "shop", {"a.txt": "one\n", ".studio/roles/engineer.toml": ROLE})


def script(tmp_path: Path, *commands: str) -> str:
    """A model that runs these, one a step, then is done."""
    return scripted(tmp_path, *map(shell, commands), HANDED)


@docker
def test_an_approval_for_the_project_is_shown_first_and_holds_for_the_next_run(
    studio: CommandLine, repository: Path, tmp_path: Path
) -> None:
    model = script(tmp_path, "touch one.txt", "touch two.txt three.txt")
    waiting = studio("run", "Go", "--project", str(repository), "--model", model, "--json").outcome
    asked = waiting["checkpoint"]
    shown = studio("checkpoints", "show", asked).out
    assert "write: touch …  Commands that begin with “touch”, whatever follows" in shown

    approved = studio("checkpoints", "approve", asked, "--for", "project")
    assert approved.code == 0, approved.err
    assert "From now on without a question in this project: write: touch …" in approved.err
    assert studio("run", "Again", "--project", "shop", "--model", model).code == 0

    [rule] = studio("rules", "--json").document
    assert (rule["effect"], rule["covers"], rule["run"], rule["checkpoint"]) == ("allow", "write: touch …", None, asked)
    [hour] = studio("checkpoints", "hourly", "--json").document
    assert (hour["project"], hour["run"], hour["questions"]) == ("shop", waiting["run"], 1)

    assert studio("rules", "remove", rule["id"]).out == f"{rule['id']} is gone: write: touch … asks again.\n"
    assert studio("rules", "--json").document == []
    assert studio("run", "Third", "--project", "shop", "--model", model).code == 3


@pytest.mark.parametrize(("words", "asked"), [("netwrok", True), ("Install", True), ("git push", False), ("rm", False)])
def test_a_class_that_is_written_wrong_is_asked_about(
    studio: CommandLine, repository: Path, words: str, asked: bool
) -> None:
    assert studio("project", "add", str(repository)).code == 0
    denied = studio("rules", "deny", words, "--project", "shop")
    assert denied.code == 0
    assert ("Did you mean the class" in denied.err) == asked


def test_a_rule_written_by_hand_is_refused_where_it_would_be_too_wide(studio: CommandLine, repository: Path) -> None:
    assert studio("project", "add", str(repository)).code == 0
    refused = studio("rules", "allow", "npm", "--project", "shop")
    assert refused.code == 2
    assert "A rule for “npm” alone would be too wide" in refused.err
    allowed = studio("rules", "allow", "npm install left-pad", "--project", "shop")
    assert "Without a question in shop: install: npm install …  Commands that begin with “npm install”" in allowed.out
    assert [rule["covers"] for rule in studio("rules", "--json").document] == ["install: npm install …"]


@docker
def test_what_a_role_or_a_project_forbids_is_told_to_the_agent_and_nobody_is_asked(
    studio: CommandLine, repository: Path, tmp_path: Path
) -> None:
    assert studio("project", "add", str(repository)).code == 0
    denied = studio("rules", "deny", "rm", "--project", "shop")
    assert denied.out.endswith("Forbidden in shop: rm …  Commands that begin with “rm”, whatever follows.\n")
    model = script(tmp_path, "git push origin main", "curl http://127.0.0.1", "rm a.txt")

    ended = studio("run", "Go", "--project", "shop", "--model", model, "--approve", "auto", "--json")

    assert ended.code == 0, ended.err
    assert [line["covers"] for line in ended.lines if line["kind"] == "call_denied"] == [
        "git push …",
        "network",
        "rm …",
    ]
    told = [line["text"] for line in ended.lines if line["kind"] == "tool_answered" and line["name"] == "shell"]
    assert all("Denied by a rule of this" in text for text in told)
    assert studio("checkpoints", "--json").document == []


def test_the_policy_is_shown_as_a_table_with_what_the_role_and_the_project_forbid(
    studio: CommandLine, repository: Path
) -> None:
    assert studio("project", "add", str(repository)).code == 0
    assert studio("rules", "deny", "install", "--project", "shop").code == 0
    lines = studio("rules", "show", "--project", "shop", "--role", "engineer").out.splitlines()
    table = {line.split()[0]: line.split()[1:4] for line in lines[1:10]}
    assert table["read"] == ["allow", "allow", "deny"]
    assert table["run"] == ["ask", "allow", "deny"]
    assert table["network"] == ["deny", "deny", "deny"]
    assert table["install"] == ["deny", "deny", "deny"]
    assert any(line.startswith("Forbidden to this role: git push …") for line in lines)
    assert any(line.startswith("Forbidden in this project: install") for line in lines)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("rules", "deny", "rm -rf; ls", "--project", "shop"), "is no beginning of a command"),
        (("rules", "remove", "u00000000"), "There is no rule u00000000."),
        (("checkpoints", "approve", "k00000000", "--for", "run"), "There is no checkpoint k00000000."),
    ],
)
def test_a_wrong_word_is_answered_in_one_sentence(
    studio: CommandLine, repository: Path, words: tuple[str, ...], said: str
) -> None:
    assert studio("project", "add", str(repository)).code == 0
    refused = studio(*words)
    assert refused.code == 2
    assert said in refused.err


@docker
def test_a_rule_is_made_once_through_the_engine_of_another_process(
    studio: CommandLine, repository: Path, tmp_path: Path
) -> None:
    serving = studio.serve()
    model = script(tmp_path, "touch one.txt", "touch two.txt")
    asked = studio("run", "Go", "--project", str(repository), "--model", model, "--json").outcome["checkpoint"]

    approved = studio("checkpoints", "approve", asked, "--for", "run", "--json")
    again = studio("checkpoints", "approve", asked, "--for", "project")

    assert (approved.code, approved.outcome["outcome"]) == (0, "replied"), approved.err
    assert again.code == 2
    assert "was already approved" in again.err
    [rule] = studio("rules", "--json").document
    assert (rule["covers"], rule["run"]) == ("write: touch …", approved.outcome["run"])
    serving.terminate()
    serving.wait(timeout=30)
