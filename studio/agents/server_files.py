"""Files that declare MCP servers: `mcp.toml` in Studio's words, `.mcp.json` in those that many programs share."""

from __future__ import annotations

import json
import re
from typing import Any

from studio.base.text import shorten, shown
from studio.base.toml import read_foreign_toml
from studio.domain.servers import ServerList, ServerSpec
from studio.domain.skills import AidProblem

NAME_CHARACTERS = 24
SERVERS_MAX = 16
_ARGUMENTS = 64
_CHARACTERS = 4000
_NAME = re.compile(r"[A-Za-z0-9]+(-[A-Za-z0-9]+)*")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_BELOW_WORKSPACE = re.compile(r"(?:(?<![\w.-])|\.\.)/workspace/+[^/\s]")
_LOADS = frozenset(
    (
        *("PATH", "LD_LIBRARY_PATH", "LD_PRELOAD", "BASH_ENV", "ENV", "PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP"),
        *("NODE_PATH", "NODE_OPTIONS", "PERL5LIB", "PERL5OPT", "RUBYLIB", "RUBYOPT"),
    )
)
"""Variables that say where programs take code from."""
_ONLY_PROGRAMS = "Only programs are used here, which run inside the project's container."
_LIKE = 'Write it like: [servers.docs], below that command = "python3" and args = ["docs_server.py"].'


class _Wrong(Exception):
    def __init__(self, sentence: str, action: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.action = action


def read_toml(file: str, data: bytes) -> ServerList:
    """The servers of a file in TOML, and what is wrong with others."""
    try:
        declared = read_foreign_toml(data.decode("utf-8"))
    # Besides its own error, the parser lets out that of a number with thousands of digits.
    except (ValueError, RecursionError) as error:
        return ServerList((), (AidProblem("", file, f"This is no TOML: {shown(shorten(str(error), 200))}."),))
    problems = [
        AidProblem("", file, f"There is no field “{shown(shorten(key, 40))}”.", _LIKE)
        for key in declared
        if key != "servers"
    ]
    return _with(_read(file, declared.get("servers", {}), {"command", "args", "env"}), problems)


def read_json(file: str, data: bytes) -> ServerList:
    """The servers of a `.mcp.json`, and what is wrong with others; fields that mean nothing here are left alone."""
    try:
        declared = json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError):
        return ServerList((), (AidProblem("", file, "This is no JSON."),))
    servers = declared.get("mcpServers", {}) if isinstance(declared, dict) else None
    return _read(file, servers, None)


def _with(found: ServerList, problems: list[AidProblem]) -> ServerList:
    return ServerList(found.servers, (*problems, *found.problems))


def _read(file: str, declared: Any, fields: set[str] | None) -> ServerList:
    if not isinstance(declared, dict):
        return ServerList((), (AidProblem("", file, "Its servers are no table.", _LIKE),))
    servers: list[ServerSpec] = []
    problems: list[AidProblem] = []
    for name, entry in declared.items():
        try:
            if len(servers) >= SERVERS_MAX:
                raise _Wrong(f"{SERVERS_MAX} servers are the most.")
            servers.append(_server(file, name, entry, fields))
        except _Wrong as wrong:
            problems.append(AidProblem(shown(shorten(name, NAME_CHARACTERS)), file, wrong.sentence, wrong.action))
    return ServerList(tuple(servers), tuple(problems))


def _server(file: str, name: str, entry: Any, fields: set[str] | None) -> ServerSpec:
    if not _NAME.fullmatch(name) or len(name) > NAME_CHARACTERS:
        raise _Wrong(
            f"“{shown(shorten(name, 40))}” is no name for a server.",
            f"Take letters, digits and single hyphens, {NAME_CHARACTERS} at most.",
        )
    if not isinstance(entry, dict):
        raise _Wrong("Its entry is no table.", _LIKE)
    if "url" in entry or entry.get("type", "stdio") != "stdio":
        raise _Wrong(f"It is reached over the network. {_ONLY_PROGRAMS}", "Declare a program instead.")
    if fields is not None and (unknown := next((key for key in entry if key not in fields), None)) is not None:
        raise _Wrong(f"There is no field “{shown(shorten(unknown, 40))}”.", f"There are: {', '.join(sorted(fields))}.")
    command = _text(entry.get("command"), "command")
    if not command:
        raise _Wrong("It has no command.", _LIKE)
    given = entry.get("args", [])
    if not isinstance(given, list) or len(given) > _ARGUMENTS:
        raise _Wrong(f"args must be a list of at most {_ARGUMENTS} texts.")
    variables = entry.get("env", {})
    if not isinstance(variables, dict) or not all(map(_VARIABLE.fullmatch, variables)):
        raise _Wrong("env must be a table of names and texts.")
    if loading := next((key for key in variables if key in _LOADS and "/workspace" in str(variables[key])), None):
        raise _Wrong(
            f"{loading} lets it take code from the files of the agent.",
            "Name folders of the repository as they stand there, such as lib: they are taken from the commit.",
        )
    return ServerSpec(
        name,
        command,
        tuple(_text(argument, "args") for argument in given),
        tuple((key, _text(value, "env")) for key, value in variables.items()),
        file,
    )


def _text(value: Any, field: str) -> str:
    if value is None and field == "command":
        return ""
    if not isinstance(value, str) or len(value) > _CHARACTERS or "\0" in value:
        raise _Wrong(f"{field} holds something that is no text, or is too long.")
    if "${" in value:
        raise _Wrong(
            "It asks for a variable of this machine, which no server is given.",
            "Secrets of this machine stay out of containers; write the value itself, or do without.",
        )
    if named := _BELOW_WORKSPACE.search(value):
        path = value[named.start() :].lstrip(".").split()[0]
        raise _Wrong(
            f"It names {shown(shorten(path, 100))}, which is the agent's to change.",
            f"Write {shown(shorten(path.removeprefix('/workspace').lstrip('/'), 100))}: that is taken from the commit "
            "that a chat starts from. A server that is to work on the agent's files is given /workspace as a whole.",
        )
    return value
