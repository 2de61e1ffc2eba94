"""Tools that arrange the workspace: move or rename, delete."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from studio.base.aio import in_thread
from studio.base.text import shown
from studio.domain.errors import NotFound, UserError
from studio.domain.files import EntryKind
from studio.domain.tools import ToolOutcome
from studio.tools.change import changeable, make_folders
from studio.tools.hands import Hands
from studio.tools.look import relative
from studio.workspace.files import Folder

PATH_CHARACTERS = 4096


async def move(
    hands: Hands,
    path: Annotated[
        str, Field(description="File, folder or link to move, below the project's root.", max_length=PATH_CHARACTERS)
    ],
    to: Annotated[
        str, Field(description="Its whole new path, the new name included.", min_length=1, max_length=PATH_CHARACTERS)
    ],
) -> ToolOutcome:
    """Moves or renames a file or folder inside the project, making folders as needed.

    Nothing is replaced: the new path must be free. A link itself is moved, never what it leads to. Text that
    names the old path, such as an import, is not changed.
    """
    moved = await in_thread(_move, hands.folder, _inside(path), _inside(to), hands.again)
    if not moved:
        return ToolOutcome(True, f"{shown(path)} was moved to {shown(to)} already; nothing changed.", "moved already")
    return ToolOutcome(True, f"Moved {shown(path)} to {shown(to)}.", "moved", changed=True)


async def delete(
    hands: Hands,
    path: Annotated[
        str, Field(description="File, folder or link to delete, below the project's root.", max_length=PATH_CHARACTERS)
    ],
    recursive: Annotated[bool, Field(description="Delete a folder together with everything in it.")] = False,
) -> ToolOutcome:
    """Deletes a file, a link (never what it leads to) or an empty folder; with `recursive` a folder and all in it.

    What Git ignores is in no snapshot and cannot be brought back. Folders more than 64 deep, and those that hold
    a Git repository of their own, are not deleted.
    """
    words = await in_thread(_delete, hands.folder, _inside(path), recursive, hands.again)
    return ToolOutcome(True, words, "deleted", changed=True)


def _inside(path: str) -> str:
    """The path below the root. Raises UserError for the root itself and for what is Git's."""
    inside = relative(changeable(path))
    if not inside:
        raise UserError("The project's root itself is neither moved nor deleted.", "Name something in it.")
    return inside


def _move(folder: Folder, path: str, to: str, again: bool) -> bool:
    """Whether anything had to be moved."""
    kind = _kind(folder, path)
    if kind is not None and f"{to}/".startswith(f"{path}/"):
        raise UserError(f"{shown(path)} cannot be moved to itself or below itself.", "Choose another path.")
    taken = _kind(folder, to)
    if again and kind is None and taken is not None:
        return False
    if kind is None:
        raise NotFound(f"There is no {shown(path)}.", "List its folder to see what there is.")
    if taken is EntryKind.FOLDER:
        inside = shown(f"{to}/{path.rpartition('/')[2]}")
        raise UserError(f"{shown(to)} is a folder that is there.", f"To move it in there, say {inside}.")
    if taken is not None:
        raise UserError(f"{shown(to)} exists already.", "Choose another name, or delete it first.")
    make_folders(folder, to)
    folder.rename(path, to)
    return True


def _delete(folder: Folder, path: str, recursive: bool, again: bool) -> str:
    """What was deleted, in words."""
    name = shown(path)
    kind = _kind(folder, path)
    if kind is None:
        if again:
            return f"{name} is gone already."
        raise NotFound(f"There is no {name}.", "List its folder to see what there is.")
    if kind is not EntryKind.FOLDER:
        folder.remove(path)
        return f"Deleted {name}."
    below = folder.survey(path)
    if below.names and not recursive:
        raise UserError(
            f"{name} is a folder that is not empty: {below.names} names are in it.",
            "Send the call again with recursive true if all of it is to go.",
        )
    if below.git:
        raise UserError(f"{name} holds a Git repository of its own.", "Nothing was deleted. Use shell if it is to go.")
    folder.remove_tree(path)
    return f"Deleted the folder {name} with {below.names} names in it."


def _kind(folder: Folder, path: str) -> EntryKind | None:
    """What is at a path, None when nothing is. Raises UserError when the way there leads through a link or a file."""
    try:
        return folder.stat(path).kind
    except NotFound:
        return None
