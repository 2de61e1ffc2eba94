"""The person's own git, for repositories that are made or cloned on their behalf."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from studio.domain.errors import GitError, UserError
from studio.workspace.checkout import committer
from studio.workspace.git import find_git
from studio.workspace.own_git import OwnGit

CLONE_SECONDS = 1800.0


class PersonGit:
    """Makes and clones repositories with the person's own git and configuration."""

    def __init__(self, binary: str, environment: Mapping[str, str]) -> None:
        self._binary = binary
        self._environment = environment

    async def version(self) -> str:
        """Git's version, such as `2.39.5`. Raises GitError, and UserError when Git is not installed."""
        find_git(self._environment.get("PATH", ""))
        words = await self._at(Path.cwd()).text("--version")
        return words.removeprefix("git version ")

    async def make_repository(self, folder: Path, message: str, identity: tuple[str, str] | None = None) -> None:
        """Makes `folder` a repository with all its files in a first commit on `main`.

        `identity` (name and address) is written into the new repository for people who have set none;
        without it, raises UserError telling how to set one.
        """
        git = self._at(folder)
        await git.run("init", "--quiet", "--initial-branch=main", locks=True)
        try:
            await committer(git)
        except UserError:
            if identity is None:
                raise
            await git.run("config", "user.name", identity[0], locks=True)
            await git.run("config", "user.email", identity[1], locks=True)
        await git.run("add", "--all", locks=True)
        await git.run("commit", "--quiet", "--message", message, locks=True)

    async def clone(self, url: str, parent: Path) -> Path:
        """Clones `url` into a new folder below `parent` and returns it. Raises UserError, GitError."""
        name = url.rstrip("/").rpartition("/")[2].rpartition(":")[2].removesuffix(".git")
        target = parent / name
        if not name or name.startswith("-") or name in (".", ".."):
            raise UserError(f"“{url}” names no repository.", "Clone it yourself, then: studio project add PATH")
        if target.exists():
            raise UserError(f"{target} exists already.", f"Add it as it is: studio project add {target}")
        try:
            await self._at(parent).run(
                "clone", "--quiet", "--end-of-options", url, str(target), timeout=CLONE_SECONDS, locks=True
            )
        except GitError as error:
            raise UserError(
                f"{url} could not be cloned: {error.sentence}", "Check the address and your access."
            ) from error
        return target

    def _at(self, folder: Path) -> OwnGit:
        return OwnGit(self._binary, self._environment, folder)
