"""The note tool: keep in the repository what the next agent should know."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from studio.base.aio import in_thread
from studio.domain.errors import NotFound, UserError
from studio.domain.tools import ToolOutcome
from studio.tools.change import encoded, make_folders
from studio.tools.hands import Hands
from studio.tools.look import text_of
from studio.workspace.files import Folder, etag_of

NOTES_FOLDER = ".studio/notes"
NOTE_CHARACTERS = 4000
"""How long one note may be: all of them are read at the start of every turn."""


async def note(
    hands: Hands,
    name: Annotated[
        str,
        Field(
            description="What it is about, as in build-and-test.", pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60
        ),
    ],
    text: Annotated[str, Field(description="Markdown.", min_length=1, max_length=NOTE_CHARACTERS)],
    add: Annotated[bool, Field(description="Add it below what the note holds, instead of replacing that.")] = False,
) -> ToolOutcome:
    """Writes down what later agents of this project must know, as a file in .studio/notes.

    Use it for what took you long to find out and is not in the code or its documents: how to build and test here, a
    trap, a decision of the developer. The developer reviews it with your other changes. Not for what you did: that is
    in the history. Mend a note that is wrong; delete one, with the tool delete, that no longer holds.
    """
    return await in_thread(_write, hands.folder, f"{NOTES_FOLDER}/{name}.md", text.strip(), add)


def _write(folder: Folder, path: str, text: str, add: bool) -> ToolOutcome:
    before = _before(folder, path)
    if add and before.strip():
        kept = before.rstrip()
        # A call that a dead process has made already is made again.
        text = kept if kept.endswith(text) else f"{kept}\n\n{text}"
    if len(text) > NOTE_CHARACTERS:
        raise UserError(
            f"{path} would have {len(text):,} characters; {NOTE_CHARACTERS:,} are the most.",
            "Write it shorter without add, or take another name.",
        )
    make_folders(folder, path)
    folder.write(path, encoded(f"{text}\n"), etag_of(encoded(before)) if before else None)
    return ToolOutcome(True, f"Noted in {path}.", path, changed=True)


def _before(folder: Folder, path: str) -> str:
    try:
        return text_of(folder, path)
    except NotFound:
        return ""
