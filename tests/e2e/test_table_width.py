"""A table for people is as wide as their terminal; one that goes elsewhere keeps a line for each row."""

from __future__ import annotations

from tests.fixtures.command_line import CommandLine
from tests.fixtures.in_terminal import COLUMNS, in_terminal


def test_the_roles_fit_into_a_terminal_and_go_on_below_their_last_column(studio: CommandLine) -> None:
    shown = in_terminal(studio, "roles")
    assert shown.code == 0
    lines = shown.out.splitlines()
    assert max(map(len, lines)) <= COLUMNS
    head = next(line for line in lines if line.startswith("ROLE"))
    engineer = next(at for at, line in enumerate(lines) if line.startswith("engineer "))
    assert lines[engineer + 1].startswith(" " * head.index("TOOLS"))
    assert lines[engineer + 1].strip()


def test_in_a_pipe_every_role_is_one_line_with_all_its_tools(studio: CommandLine) -> None:
    roles = studio("roles", "--json").document["roles"]
    lines = studio("roles").out.splitlines()
    assert len(lines) == len(roles) + 1
    assert all(line.endswith(", ".join(role["tools"])) for line, role in zip(lines[1:], roles, strict=True))
