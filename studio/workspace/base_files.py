"""The files of a run's base commit on their own, where its container can read and never change them."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

from studio.base.aio import in_thread
from studio.contracts.containers import Mount
from studio.workspace.ceiling import require_room
from studio.workspace.git import Git
from studio.workspace.removal import remove_tree

FILES = "/studio/base/files"
"""Where a container sees them, once they are laid out."""

_PLACE = "/studio/base"
_SECONDS = 600.0


def mount_of(home: Path) -> Mount:
    """The mount of a run with this folder, made when it is not there: empty until something is laid out. Blocks."""
    place = _place(home)
    place.mkdir(parents=True, exist_ok=True)
    # Whoever runs inside is another user when the person is root.
    os.chmod(place, 0o755)
    return Mount(place, _PLACE, read_only=True)


def is_laid_out(home: Path) -> bool:
    """Whether the files are there. Blocks."""
    return (_place(home) / "files").is_dir()


def folder_of(home: Path) -> Path:
    """Where they lie on this machine."""
    return _place(home) / "files"


async def lay_out(git: Git, commit: str, home: Path) -> None:
    """Puts the files of a commit there, in place of what was; they appear all at once.

    Raises GitError, OutsideError, and UserError for a commit whose files take too much room.

    Git makes no file outside the folder, whatever a tree names; no filter of the repository is known to it, and no
    hook is run.
    """
    place = _place(home)
    await require_room(git, commit, place)
    part, files, index = place / "part", place / "files", home / "base.index"
    for old in (part, files):
        await remove_tree(old)
    await in_thread(_forget, index)
    await in_thread(part.mkdir)
    where = {"GIT_WORK_TREE": str(part), "GIT_INDEX_FILE": str(index)}
    try:
        await git.run("read-tree", commit, variables=where, timeout=_SECONDS)
        await git.run("checkout-index", "--all", variables=where, timeout=_SECONDS, largest="0", umask=0o022)
        await in_thread(_show, part, files)
    finally:
        await in_thread(_forget, index)


async def lay_out_apart(git: Git, commit: str, home: Path) -> Path:
    """As `lay_out`, in a folder that no container is shown and only this machine's user may enter; returns where."""
    await in_thread(partial(_place(home).mkdir, parents=True, exist_ok=True, mode=0o700))
    await lay_out(git, commit, home)
    return folder_of(home)


async def export(git: Git, commit: str, scratch: Path) -> Path:
    """Lays the files of a commit out below `scratch`, for whoever builds from them. Raises GitError, OutsideError."""
    await in_thread(_place(scratch).mkdir)
    await lay_out(git, commit, scratch)
    return _place(scratch) / "files"


def _show(part: Path, files: Path) -> None:
    os.chmod(part, 0o755)
    part.rename(files)


def _forget(index: Path) -> None:
    for file in (index, index.with_suffix(".index.lock")):
        file.unlink(missing_ok=True)


def _place(home: Path) -> Path:
    return home / "base"
