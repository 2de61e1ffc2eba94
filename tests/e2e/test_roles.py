"""A project's own role, from its file in the repository to what the agent may do; and files that are wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fixtures.command_line import CommandLine
from tests.fixtures.repositories import make_repository
from tests.fixtures.scripts import call, scripted

AUDITOR = """\
name = "auditor"
title = "Licence auditor"
purpose = "Looks for licences that do not fit."
tier = "fast"
tools = ["read", "ask"]

[limits]
steps = 7

[prompt]
version = 1
text = \"\"\"
You look for licences.
@include house-rules
@include text-from-files
\"\"\"

[[result]]
name = "findings"
type = "texts"
about = "each licence that does not fit"
"""
FILES = {
    "a.txt": "one\n",
    ".studio/roles/auditor.toml": AUDITOR,
    ".studio/roles/house-rules.md": "MIT is fine here.\n",
    ".studio/roles/tester.toml": 'name = "tester"\ntolls = ["read"]\n',
}
PROBLEM = ".studio/roles/tester.toml, line 2: tolls: There is no such field. Did you mean tools?"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return make_repository(tmp_path / "shop", FILES)


@pytest.fixture
def script(tmp_path: Path) -> str:
    """A model that reads, then writes although its role may not, then asks, then is done."""
    read, write = call("read", path="a.txt"), call("write", path="a.txt", content="two\n")
    asking = call("ask", question="Is MIT fine?", options=["Yes", "No"])
    replies = [{"text": "I look.", **each} for each in (read, write, asking)]
    return scripted(tmp_path, *replies, {"text": "findings: none"})


def test_the_roles_are_listed_with_what_is_wrong(studio: CommandLine, repository: Path) -> None:
    brought = studio("roles", "--json").document
    assert brought["problems"] == []
    assert [role["name"] for role in brought["roles"]].count("engineer") == 1

    assert studio("project", "add", str(repository)).code == 0
    listed = studio("roles", "--project", "shop")
    assert listed.code == 0
    assert "auditor" in listed.out
    assert listed.err.splitlines() == [PROBLEM]

    found = studio("roles", "--project", "shop", "--json").document
    assert "tester" not in [role["name"] for role in found["roles"]]
    [problem] = found["problems"]
    assert (problem["file"], problem["line"], problem["field"]) == (".studio/roles/tester.toml", 2, "tolls")


def test_one_role_is_shown_whole(studio: CommandLine, repository: Path) -> None:
    studio("project", "add", str(repository))
    told = studio("roles", "show", "auditor", "--project", "shop")
    assert told.out.startswith("Licence auditor (auditor, of the project)\n")
    assert "MIT is fine here.\n" in told.out
    assert "findings (texts): each licence that does not fit" in told.out
    shown = studio("roles", "show", "auditor", "--project", "shop", "--json").document
    assert (shown["tools"], shown["limits"]["steps"], shown["own"]) == (["read", "ask"], 7, True)


def test_a_role_that_is_wrong_or_not_there_is_answered_with_what_to_do(studio: CommandLine, repository: Path) -> None:
    studio("project", "add", str(repository))
    wrong = studio("roles", "show", "tester", "--project", "shop")
    assert wrong.code == 2
    assert wrong.err.splitlines() == [
        f"studio: The role “tester” cannot be used. {PROBLEM.partition(' Did')[0]}",
        "        Did you mean tools? Mend the file and commit it.",
    ]
    unknown = studio("roles", "show", "auditer", "--project", "shop")
    assert unknown.code == 2
    assert "Did you mean auditor?" in unknown.err


@pytest.mark.docker
def test_an_agent_works_in_a_projects_role(studio: CommandLine, repository: Path, script: str) -> None:
    asked = studio("run", "Audit it", "--project", str(repository), "--role", "auditor", "--model", script, "--json")
    assert asked.code == 3, asked.err
    [started] = [line for line in asked.lines if line["kind"] == "run_started"]
    assert (started["role"], started["role_title"], started["max_steps"]) == ("auditor", "Licence auditor", 7)
    [_, refused] = [line for line in asked.lines if line["kind"] == "tool_answered"]
    assert not refused["ok"]
    assert "There is no tool “write”" in refused["text"]
    [opened] = [line for line in asked.lines if line["kind"] == "checkpoint_opened"]
    assert opened["title"] == "The licence auditor asks"

    # What is checked out changes nothing for a run that has begun.
    (repository / ".studio/roles/auditor.toml").unlink()
    answered = studio("checkpoints", "answer", opened["checkpoint"], "Yes", "--json")
    assert (answered.code, answered.outcome["outcome"]) == (0, "replied")
    assert (repository / "a.txt").read_text() == "one\n"


@pytest.mark.docker
def test_a_wrong_role_starts_no_run(studio: CommandLine, repository: Path, script: str) -> None:
    words = ("run", "Test it", "--project", str(repository), "--model", script)
    refused = studio(*words, "--role", "tester")
    assert refused.code == 2
    assert "The role “tester” cannot be used." in refused.err
    assert studio("runs", "--json").document == []
