"""Tools that change one file of the workspace: write it whole, edit a passage, edit several."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from studio.base.aio import in_thread
from studio.domain.errors import NotFound, UserError
from studio.domain.tools import ToolOutcome
from studio.tools.difference import Difference, difference
from studio.tools.hands import Hands
from studio.tools.look import read_text, relative
from studio.tools.passages import already_replaced, line_of, replaced
from studio.workspace.files import Folder

WRITE_CHARACTERS = 1_000_000
EDITS = 100
MADE_BEFORE = "This call may have been run before Studio stopped: read the file before you send it again."


class Edit(BaseModel):
    """One replacement of several in a file."""

    model_config = ConfigDict(extra="forbid", strict=True)

    old: Annotated[
        str,
        Field(
            description="The exact text to replace, without line numbers.", min_length=1, max_length=WRITE_CHARACTERS
        ),
    ]
    new: Annotated[str, Field(description="The text to put there.", max_length=WRITE_CHARACTERS)]


async def write(
    hands: Hands,
    path: Annotated[str, Field(description="File to write, relative to the project's root.")],
    content: Annotated[str, Field(description="The whole new content.", max_length=WRITE_CHARACTERS)],
) -> ToolOutcome:
    """Writes a whole file, making folders as needed and replacing a file that is there.

    Use it for new files and full rewrites; use edit for changes.
    """
    before = await _before(hands, changeable(path))
    await _save(hands, path, content)
    lines = len(content.splitlines())
    lost = await in_thread(_overwritten, before, content)
    counts = f"+{lost.added} −{lost.removed}"
    return ToolOutcome(True, f"Wrote {lines} lines to {path}.", counts, changed=True, difference=lost.text)


async def edit(
    hands: Hands,
    path: Annotated[str, Field(description="File to change, relative to the project's root.")],
    old: Annotated[
        str,
        Field(
            description="The exact text to replace, without line numbers.", min_length=1, max_length=WRITE_CHARACTERS
        ),
    ],
    new: Annotated[str, Field(description="The text to put there.", max_length=WRITE_CHARACTERS)],
) -> ToolOutcome:
    """Replaces one passage of a file.

    `old` must occur exactly once, with the same white space; add surrounding lines to make it unique. Use
    edit_many for several passages of one file, apply_patch for several files.
    """
    return await _edit(hands, path, [Edit(old=old, new=new)])


async def edit_many(
    hands: Hands,
    path: Annotated[str, Field(description="File to change, relative to the project's root.")],
    edits: Annotated[
        list[Edit], Field(description="The replacements, made one after the other.", min_length=1, max_length=EDITS)
    ],
) -> ToolOutcome:
    """Replaces several passages of one file at once: all of them, or none when one does not fit.

    Each is made on the text that those before it left. Each `old` must occur exactly once in that text, with
    the same white space; add surrounding lines to make it unique. At most 100 edits with 1,000,000
    characters of new text in all.
    """
    if sum(len(edit.new) for edit in edits) > WRITE_CHARACTERS:
        raise UserError(
            f"The new texts have more than {WRITE_CHARACTERS:,} characters in all; no edit was made.",
            "Send fewer edits at once.",
        )
    return await _edit(hands, path, edits)


async def _edit(hands: Hands, path: str, edits: Sequence[Edit]) -> ToolOutcome:
    text = await read_text(hands, changeable(path))
    if hands.again and await in_thread(already_replaced, text, path, edits):
        line = line_of(text, text.index(edits[-1].new))
        return ToolOutcome(True, f"{path} already has the new text at line {line}; nothing changed.", "already there")
    try:
        changed, lines = await in_thread(replaced, text, path, edits)
    except UserError as error:
        if hands.again:
            raise UserError(error.sentence, MADE_BEFORE) from error
        if len(edits) > 1:
            raise UserError(error.sentence, f"No edit was made. {error.action}") from error
        raise
    await _save(hands, path, changed)
    added = sum(len(edit.new.splitlines()) for edit in edits)
    removed = sum(len(edit.old.splitlines()) for edit in edits)
    places = f"line {lines[0]}" if len(lines) == 1 else f"lines {', '.join(map(str, lines))}"
    return ToolOutcome(True, f"Changed {path} at {places}.", f"+{added} −{removed}", changed=True)


def changeable(path: str) -> str:
    """The path, when a tool may change it. Git's own files hold programs that git runs: UserError.

    They stay open to commands, which the gate judges.
    """
    if any(part.casefold() == ".git" for part in path.split("/")):
        raise UserError(f"{path} belongs to Git itself.", "Use git commands for what you want to reach.")
    return path


def make_folders(folder: Folder, path: str) -> None:
    """Makes the folders above `path` that are missing. Raises UserError when one of them is no folder."""
    parts = path.split("/")[:-1]
    for depth in range(1, len(parts) + 1):
        above = "/".join(parts[:depth])
        try:
            folder.stat(above)
        except NotFound:
            folder.make_folder(above)


def encoded(text: str) -> bytes:
    """The bytes of a file with this text. Raises UserError for half a character."""
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise UserError("The text holds half a character (a lone surrogate).", "Send whole characters.") from error


async def _before(hands: Hands, path: str) -> bytes:
    try:
        return (await in_thread(hands.folder.read, relative(path))).data
    except NotFound:
        return b""


def _overwritten(before: bytes, after: str) -> Difference:
    """What the file lost and gained; of a new one the call itself tells all that came, and of a binary one nothing."""
    if not before or b"\0" in before:
        return Difference("", len(after.splitlines()), len(before.splitlines()))
    found = difference(before.decode("utf-8", "replace"), after)
    return found if found.text else Difference("  no line differs", 0, 0)


async def _save(hands: Hands, path: str, text: str) -> None:
    await in_thread(_write, hands.folder, relative(path), encoded(text))


def _write(folder: Folder, path: str, content: bytes) -> None:
    make_folders(folder, path)
    folder.write(path, content)
