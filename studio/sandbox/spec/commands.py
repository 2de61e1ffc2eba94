"""The commands of a devcontainer.json that make a workspace ready, in the order in which they are run."""

from __future__ import annotations

from typing import Any

from studio.sandbox.plan import Refused, SetupCommand

_ORDER = ("onCreateCommand", "updateContentCommand", "postCreateCommand", "postStartCommand")
_EACH_START = "postStartCommand"
_LONGEST = 16_000


def read_commands(given: dict[str, Any]) -> tuple[tuple[SetupCommand, ...], tuple[Refused, ...]]:
    """The commands, and what is not one."""
    commands: list[SetupCommand] = []
    refused: list[Refused] = []
    for key in _ORDER:
        value = given.get(key)
        if value is None or value == "":
            continue
        several = list(value.values()) if isinstance(value, dict) else [value]
        argvs = [_argv(one) for one in several]
        if any(argv is None for argv in argvs):
            refused.append(Refused(f"`{key}` is refused: it is no command.", "Write a line of shell, or a list."))
        commands += [SetupCommand(argv, key == _EACH_START) for argv in argvs if argv]
    return tuple(commands), tuple(refused)


def _argv(command: Any) -> tuple[str, ...] | None:
    """What is run for one command, empty for nothing; None when it is none. A line of text is for the shell."""
    if isinstance(command, str):
        argv: tuple[str, ...] = ("sh", "-c", command) if command.strip() else ()
    elif isinstance(command, list) and all(isinstance(part, str) for part in command):
        argv = tuple(command)
    else:
        return None
    size = sum(map(len, argv))
    return None if size > _LONGEST or any("\0" in part for part in argv) else argv
