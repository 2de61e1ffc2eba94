"""Outputs: a long one is shown by its head and its tail, and read again through its handle."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from studio.base.aio import in_thread
from studio.base.text import plain, shorten
from studio.domain.errors import UserError
from studio.domain.tools import ToolOutcome
from studio.tools.hands import Hands

SHOWN_CHARACTERS = 12_000
"""Above this an answer is shown by its ends; three thousand tokens are read again in every later step."""

HANDLE = "output:"
LINES = 400
LINE_CHARACTERS = 2000
"""A longer line counts as several, so that every part of an output can be asked for by its line."""

_ROOM_FOR_NOTES = 400


async def read_output(
    hands: Hands,
    output: Annotated[str, Field(description="The handle, as in output:c1a2b3c4.", min_length=1, max_length=80)],
    start_line: Annotated[int, Field(description="First line to show, from 1.", ge=1, le=10_000_000)] = 1,
    lines: Annotated[int, Field(description="How many lines to show.", ge=1, le=LINES)] = 200,
    containing: Annotated[
        str,
        Field(description="Only lines that hold this text, upper and lower case alike. Empty: all.", max_length=500),
    ] = "",
) -> ToolOutcome:
    """Shows lines of what an earlier call of yours gave, with their numbers.

    Use it when an answer was shortened or left out and names a handle; it costs less than calling again. At most
    12,000 characters are shown at once. The number and tab before each line are not part of the output.
    """
    text = await hands.output(output.strip().removeprefix(HANDLE))
    if text is None:
        raise UserError(f"There is no {shorten(output, 80)} in this run.", "Take the handle from an earlier answer.")
    # Of a mebibyte that takes longer than the loop may stand still.
    return await in_thread(_read, text, start_line, lines, containing)


def _read(text: str, start_line: int, lines: int, containing: str) -> ToolOutcome:
    every = list(enumerate(_lines(text), 1))
    wanted = [(number, line) for number, line in every if containing.lower() in line.lower()] if containing else every
    if containing and not wanted:
        return ToolOutcome(True, f"None of its {len(every)} lines holds that text.", "no match")
    below = [entry for entry in wanted if entry[0] >= start_line]
    if not below:
        raise UserError(f"It has only {len(every)} lines.", "Ask for an earlier start_line.")
    page = _page(below[:lines])
    left = len(below) - len(page)
    more = f"\n… {left} more lines; ask with start_line={below[len(page)][0]}" if left else ""
    body = "\n".join(f"{number}\t{line}" for number, line in page)
    return ToolOutcome(True, f"{body}{more}", f"{len(page)} of {len(every)} lines")


def shown_of(text: str, handle: str) -> str:
    """What the model is shown of a long output: its first and last lines, and how to read those between."""
    lines = _lines(text)
    half = (SHOWN_CHARACTERS - _ROOM_FOR_NOTES) // 2
    head = _fitting(lines, half)
    tail = _fitting(lines[head:][::-1], half)
    left = len(lines) - head - tail
    note = (
        f"[… {left} of {len(lines)} lines left out here. The whole is kept: "
        f'read_output("{HANDLE}{handle}", start_line={head + 1}), or with containing="…" …]'
    )
    return "\n".join([*lines[:head], note, *lines[len(lines) - tail :]])


def _lines(text: str) -> list[str]:
    lines: list[str] = []
    for line in plain(text).split("\n"):
        cuts = range(0, len(line) or 1, LINE_CHARACTERS)
        lines += [line[at : at + LINE_CHARACTERS] for at in cuts]
    return lines


def _fitting(lines: list[str], room: int) -> int:
    """How many of the first lines have room together."""
    for count, line in enumerate(lines):
        room -= len(line) + 1
        if room < 0:
            return count
    return len(lines)


def _page(lines: list[tuple[int, str]]) -> list[tuple[int, str]]:
    room = SHOWN_CHARACTERS - _ROOM_FOR_NOTES
    for count, (number, line) in enumerate(lines):
        room -= len(str(number)) + len(line) + 2
        if room < 0:
            return lines[:count]
    return lines
