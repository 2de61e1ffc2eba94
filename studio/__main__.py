"""The entry point: the command line, or the window when that is wanted."""

from __future__ import annotations

import importlib
import io
import os
import sys
from pathlib import Path

from studio.cli.main import app
from studio.cli.serve import ServerWanted
from studio.cli.window import WindowWanted


def main() -> None:
    """Runs Studio with the words of `sys.argv` and exits with its code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal that lacks a letter shows another sign instead.
            stream.reconfigure(errors="replace")
    try:
        _start()
    except BrokenPipeError:
        # Whoever read our output has seen enough; Python would complain again when it closes the pipe.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)


def _start() -> None:
    try:
        if names_a_place(sys.argv[1:]):
            raise WindowWanted(sys.argv[1])
        app(prog_name="studio")
    except ServerWanted as wanted:
        application = importlib.import_module("studio.server.application")
        sys.exit(application.run_server(os.environ, wanted.port, json=wanted.json))
    except WindowWanted as wanted:
        # The window's libraries take long to load, and a machine without a display may lack them.
        application = importlib.import_module("studio.ui.application")
        sys.exit(application.run_window(os.environ, wanted.path))


def names_a_place(words: list[str]) -> bool:
    """Whether the words are one path that exists instead of a verb, as in `studio .`."""
    if len(words) != 1 or words[0].startswith("-"):
        return False
    verbs = {command.name for command in app.registered_commands} | {group.name for group in app.registered_groups}
    return words[0] not in verbs and Path(words[0]).expanduser().is_dir()


if __name__ == "__main__":
    main()
