"""Filters: whether git, when it writes files, would run a program that an agent may have written."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from studio.base.aio import in_thread
from studio.domain.errors import PolicyRefused
from studio.workspace.names import shown
from studio.workspace.own_git import OwnGit

_FILTER = re.compile(r"filter\.(.+)\.(clean|smudge|process)")

_WORD = re.compile(r"[^\s'\"=;|&()<>`$]+")


async def require_filters_from_outside(git: OwnGit, commit: str) -> None:
    """Raises PolicyRefused when a filter of the checkout `git.folder` is set, or kept, in a file of its tree."""
    listed = await git.text("config", "--list", "--show-origin", "-z")
    fields = listed.split("\0")
    for origin, setting in zip(fields[::2], fields[1::2], strict=False):
        key, _, command = setting.partition("\n")
        if (named := _FILTER.fullmatch(key)) is None:
            continue
        file = await in_thread(_file_of_the_tree, git.folder, origin.removeprefix("file:"), command)
        if file:
            raise PolicyRefused(
                f"Your git filter “{shown(named[1])}” comes from {shown(file)}, a file of the repository that an agent "
                "may have written. Nothing was merged.",
                f"Look at the branch, then merge it yourself: git merge {commit[:12]}",
            )


def _file_of_the_tree(folder: Path, origin: str, command: str) -> str:
    """The name of the file in the tree that sets the filter or that its command names; empty when there is none."""
    for name in (origin, *_words(command)):
        file = _resolved(folder, name)
        if file.is_file() and file.is_relative_to(folder.resolve()):
            inside = file.relative_to(folder.resolve())
            if inside.parts[0] != ".git":
                return str(inside)
    return ""


def _words(command: str) -> tuple[str, ...]:
    """All words of a shell command that may name a file, also those within quotes."""
    bare = _WORD.findall(command)
    try:
        whole = shlex.split(command)
    except ValueError:
        whole = []
    # A first word without a slash is looked up in PATH, whatever lies in the folder.
    return tuple(word for words in (bare, whole) for at, word in enumerate(words) if at or "/" in word)


def _resolved(folder: Path, name: str) -> Path:
    home = name.startswith("~/")
    return (Path(name).expanduser() if home else folder / name).resolve()
