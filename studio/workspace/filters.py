"""Filters: whether git, when it writes files, could run a program that an agent may have written."""

from __future__ import annotations

import os
import re
import shlex
import shutil
from pathlib import Path

from studio.base.aio import in_thread
from studio.domain.errors import PolicyRefused
from studio.workspace.names import shown
from studio.workspace.own_git import OwnGit, leads_into

_FILTER = re.compile(r"filter\.(.+)\.(clean|smudge|process)")

_PLAIN = re.compile(r"""[\w@%+=:,./ '"-]+""", re.ASCII)
"""Commands that a shell splits into words and does nothing else with."""

_BARE = re.compile(r"[a-z0-9][\w+.-]*", re.ASCII | re.IGNORECASE)

_FIND_CODE_THEMSELVES = re.compile(
    r"""
    ash | bash | busybox | csh | dash | fish | ksh | mksh | pwsh | sh | tcsh | zsh | bun | deno | elixir | escript
    | groovy | guile | java | julia | lua | node | nodejs | osascript | perl | php | pypy | python | r | rscript
    | ruby | tclsh | ts-node | tsx | awk | ed | emacs | ex | gawk | mawk | nawk | nvim | sed | vi | vim | ant
    | bazel | bmake | cmake | gmake | gradle | just | make | meson | mvn | ninja | nox | rake | scons | task | tox
    | bundle | cargo | composer | conda | corepack | dotnet | gem | go | hatch | mamba | npm | npx | nix | pdm
    | pipenv | pipx | pnpm | pnpx | poetry | rye | uv | uvx | yarn | builtin | command | direnv | docker | doas
    | env | eval | exec | find | git | mise | nice | nohup | parallel | podman | setsid | source | stdbuf | su
    | sudo | time | timeout | xargs
    """,
    re.VERBOSE,
)
"""Programs that run code of the folder they stand in without being told its name, or whatever their words say."""


async def require_filters_from_outside(git: OwnGit, commit: str) -> None:
    """Raises PolicyRefused unless every filter set for the checkout `git.folder` is one that runs no file of a tree.

    That is one plain program from outside, set outside, given words that are no files: neither in the checkout
    nor in `commit`, which is about to be checked out there.
    """
    filters = await _filters(git)
    if not filters:
        return
    trees = await _trees(git)
    listed = await git.text("ls-tree", "-z", "--name-only", commit)
    files = frozenset(name.casefold() for name in listed.split("\0"))
    for key, (origin, command) in filters.items():
        doubt = await in_thread(_doubt, git, trees, files, origin, command)
        if doubt:
            raise PolicyRefused(
                f"Your git filter “{shown(key)}” {doubt}, which an agent may have written. Nothing was merged.",
                f"Look at the branch, then merge it yourself: git merge {commit[:12]}",
            )


async def _filters(git: OwnGit) -> dict[str, tuple[str, str]]:
    """The commands in force by name and kind (`lfs.smudge`), each with where it is set."""
    listed = await git.text("config", "--list", "--show-origin", "-z")
    fields = listed.split("\0")
    found: dict[str, tuple[str, str]] = {}
    for origin, setting in zip(fields[::2], fields[1::2], strict=False):
        key, _, command = setting.partition("\n")
        if _FILTER.fullmatch(key):
            found[key.removeprefix("filter.")] = origin, command
    return {key: setting for key, setting in found.items() if setting[1]}


async def _trees(git: OwnGit) -> tuple[Path, ...]:
    """The folders of all worktrees: what was merged into one of them may be written by an agent as well."""
    listed = await git.text("worktree", "list", "--porcelain", "-z")
    names = [field.removeprefix("worktree ") for field in listed.split("\0") if field.startswith("worktree ")]
    return tuple(await in_thread(lambda: [Path(name).resolve() for name in (str(git.folder), *names)]))


def _doubt(git: OwnGit, trees: tuple[Path, ...], files: frozenset[str], origin: str, command: str) -> str:
    """What speaks against a filter, as the middle of a sentence; empty when nothing does."""
    kind, _, name = origin.partition(":")
    file = (git.folder / name).resolve()
    if kind == "file" and any(_is_file_of(tree, file) for tree in trees):
        return f"is set in {shown(file.name)}, a file of the repository"
    words = _words(command)
    if words and _from_outside(git, trees, words[0]) and not any(_may_be_file(git, files, word) for word in words[1:]):
        return ""
    return f"may run a file of the repository (“{shown(command)}”)"


def _words(command: str) -> list[str]:
    """The words of a command that is nothing but words; none when the shell would do more with it."""
    if _PLAIN.fullmatch(command) is None:
        return []
    try:
        return shlex.split(command)
    except ValueError:
        return []


def _from_outside(git: OwnGit, trees: tuple[Path, ...], program: str) -> bool:
    if _FIND_CODE_THEMSELVES.fullmatch(Path(program).name.lower().rstrip("0123456789.")):
        return False
    if os.path.isabs(program):
        return not any(leads_into(tree, Path(program)) for tree in trees)
    if _BARE.fullmatch(program) is None:
        return False
    found = shutil.which(program, path=git.search_path)
    if found is None:  # then nothing runs; but one that is inside would be missed
        return shutil.which(program, path=git.search_path_inside) is None
    return not any(leads_into(tree, Path(found)) for tree in trees)


def _may_be_file(git: OwnGit, files: frozenset[str], word: str) -> bool:
    """Whether a word, or the value that an option's word carries, names a file as seen from the top of the tree."""
    values = {word, word.lstrip("@"), word.partition("=")[2], word[2:] if word.startswith("-") else ""} - {""}
    return "/" in word or " " in word or any(v.casefold() in files or os.path.lexists(git.folder / v) for v in values)


def _is_file_of(tree: Path, file: Path) -> bool:
    return file.is_relative_to(tree) and file.relative_to(tree).parts[:1] != (".git",)
