"""Declarations of MCP servers, right and wrong."""

from __future__ import annotations

import json

import pytest

from studio.agents.server_files import read_json, read_toml
from studio.domain.servers import ServerList

FILE = ".studio/mcp.toml"


def toml(text: str) -> ServerList:
    return read_toml(FILE, text.encode())


def problems(found: ServerList) -> list[str]:
    return [f"{problem.name}: {problem.sentence}" for problem in found.problems]


def test_a_server_is_a_program_with_arguments_and_variables() -> None:
    (server,) = toml('[servers.docs]\ncommand = "npx"\nargs = ["-y", "docs"]\nenv = { A = "1" }\n').servers
    assert (server.name, server.line, server.variables, server.file) == ("docs", "npx -y docs", (("A", "1"),), FILE)


def test_the_file_that_other_programs_share_is_read_too() -> None:
    entry = {"type": "stdio", "command": "npx", "args": ["docs"], "disabled": False}
    (server,) = read_json(".mcp.json", json.dumps({"mcpServers": {"docs": entry}}).encode()).servers
    assert (server.name, server.line) == ("docs", "npx docs")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            f"[{'.'.join('a' * 30_000)}]",
            ": This is no TOML: There are more than 300 dots in one line (at line 1, column 1).",
        ),
        ("[servers", ": This is no TOML: Expected ']' at the end of a table declaration (at end of document)."),
        ("[server.docs]\ncommand = 'x'", ": There is no field “server”."),
        ("servers = 5", ": Its servers are no table."),
        ("[servers.a_b]\ncommand = 'x'", "a_b: “a_b” is no name for a server."),
        ("[servers.docs]\nargs = []", "docs: It has no command."),
        ("[servers.docs]\ncommand = 'x'\ncwd = '/'", "docs: There is no field “cwd”."),
        ("[servers.docs]\ncommand = 5", "docs: command holds something that is no text, or is too long."),
        ("[servers.docs]\ncommand = 'x'\nargs = 'y'", "docs: args must be a list of at most 64 texts."),
        ("[servers.docs]\ncommand = 'x'\nenv = { 'a b' = 'y' }", "docs: env must be a table of names and texts."),
        (
            "[servers.docs]\nurl = 'https://x.example'",
            "docs: It is reached over the network. Only programs are used here, which run inside the project's "
            "container.",
        ),
        (
            "[servers.docs]\ncommand = 'x'\nenv = { KEY = '${OPENAI_API_KEY}' }",
            "docs: It asks for a variable of this machine, which no server is given.",
        ),
        (
            "[servers.docs]\ncommand = 'python3'\nargs = ['/workspace/tools/server.py']",
            "docs: It names /workspace/tools/server.py, which is the agent's to change.",
        ),
        (
            "[servers.docs]\ncommand = 'sh'\nargs = ['-c', 'exec ../../../workspace/serve --all']",
            "docs: It names /workspace/serve, which is the agent's to change.",
        ),
        (
            "[servers.docs]\ncommand = 'python3'\nenv = { PYTHONPATH = 'lib:/workspace' }",
            "docs: PYTHONPATH lets it take code from the files of the agent.",
        ),
    ],
)
def test_a_wrong_declaration_is_named_with_its_fault(text: str, problem: str) -> None:
    found = toml(text)
    assert (found.servers, problems(found)) == ((), [problem])


def test_what_to_write_for_a_file_that_the_agent_can_change_is_said() -> None:
    (problem,) = toml("[servers.docs]\ncommand = 'x'\nargs = ['--config=/workspace/a/b.toml']").problems
    assert problem.action.startswith("Write a/b.toml: that is taken from the commit that a chat starts from.")


@pytest.mark.parametrize(
    "argument", ["/workspace", "--repository=/workspace/", "src", "./workspace/a", "x/workspace/a"]
)
def test_the_agents_files_as_a_whole_and_files_of_the_commit_may_be_named(argument: str) -> None:
    (server,) = toml(f"[servers.docs]\ncommand = 'x'\nargs = ['{argument}']").servers
    assert server.arguments == (argument,)


def test_a_server_that_is_declared_otherwise_is_another_one_and_where_it_is_declared_does_not_matter() -> None:
    text = "[servers.docs]\ncommand = 'x'\nargs = ['a']\nenv = { A = '1' }\n"
    (first,) = toml(text).servers
    (moved,) = read_toml("/home/ada/mcp.toml", text.encode()).servers
    others = [toml(text.replace(old, "'b'")).servers[0].declared for old in ("'x'", "'a'", "'1'")]
    assert moved.declared == first.declared
    assert len({first.declared, *others}) == 4


def test_one_wrong_server_leaves_the_others() -> None:
    found = toml("[servers.docs]\ncommand = 'x'\n[servers.bad]\n")
    assert [server.name for server in found.servers] == ["docs"]


@pytest.mark.parametrize("data", [b"\xff", b"[", b'{"mcpServers": []}', b"[" * 100_000, b"5"])
def test_a_shared_file_without_sense_is_one_problem(data: bytes) -> None:
    found = read_json(".mcp.json", data)
    assert (found.servers, len(found.problems)) == ((), 1)
