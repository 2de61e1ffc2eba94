"""Files that no commit holds, put from the person's checkout into a new workspace as `.worktreeinclude` says."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass

from studio.base.aio import in_thread
from studio.contracts.guest import Guest
from studio.domain.errors import GitError, NotFound, OutsideError, UserError
from studio.workspace.files import READ_MAX, Folder
from studio.workspace.names import shown
from studio.workspace.own_git import OwnGit

FILE = ".worktreeinclude"

FILES_MAX = 1000
"""How many files are put into a workspace."""

BYTES_MAX = 100 << 20
"""How many bytes they may have together."""

_NAMED = 20
_IGNORED = ("git", "-c", "core.fsmonitor=false", "check-ignore", "--no-index", "-z", "--stdin")


@dataclass(frozen=True, slots=True)
class Included:
    """The files that were put in, and a sentence for each that was not, or for several of them.

    `held` are those that nobody agreed to.
    """

    files: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    held: tuple[str, ...] = ()


async def include(own: OwnGit, patterns: bytes, guest: Guest, target: Folder, agreed: bytes | None = None) -> Included:
    """Puts the files of the checkout that match `patterns` (as in .gitignore) into the workspace of `guest`.

    Only files that git does not track there and that the workspace's own .gitignore keeps out of commits, so that no
    snapshot ever holds one. No link is followed, nothing that is there is replaced. With `agreed`, files that these
    patterns do not match as well are held back. Raises GitError, EngineError.
    """
    wanted = await _matching(own, patterns)
    if not wanted:
        return Included()
    kept_out = await _kept_out(guest, wanted)
    held: list[str] = []
    if agreed is not None:
        known = frozenset(await _matching(own, agreed))
        held = [path for path in wanted if path in kept_out and path not in known]
        wanted = [path for path in wanted if path in known]
    visible = [path for path in wanted if path not in kept_out]
    files, left_out = await in_thread(_copy, Folder(own.folder), target, [path for path in wanted if path in kept_out])
    if visible:
        left_out = [*left_out, f"Not put in, as .gitignore lets it into commits: {names_of(visible)}."]
    return Included(tuple(files), tuple(left_out), tuple(held))


async def _matching(own: OwnGit, patterns: bytes) -> list[str]:
    """The untracked files of the checkout that match, by name."""
    number, name = await in_thread(tempfile.mkstemp, prefix="studio-include-")
    try:
        await in_thread(_fill, number, patterns)
        listed = await own.run("ls-files", "--others", "--ignored", f"--exclude-from={name}", "-z", timeout=120.0)
    finally:
        await in_thread(os.unlink, name)
    if listed.cut:
        raise GitError(f"{FILE} matches too many files of {own.folder}.", "Name fewer files in it.")
    return sorted(os.fsdecode(path) for path in listed.stdout.split(b"\0") if path)


def _fill(number: int, data: bytes) -> None:
    with os.fdopen(number, "wb") as file:
        file.write(data)


async def _kept_out(guest: Guest, paths: list[str]) -> frozenset[str]:
    """Those that the workspace's own rules keep out of commits."""
    asked = b"".join(os.fsencode(path) + b"\0" for path in paths)
    said = await guest.run(_IGNORED, stdin=asked, timeout=120.0, max_bytes=len(asked) + 1)
    if said.exit_code not in (0, 1):
        raise GitError("The workspace cannot say which files its .gitignore names.")
    return frozenset(os.fsdecode(path) for path in said.stdout.split(b"\0") if path)


def _copy(source: Folder, target: Folder, paths: list[str]) -> tuple[list[str], list[str]]:
    """Copies file by file. Blocks."""
    copied: list[str] = []
    left_out: list[str] = []
    size = 0
    for path in paths[:FILES_MAX]:
        try:
            size += _copy_one(source, target, path, BYTES_MAX - size)
            copied.append(path)
        except (UserError, OutsideError) as error:
            name = shown(path)
            why = error.sentence.removeprefix(name)
            left_out.append(f"{name} is not put in: {'it' if why != error.sentence else ''}{why}")
    if len(paths) > FILES_MAX:
        left_out.append(f"{len(paths) - FILES_MAX} more files are not put in: {FILES_MAX} are the most.")
    if len(left_out) > _NAMED:
        left_out = [*left_out[:_NAMED], f"{len(left_out) - _NAMED} more are not put in either."]
    return copied, left_out


def _copy_one(source: Folder, target: Folder, path: str, room: int) -> int:
    """Copies one file and returns its size. Raises UserError, OutsideError."""
    if any(ord(letter) < 32 for letter in path):
        raise UserError("its name holds a control character.")
    if path.split("/")[0] == ".git":
        raise UserError("it is a part of the repository itself.")
    found = source.read(path)
    if not found.whole:
        raise UserError(f"it is larger than {READ_MAX >> 20} MiB.")
    if found.size > room:
        raise UserError(f"together the files have more than {BYTES_MAX >> 20} MiB.")
    if _is_there(target, path):
        raise UserError("the workspace has one of that name.")
    folders = path.split("/")[:-1]
    for depth in range(1, len(folders) + 1):
        if not _is_there(target, "/".join(folders[:depth])):
            target.make_folder("/".join(folders[:depth]))
    target.write(path, found.data)
    return found.size


def _is_there(folder: Folder, path: str) -> bool:
    try:
        folder.stat(path)
    except NotFound:
        return False
    return True


def names_of(paths: Iterable[str]) -> str:
    """The first of these paths, and how many more there are."""
    names = [shown(path) for path in paths]
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
