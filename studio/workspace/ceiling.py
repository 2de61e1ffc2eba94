"""The ceiling over what is laid out of a commit: one blob under a million names is small in a repository alone."""

from __future__ import annotations

import shutil
from itertools import takewhile
from pathlib import Path

from studio.base.aio import in_thread
from studio.domain.errors import UserError
from studio.workspace.git import Git

MOST_BYTES = 16 << 30
MOST_LISTED = 64 << 20
"""So long the list of the files may be: that of about half a million."""
_BLOCK = 4096
"""So much a file or a folder takes at least."""
_SECONDS = 120.0


async def require_room(
    git: Git, commit: str, place: Path, *, most_bytes: int = MOST_BYTES, most_listed: int = MOST_LISTED
) -> None:
    """Raises UserError where the files of a commit take more than `most_bytes`, or than half of the free disk.

    Nothing is written, and no tree is read as a whole: what is nested in itself has no end. Raises GitError.
    """
    listing = ("ls-tree", "-r", "-l", "-z", "--full-tree", commit)
    listed = await git.run(*listing, max_bytes=most_listed, may_cut=True, timeout=_SECONDS)
    if listed.cut:
        raise UserError(f"The commit {commit[:12]} has too many files to be laid out.", _NEXT)
    size = await in_thread(_size, listed.stdout)
    if size > most_bytes:
        raise UserError(
            f"The files of the commit {commit[:12]} take {_mebibytes(size)}; at most {_mebibytes(most_bytes)} are laid "
            "out.",
            _NEXT,
        )
    free = (await in_thread(shutil.disk_usage, place)).free
    if size > free // 2:
        raise UserError(
            f"The files of the commit {commit[:12]} take {_mebibytes(size)}, more than half of the free disk space "
            f"({_mebibytes(free)}).",
            "Make room, for example with: studio sandbox prune",
        )


_NEXT = "Take large or generated files out of the repository, or what needs them laid out: a Dockerfile, a service."


def _size(listed: bytes) -> int:
    total, last = 0, [b""]
    for entry in listed.split(b"\0")[:-1]:
        facts, _, path = entry.partition(b"\t")
        size = facts.split()[-1]
        # A submodule has none.
        total += max(int(size), _BLOCK) if size.isdigit() else _BLOCK
        folders = path.split(b"/")[:-1]
        if folders != last:
            # Those of one folder stand together.
            same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(folders, last, strict=False)))
            total += _BLOCK * (len(folders) - same)
            last = folders
    return total


def _mebibytes(size: int) -> str:
    return f"{size >> 20:,} MiB"
