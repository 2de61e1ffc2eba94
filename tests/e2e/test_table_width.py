"""A table for people is as wide as their terminal; one that goes elsewhere keeps a line for each row."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios

from tests.fixtures.command_line import CommandLine

COLUMNS = 80


def in_terminal(studio: CommandLine, *words: str) -> list[str]:
    """The lines that a command writes to a terminal of 80 columns."""
    ours, its = pty.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 24, COLUMNS, 0, 0))
    environment = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
    environment |= {"STUDIO_HOME": str(studio.home), "PYTHONPATH": str(studio.package)}
    command = [sys.executable, "-P", "-m", "studio", *words]
    process = subprocess.Popen(command, env=environment, stdin=its, stdout=its, stderr=subprocess.DEVNULL)
    os.close(its)
    told = b""
    try:
        while piece := os.read(ours, 65_536):
            told += piece
    except OSError:
        pass  # Linux says by this that the other side is closed.
    finally:
        os.close(ours)
    assert process.wait(timeout=60) == 0
    return told.decode().splitlines()


def test_the_roles_fit_into_a_terminal_and_go_on_below_their_last_column(studio: CommandLine) -> None:
    lines = in_terminal(studio, "roles")
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
