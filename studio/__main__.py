"""The entry point: the command line, or the window when that is wanted."""

from __future__ import annotations

import importlib
import io
import os
import sys
from pathlib import Path

from studio.cli.wanted import ServerWanted, WindowWanted


def main() -> None:
    """Runs Studio with the words of `sys.argv` and exits with its code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal that lacks a letter shows another sign instead.
            stream.reconfigure(errors="replace")
    try:
        try:
            _start()
        finally:
            sys.stdout.flush()
    except KeyboardInterrupt:
        # It came before any verb was there to answer it.
        sys.exit(130)
    except BrokenPipeError as broken:
        # Whoever read our output has seen enough; Python would complain again when it closes the pipe.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        ended = broken.__context__
        sys.exit(ended.code if isinstance(ended, SystemExit) else 0)


def _start() -> None:
    words = sys.argv[1:]
    try:
        if not words or names_a_place(words):
            raise WindowWanted(words[0] if words else None)
        # Each face is loaded only when it is wanted: the window must be painted at once, and a machine without
        # a display may lack its libraries.
        importlib.import_module("studio.cli.main").app(prog_name="studio")
    except ServerWanted as wanted:
        application = importlib.import_module("studio.server.application")
        sys.exit(application.run_server(os.environ, wanted.port, json=wanted.json))
    except WindowWanted as wanted:
        application = importlib.import_module("studio.ui.application")
        sys.exit(application.run_window(os.environ, wanted.path))


def names_a_place(words: list[str]) -> bool:
    """Whether the words are one path to a folder instead of a verb, as in `studio .` or `studio ../shop`."""
    if len(words) != 1:
        return False
    looks_like_a_path = "/" in words[0] or "\\" in words[0] or words[0].startswith((".", "~"))
    return looks_like_a_path and Path(words[0]).expanduser().is_dir()


if __name__ == "__main__":
    main()
