"""A question at the terminal is a yes only where somebody typed one."""

from __future__ import annotations

import os
import pty
from collections.abc import Iterator
from typing import TextIO

import pytest

from studio.cli.agreeing import agrees


@pytest.fixture
def terminal() -> Iterator[tuple[int, TextIO]]:
    """Where a person types, and where that is read."""
    typing, its = pty.openpty()
    with os.fdopen(its) as reading:
        yield typing, reading
    os.close(typing)


@pytest.mark.parametrize(
    ("typed", "said"), [("y\n", True), (" YES \n", True), ("n\n", False), ("\n", False), ("\x04", False)]
)
async def test_only_a_typed_yes_is_one(terminal: tuple[int, TextIO], typed: str, said: bool) -> None:
    person, reading = terminal
    os.write(person, typed.encode())
    assert await agrees("Merge it?", reading) is said
