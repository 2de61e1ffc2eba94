"""Agreeing: a question to whoever sits at the terminal, before a verb does what it was asked for."""

from __future__ import annotations

import asyncio
import sys
from typing import TextIO

from studio.cli import output


def can_answer() -> bool:
    """Whether a person can read a question here and type what they say to it; a script cannot."""
    return all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr))


async def agrees(question: str, terminal: TextIO | None = None) -> bool:
    """Whether they say yes; anything else that is typed is a no, and so is the end of what they type."""
    typed, here = asyncio.Event(), asyncio.get_running_loop()
    terminal = terminal or sys.stdin
    output.note(f"{question} [y/N]")
    # Waited for on the loop, not in a thread: one that reads could not be ended by Ctrl+C.
    here.add_reader(terminal.fileno(), typed.set)
    try:
        await typed.wait()
    finally:
        here.remove_reader(terminal.fileno())
    return terminal.readline().strip().casefold() in ("y", "yes")
