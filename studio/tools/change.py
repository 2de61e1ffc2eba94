"""Tools that change files of the workspace: write a whole file, edit a passage."""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO
from itertools import islice
from typing import Annotated

from pydantic import Field
from rapidfuzz.fuzz import ratio
from rapidfuzz.process import extractOne

from studio.base.aio import in_thread
from studio.base.text import shorten
from studio.domain.errors import NotFound, UserError
from studio.domain.tools import ToolOutcome
from studio.tools.hands import Hands
from studio.tools.look import read_text, relative
from studio.workspace.files import Folder

WRITE_CHARACTERS = 1_000_000
NEAR_CHARACTERS = 2000
NEAR_LINES = 20_000
NEAR_HEAD = 300
NEAR_BATCH = 500
NEAR_SCORE = 60.0


async def write(
    hands: Hands,
    path: Annotated[str, Field(description="File to write, relative to the project's root.")],
    content: Annotated[str, Field(description="The whole new content.", max_length=WRITE_CHARACTERS)],
) -> ToolOutcome:
    """Writes a whole file, making folders as needed and replacing a file that is there.

    Use it for new files and full rewrites; use edit for changes.
    """
    before = await _lines_before(hands, changeable(path))
    await _save(hands, path, content)
    after = len(content.splitlines())
    return ToolOutcome(True, f"Wrote {after} lines to {path}.", f"+{after} −{before}", changed=True)


async def edit(
    hands: Hands,
    path: Annotated[str, Field(description="File to change, relative to the project's root.")],
    old: Annotated[str, Field(description="The exact text to replace, without line numbers.", min_length=1)],
    new: Annotated[str, Field(description="The text to put there.", max_length=WRITE_CHARACTERS)],
) -> ToolOutcome:
    """Replaces one passage of a file.

    `old` must occur exactly once, with the same white space; add surrounding lines to make it unique.
    """
    text = await read_text(hands, changeable(path))
    found = text.count(old)
    if hands.again and new and new in text and (found == 0 or old in new):
        line = _line_of(text, text.index(new))
        return ToolOutcome(True, f"{path} already has the new text at line {line}; nothing changed.", "already there")
    if found == 0:
        near = await in_thread(_near, text, old)
        raise UserError(f"The text to replace is not in {path}.{near}", "Read the file and copy it exactly.")
    if found > 1:
        places = ", ".join(str(_line_of(text, at)) for at in islice(_positions(text, old), 10))
        raise UserError(
            f"The text to replace occurs {found} times in {path}, at lines {places}.", "Add lines around it."
        )
    at = text.index(old)
    await _save(hands, path, text.replace(old, new, 1))
    summary = f"+{len(new.splitlines())} −{len(old.splitlines())}"
    return ToolOutcome(True, f"Changed {path} at line {_line_of(text, at)}.", summary, changed=True)


def changeable(path: str) -> str:
    """The path, when a tool may change it. Git's own files hold programs that git runs: UserError.

    They stay open to commands, which the gate judges.
    """
    if any(part.casefold() == ".git" for part in path.split("/")):
        raise UserError(f"{path} belongs to Git itself.", "Use git commands for what you want to reach.")
    return path


async def _lines_before(hands: Hands, path: str) -> int:
    try:
        return len((await in_thread(hands.folder.read, relative(path))).data.splitlines())
    except NotFound:
        return 0


async def _save(hands: Hands, path: str, text: str) -> None:
    try:
        content = text.encode()
    except UnicodeEncodeError as error:
        raise UserError("The text holds half a character (a lone surrogate).", "Send whole characters.") from error
    await in_thread(_write, hands.folder, relative(path), content)


def _write(folder: Folder, path: str, content: bytes) -> None:
    parts = path.split("/")[:-1]
    for depth in range(1, len(parts) + 1):
        above = "/".join(parts[:depth])
        try:
            folder.stat(above)
        except NotFound:
            folder.make_folder(above)
    folder.write(path, content)


def _line_of(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1


def _positions(text: str, part: str) -> Iterator[int]:
    at = text.find(part)
    while at >= 0:
        yield at
        at = text.find(part, at + 1)


def _near(text: str, old: str) -> str:
    """The passage most like `old`, so that the next try can be exact; empty when nothing is alike.

    It is found by the line of `old` that tells most. Other threads get their turn after every batch of lines,
    and neither many lines nor long ones make the work long: what goes beyond is not compared.
    """
    wanted = old.splitlines() or [old]
    first = max(wanted, key=lambda line: len(line.strip()))
    lines = list(islice(StringIO(text), NEAR_LINES))
    best, score = -1, NEAR_SCORE
    for batch in range(0, len(lines), NEAR_BATCH):
        heads = [line.strip()[:NEAR_HEAD] for line in lines[batch : batch + NEAR_BATCH]]
        near = extractOne(first.strip()[:NEAR_HEAD], heads, scorer=ratio, score_cutoff=score)
        if near is not None and near[1] > score:
            best, score = batch + near[2], near[1]
    if best < 0:
        return ""
    start = max(0, best - wanted.index(first))
    passage = "".join(lines[start : start + len(wanted)]).rstrip("\n")
    return f" The nearest text, at line {start + 1}, is:\n{shorten(passage, NEAR_CHARACTERS)}\n"
