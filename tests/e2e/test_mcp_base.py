"""What an agent writes into the program of an MCP server is not run: servers are those of the commit it began at."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.fixtures.command_line import CommandLine
from tests.fixtures.handed import handed
from tests.fixtures.repositories import git, make_repository

pytestmark = pytest.mark.docker

SERVER = """
import json, os, sys
import names

def answer(identifier, result):
    print(json.dumps({"jsonrpc": "2.0", "id": identifier, "result": result}), flush=True)

def ask():
    print(json.dumps({"jsonrpc": "2.0", "id": "roots", "method": "roots/list"}), flush=True)
    return json.loads(sys.stdin.readline())["result"]["roots"][0]["uri"].removeprefix("file://")

for line in sys.stdin:
    message = json.loads(line)
    method, identifier = message.get("method"), message.get("id")
    if method == "initialize":
        version = message["params"]["protocolVersion"]
        info = {"name": "x", "version": "1"}
        answer(identifier, {"protocolVersion": version, "capabilities": {"tools": {}}, "serverInfo": info})
    elif method == "tools/list":
        answer(identifier, {"tools": [{"name": names.TOOL, "inputSchema": {"type": "object"}}]})
    elif method == "tools/call":
        with open(os.path.join(ask(), "notes.txt")) as file:
            answer(identifier, {"content": [{"type": "text", "text": file.read()}]})
    elif identifier is not None:
        error = {"code": -32601, "message": "unknown"}
        print(json.dumps({"jsonrpc": "2.0", "id": identifier, "error": error}), flush=True)
"""
WAYS = {
    "file": ("python3", ["tools/server.py"]),
    "module": ("python3", ["-m", "tools.server"]),
    "script": ("sh", ["tools/start.sh"]),
    "code": ("python3", ["-c", "import tools.server"]),
    "npm": ("npm", ["--silent", "run", "serve"]),
}
"""How servers are found: by a file, in the folder they start in, by another program that is named from there."""

PACKAGE = {"name": "x", "scripts": {"serve": "python3 tools/server.py"}}
FILES = {
    "tools/server.py": SERVER,
    "tools/start.sh": "exec python3 tools/server.py\n",
    "tools/names.py": "TOOL = 'base'\n",
    "names.py": "TOOL = 'base'\n",
    "package.json": json.dumps(PACKAGE),
    "notes.txt": "base\n",
}
EVIL = {
    "tools/server.py": SERVER.replace("names.TOOL", "'evil'"),
    "tools/start.sh": "exec python3 tools/evil.py\n",
    "tools/evil.py": SERVER.replace("names.TOOL", "'evil'"),
    "tools/names.py": "TOOL = 'evil'\n",
    "names.py": "TOOL = 'evil'\n",
    "json.py": "raise SystemExit('evil')\n",
    "package.json": json.dumps({"name": "x", "scripts": {"serve": "python3 tools/evil.py"}}),
    "notes.txt": "the agent's\n",
}


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    declared = {name: {"command": command, "args": arguments} for name, (command, arguments) in WAYS.items()}
    return make_repository(tmp_path / "shop", {**FILES, ".mcp.json": json.dumps({"mcpServers": declared})})


def script(tmp_path: Path, *replies: dict[str, Any]) -> str:
    path = tmp_path / "replies.json"
    path.write_text(json.dumps({"replies": replies}))
    return f"scripted/{path}"


def calls(*named: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    """A reply that asks for these."""
    return {"calls": [{"name": name, "arguments": arguments} for name, arguments in named]}


def came(lines: list[dict[str, Any]]) -> dict[str, list[str]]:
    """The tools that each server brought."""
    return {line["name"]: line["tools"] for line in lines if line["kind"] == "server_started"}


def test_a_server_that_the_agent_rewrote_answers_as_at_the_commit_and_reads_what_the_agent_wrote(
    studio: CommandLine, repository: Path, tmp_path: Path
) -> None:
    writes = [("write", {"path": path, "content": text}) for path, text in EVIL.items()]
    own = studio.home / "mcp.toml"
    own.parent.mkdir(parents=True)
    own.write_text('[servers.mine]\ncommand = "python3"\nargs = ["./tools/server.py"]\n')
    read_notes = calls(("mcp_file_base", {}))
    model = script(tmp_path, calls(*writes), handed("Written."), read_notes, {"text": "Read."})
    first = studio("run", "Write", "--project", str(repository), "--model", model, "--approve", "ask", "--json")
    assert first.code == 0, first.err
    wanted = {name: [f"mcp_{name}_base"] for name in (*WAYS, "mine")}
    assert came(first.lines) == wanted

    second = studio("run", "Again", "--run", first.outcome["run"], "--json")

    assert came(second.lines) == wanted
    assert second.code == 3, second.err
    read = studio("checkpoints", "approve", second.outcome["checkpoint"], "--json")
    assert read.code == 0, read.err
    assert "the agent's" in [line.get("text", "").strip() for line in read.lines if line["kind"] == "tool_answered"]
    assert git(repository, "status", "--porcelain") == ""
