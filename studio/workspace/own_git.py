"""The person's own git: their program, their configuration, on their own repository, and none of its hooks."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from pathlib import Path

from studio.domain.errors import GitError
from studio.workspace.git import failure
from studio.workspace.process import Finished, run_program

_SETTINGS = (
    # `core.hooksPath` often names a folder of the tree, and hooks call files of it: those an agent may have written.
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "submodule.recurse=false",
    # What git does by itself afterwards would hear settings that a merge has just brought, and outlive it.
    "gc.auto=0",
    "maintenance.auto=false",
)
_OPTIONS = tuple(part for setting in _SETTINGS for part in ("-c", setting))

_OF_ANOTHER_REPOSITORY = frozenset(
    {
        "GIT_DIR",
        "GIT_WORK_TREE",
        "GIT_INDEX_FILE",
        "GIT_OBJECT_DIRECTORY",
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_COMMON_DIR",
        "GIT_NAMESPACE",
        "GIT_PREFIX",
        "GIT_CONFIG_PARAMETERS",
        "GIT_CONFIG_COUNT",
    }
)


class OwnGit:
    """Runs git as the person would in a terminal in `folder`, except that it asks nothing and runs no hook.

    Used to read where their branches stand and to do a merge they approved; for nothing else.
    `environment` is the process's own. Programs are looked up in `search_path`, which is its PATH without the
    folders inside `folder` (an agent may have written what lies there); those are in `search_path_inside`.
    """

    def __init__(self, binary: str, environment: Mapping[str, str], folder: Path) -> None:
        self.folder = folder
        self._binary = binary
        self._given = environment
        self.search_path, self.search_path_inside = _split_path(environment.get("PATH", os.defpath), folder)
        self._environment = _without_prompts(environment) | {"PATH": self.search_path}

    def at(self, folder: Path) -> OwnGit:
        """The same git in another folder of the person's, a linked worktree for example."""
        return OwnGit(self._binary, self._given, folder)

    async def run(
        self, *arguments: str, timeout: float = 60.0, accept: tuple[int, ...] | None = (0,), locks: bool = False
    ) -> Finished:
        """Runs one git command; `accept` None takes any exit code, `locks` lets it refresh the person's index.

        Raises GitError for other exit codes and on timeout.
        """
        environment = self._environment if locks else {**self._environment, "GIT_OPTIONAL_LOCKS": "0"}
        argv = (self._binary, "-C", str(self.folder), *_OPTIONS, *arguments)
        try:
            finished = await run_program(argv, env=environment, timeout=timeout)
        except TimeoutError as error:
            raise GitError(f"Git did not finish `{arguments[0]}` in {self.folder} within {timeout:.0f} s.") from error
        except OSError as error:
            raise GitError(f"Git could not be started: {error.strerror}.", "Check the git installation.") from error
        if accept is not None and finished.exit_code not in accept:
            raise failure(arguments[0], finished)
        return finished

    async def text(self, *arguments: str, accept: tuple[int, ...] = (0,)) -> str:
        """What a command prints, without the line end. Raises GitError as `run` does."""
        finished = await self.run(*arguments, accept=accept)
        return finished.stdout.decode("utf-8", "surrogateescape").rstrip("\n")

    def upload_pack(self) -> str:
        """A shell command that serves `folder` under the person's configuration, for `fetch --upload-pack`.

        Git refuses to serve a repository of another owner unless the person's own settings trust it.
        """
        names = ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_NOSYSTEM", "GIT_CONFIG_SYSTEM", "HOME", "XDG_CONFIG_HOME")
        unset = [part for name in names if name not in self._environment for part in ("-u", name)]
        values = [f"{name}={self._environment[name]}" for name in names if name in self._environment]
        return shlex.join(["env", *unset, *values, self._binary, *_OPTIONS, "upload-pack"])


def leads_into(folder: Path, path: Path) -> bool:
    """Whether any step of the way to `path` lies in `folder`, which is resolved: an agent may make a link of it."""
    return any(step.resolve().is_relative_to(folder) for step in (path, *path.parents))


def _split_path(path: str, folder: Path) -> tuple[str, str]:
    """The entries of a PATH that lie outside `folder`, and those that lie inside, as relative ones may."""
    inside: list[str] = []
    outside: list[str] = []
    for entry in path.split(os.pathsep):
        within = not os.path.isabs(entry) or leads_into(folder.resolve(), Path(entry))
        (inside if within else outside).append(entry)
    return os.pathsep.join(outside) or os.defpath, os.pathsep.join(inside)


def _without_prompts(environment: Mapping[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in environment.items() if name not in _OF_ANOTHER_REPOSITORY}
    return kept | {
        "LC_ALL": "C.UTF-8",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_EDITOR": "true",
        "GIT_MERGE_AUTOEDIT": "no",
        "GIT_PAGER": "cat",
    }
