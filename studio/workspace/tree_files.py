"""The files of one folder of a commit, read from `project.git` within caps that no commit can break."""

from __future__ import annotations

import os
from dataclasses import dataclass

from studio.base.aio import in_thread
from studio.domain.errors import GitError, UserError
from studio.workspace.git import Git
from studio.workspace.names import shown

FILES_MAX = 64
"""How many files of a folder are read; the rest are named as left out."""

BYTES_MAX = 64 << 10
"""How large a file may be that is read."""

_LISTING_MAX = 1 << 20
_ORDINARY = ("100644", "100755")


@dataclass(frozen=True, slots=True)
class TreeFile:
    """One file: its name in the folder, and its bytes or why they were not read."""

    name: str
    data: bytes = b""
    unread: str = ""


async def read_tree_folder(git: Git, commit: str, folder: str, endings: tuple[str, ...]) -> tuple[TreeFile, ...]:
    """The files directly in `folder` at `commit` whose names have one of the endings, by name; none without one.

    No link is followed, neither as a file nor on the way to the folder: a commit's tree is read, nothing that is
    checked out. Raises UserError when the folder holds more than a megabyte of names, GitError.
    """
    listed = await git.run("ls-tree", "-l", "-z", commit, f"{folder}/", max_bytes=_LISTING_MAX, may_cut=True)
    if listed.cut:
        raise UserError(f"The folder {folder} of the commit {commit[:12]} holds too many files to be read.")
    return await _read_listed(git, listed.stdout, f"{folder}/", endings)


async def _read_listed(git: Git, listed: bytes, prefix: str, endings: tuple[str, ...] = ("",)) -> tuple[TreeFile, ...]:
    files: list[TreeFile] = []
    wanted: list[tuple[str, str]] = []
    for entry in filter(None, listed.split(b"\0")):
        about, _, path = entry.partition(b"\t")
        name = os.fsdecode(path).removeprefix(prefix)
        if not name.endswith(endings):
            continue
        mode, _, blob, size = about.decode("ascii").split()
        if unread := _why_not(mode, size, len(wanted)):
            files.append(TreeFile(shown(name), unread=unread))
        else:
            wanted.append((name, blob))
    files += await _read(git, wanted)
    return tuple(sorted(files, key=lambda file: file.name))


async def read_named_files(git: Git, commit: str, folder: str, file: str) -> tuple[TreeFile, ...]:
    """The file of this name in each folder directly in `folder` at `commit`, as `read_tree_folder` reads one.

    Their names here are `FOLDER/FILE`. Raises UserError when the folder holds more than a megabyte of names, GitError.
    """
    listed = await git.run("ls-tree", "-z", commit, f"{folder}/", max_bytes=_LISTING_MAX, may_cut=True)
    if listed.cut:
        raise UserError(f"The folder {folder} of the commit {commit[:12]} holds too many files to be read.")
    entries = (entry.partition(b"\t") for entry in listed.stdout.split(b"\0") if entry)
    folders = [os.fsdecode(path) for about, _, path in entries if b" tree " in about]
    if not folders:
        return ()
    paths = [f"{path}/{file}" for path in folders[:FILES_MAX]]
    found = await git.run("ls-tree", "-l", "-z", commit, *paths, max_bytes=_LISTING_MAX)
    return await _read_listed(git, found.stdout, f"{folder}/")


async def read_files(git: Git, commit: str, paths: tuple[str, ...]) -> tuple[TreeFile, ...]:
    """Those of these files that a commit has, by their whole paths; see `read_tree_folder`. Raises GitError."""
    listed = await git.run("ls-tree", "-l", "-z", commit, "--", *paths, max_bytes=_LISTING_MAX)
    return await _read_listed(git, listed.stdout, "")


async def paths_named(git: Git, commit: str, file: str) -> frozenset[str]:
    """The whole paths of all files of this name in a commit. Raises GitError."""
    listed = await git.run("ls-tree", "-r", "-z", "--name-only", commit, may_cut=True)
    return await in_thread(_ending_in, listed.stdout, os.fsencode(file))


async def tree_of(git: Git, commit: str) -> dict[str, str]:
    """All files of a commit by their whole paths, each with its mode and the id of its content. Raises GitError."""
    listed = await git.run("ls-tree", "-r", "-z", commit, max_bytes=256 << 20)
    return await in_thread(_by_path, listed.stdout)


def _by_path(listed: bytes) -> dict[str, str]:
    entries = (entry.partition(b"\t") for entry in listed.split(b"\0")[:-1])
    return {os.fsdecode(path): about.decode("ascii") for about, _, path in entries}


def _ending_in(listed: bytes, file: bytes) -> frozenset[str]:
    paths = listed.split(b"\0")[:-1]
    return frozenset(os.fsdecode(path) for path in paths if path == file or path.endswith(b"/" + file))


def _why_not(mode: str, size: str, wanted: int) -> str:
    if mode not in _ORDINARY:
        return "is a link" if mode == "120000" else "is not an ordinary file"
    if int(size) > BYTES_MAX:
        return f"is larger than {BYTES_MAX >> 10} KiB"
    return f"is beyond the first {FILES_MAX} files" if wanted >= FILES_MAX else ""


async def _read(git: Git, wanted: list[tuple[str, str]]) -> list[TreeFile]:
    if not wanted:
        return []
    asked = "".join(f"{blob}\n" for _, blob in wanted).encode()
    rest = (await git.run("cat-file", "--batch", stdin=asked, max_bytes=2 * FILES_MAX * BYTES_MAX)).stdout
    files = []
    for name, blob in wanted:
        head, _, rest = rest.partition(b"\n")
        match head.decode("ascii", "replace").split():
            case [found, "blob", size] if found == blob:
                files.append(TreeFile(shown(name), rest[: int(size)]))
                rest = rest[int(size) + 1 :]
            case _:
                raise GitError(f"The file {shown(name)} could not be read from the project's private repository.")
    return files
