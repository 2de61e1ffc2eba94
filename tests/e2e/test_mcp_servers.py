"""MCP servers of a project: real programs in the run's container, behind the gate."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.fixtures.command_line import CommandLine
from tests.fixtures.handed import handed
from tests.fixtures.mcp_server import SOURCE
from tests.fixtures.repositories import make_repository

pytestmark = pytest.mark.docker

DECLARED = """\
[servers.docs]
command = "python3"
args = ["docs_server.py"]
env = { HOUSE = "yellow" }

[servers.broken]
command = "python3"
args = ["docs_server.py", "broken"]
"""
SHARED = {"mcpServers": {"absent": {"command": "no-such-program"}, "far": {"type": "http", "url": "https://x.example"}}}


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    files = {"docs_server.py": SOURCE, ".studio/mcp.toml": DECLARED, ".mcp.json": json.dumps(SHARED)}
    return make_repository(tmp_path / "shop", files)


def script(tmp_path: Path, *calls: tuple[str, dict[str, Any], str]) -> str:
    """A model that calls these tools, and expects these words in the answer of each."""
    replies: list[dict[str, Any]] = [handed()]
    for name, arguments, words in reversed(calls):
        replies[0]["contains"] = words
        replies.insert(0, {"calls": [{"name": name, "arguments": arguments}]})
    path = tmp_path / "replies.json"
    path.write_text(json.dumps({"replies": replies}))
    return f"scripted/{path}"


def test_an_agent_uses_the_tools_of_a_server_that_runs_in_its_container(
    studio: CommandLine, repository: Path, tmp_path: Path
) -> None:
    model = script(
        tmp_path,
        ("mcp_docs_search", {"words": "tills"}, "Found: tills"),
        ("mcp_docs_draw", {}, "(seen: PNG image, 3×2)"),
        ("mcp_docs_where", {}, "/studio/base/files yellow"),
        ("mcp_docs_fail", {}, "No such shelf."),
        ("mcp_docs_die", {}, "ended during the call. It said: “out of paper”."),
        ("mcp_docs_search", {"words": "x"}, "has ended"),
    )
    words = ("--project", str(repository), "--model", model, "--approve", "auto", "--json")

    done = studio("run", "Look it up", *words)

    assert done.code == 0, done.err
    (came,) = [line for line in done.lines if line["kind"] == "server_started"]
    names = ["search", "draw", "die", "where", "fail"]
    assert (came["name"], came["tools"]) == ("docs", [f"mcp_docs_{name}" for name in names])
    assert [line["files"] for line in done.lines if line["kind"] == "snapshot_taken"] == [["made-by-server.txt"]]
    skipped = {line["name"]: line["reason"] for line in done.lines if line["kind"] == "aid_skipped"}
    assert skipped.keys() == {"broken", "absent", "far"}
    assert "no paper in the tray" in skipped["broken"]
    assert skipped["absent"] == ".mcp.json: The sandbox has no program “no-such-program”."
    assert "reached over the network" in skipped["far"]
    listed = studio("mcp", "--project", str(repository))
    assert "came up with 5 tools" in listed.out
    assert "no paper in the tray" in listed.out
    assert ".mcp.json is left out: It is reached over the network." in listed.err


def test_a_call_of_a_servers_tool_waits_for_the_person_who_sees_all_of_it(
    studio: CommandLine, repository: Path, tmp_path: Path
) -> None:
    model = script(tmp_path, ("mcp_docs_search", {"words": "tills"}, "Found: tills"))
    asked = studio("run", "Look it up", "--project", str(repository), "--model", model, "--approve", "ask", "--json")
    assert asked.code == 3, asked.err
    (opened,) = [line for line in asked.lines if line["kind"] == "checkpoint_opened"]
    assert opened["title"] == ("Let the agent call this tool of the MCP server “docs”? What it does cannot be told.")
    assert opened["act"] == 'mcp_docs_search {\n  "words": "tills"\n}'
    assert (opened["command_class"], len(opened["kinds"])) == ("server", 1)
    approved = studio("checkpoints", "approve", opened["checkpoint"], "--json")
    assert approved.code == 0, approved.err
    assert any(line.get("text") == "Found: tills" for line in approved.lines if line["kind"] == "tool_answered")


def test_where_commands_are_denied_no_server_is_started(studio: CommandLine, repository: Path, tmp_path: Path) -> None:
    model = script(tmp_path, ("mcp_docs_where", {}, "There is no tool"))
    done = studio("run", "Look it up", "--project", str(repository), "--model", model, "--approve", "deny", "--json")
    assert done.code == 0, done.err
    assert not [line for line in done.lines if line["kind"] in ("server_started", "aid_skipped", "snapshot_taken")]
