"""The person's checkout: where its branches stand, and moving one of them for an approved merge."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path

from studio.domain.errors import GitError, NotFound, UserError
from studio.workspace.filters import require_filters_from_outside
from studio.workspace.git import is_commit_id, reason
from studio.workspace.own_git import OwnGit

_UNFINISHED = {
    "MERGE_HEAD": "merge",
    "rebase-merge": "rebase",
    "rebase-apply": "rebase",
    "CHERRY_PICK_HEAD": "cherry-pick",
    "REVERT_HEAD": "revert",
    "BISECT_LOG": "bisect",
}


@dataclass(frozen=True, slots=True)
class Head:
    """What a checkout stands on; `branch` is empty when its HEAD is detached."""

    branch: str
    commit: str


class BranchMoved(Exception):
    """The branch no longer stands on the commit that a merge was made for."""


async def require_repository(git: OwnGit) -> None:
    """Raises UserError or NotFound, worded for the person, unless `git.folder` is the top of a checkout."""
    if not git.folder.is_dir():
        raise NotFound(f"There is no folder {git.folder}.", "Check the path.")
    bare = await git.run("rev-parse", "--is-bare-repository", accept=None)
    if bare.exit_code != 0:
        _raise_not_a_repository(git.folder, bare.stderr)
    if bare.stdout.strip() == b"true":
        raise UserError(f"{git.folder} is a bare repository, without files.", "Clone it and add the clone.")
    top = await git.text("rev-parse", "--show-toplevel")
    if not top:
        raise UserError(f"{git.folder} is inside a .git folder.", "Add the folder that contains it.")
    if not Path(top).samefile(git.folder):
        raise UserError(f"{git.folder} is a folder inside the repository {top}.", f"Add the whole repository: {top}")


def _raise_not_a_repository(folder: Path, stderr: str) -> None:
    if "dubious ownership" in stderr:
        raise UserError(
            f"Git does not trust {folder}, because another user owns it.",
            f"If you do: git config --global --add safe.directory {folder}",
        )
    if "not a git repository" in stderr:
        raise UserError(f"{folder} is not a Git repository.", "Make it one: git init, then commit your files.")
    raise GitError(f"Git cannot read {folder}: {reason(stderr)}", stderr=stderr)


async def branches(git: OwnGit) -> tuple[str, ...]:
    """The names of all local branches."""
    listed = await git.text("for-each-ref", "--format=%(refname:lstrip=2)", "refs/heads")
    return tuple(listed.splitlines())


async def head(git: OwnGit) -> Head:
    """Where the checkout stands. Raises UserError when the repository has no commit there yet."""
    branch = await git.text("symbolic-ref", "--quiet", "--short", "HEAD", accept=(0, 1))
    commit = await git.text("rev-parse", "--quiet", "--verify", "HEAD^{commit}", accept=(0, 1))
    if not is_commit_id(commit):
        raise UserError(
            f"{git.folder} has no commit yet, so there is nothing to start from.",
            'Make a first commit: git add -A && git commit --allow-empty -m "Start"',
        )
    return Head(branch, commit)


async def tip(git: OwnGit, branch: str) -> str:
    """The commit a local branch stands on. Raises NotFound, naming branches with similar names."""
    reference = f"refs/heads/{branch}"
    commit = await git.text("rev-parse", "--quiet", "--verify", f"{reference}^{{commit}}", accept=(0, 1, 128))
    if is_commit_id(commit):
        return commit
    await head(git)
    known = await branches(git)
    near = difflib.get_close_matches(branch, known, n=3) or sorted(known)[:5]
    raise NotFound(f"{git.folder} has no branch {branch!r}.", f"It has: {', '.join(near)}." if near else "")


async def object_format(git: OwnGit) -> str:
    """The hash the repository names its objects by: `sha1` or `sha256`."""
    return await git.text("rev-parse", "--show-object-format")


async def committer(git: OwnGit) -> dict[str, str]:
    """The person's name and address as git's environment wants them. Raises UserError when they are not set."""
    finished = await git.run("-c", "user.useConfigOnly=true", "var", "GIT_COMMITTER_IDENT", accept=None)
    ident = finished.stdout.decode("utf-8", "surrogateescape").strip()
    name, opening, rest = ident.rpartition(" <")
    if finished.exit_code != 0 or not opening:
        raise UserError(
            "Git does not know your name and address, which a merge is signed with.",
            'Set them: git config --global user.name "Your Name" and git config --global user.email you@example.com',
        )
    email = rest.partition(">")[0]
    return {
        "GIT_AUTHOR_NAME": name,
        "GIT_AUTHOR_EMAIL": email,
        "GIT_COMMITTER_NAME": name,
        "GIT_COMMITTER_EMAIL": email,
    }


async def require_settled(git: OwnGit) -> None:
    """Raises UserError when the checkout is in the middle of a merge, a rebase or the like."""
    git_dir = Path(await git.text("rev-parse", "--absolute-git-dir"))
    for name, what in _UNFINISHED.items():
        if (git_dir / name).exists():
            raise UserError(
                f"{git.folder} is in the middle of a {what}, so nothing was merged.",
                f"Finish or abort it (git {what} --abort, for bisect: git bisect reset), then merge again.",
            )


async def worktree_of(git: OwnGit, branch: str) -> Path | None:
    """The folder in which `branch` is checked out, be it the checkout or a linked worktree; None when nowhere."""
    listed = await git.text("worktree", "list", "--porcelain", "-z")
    for block in listed.split("\0\0"):
        lines = block.strip("\0\n").split("\0")
        if f"branch refs/heads/{branch}" in lines and not any(line.startswith("prunable") for line in lines):
            return Path(lines[0].removeprefix("worktree "))
    return None


async def bring_in(git: OwnGit, source: Path, reference: str) -> None:
    """Copies the objects of one ref of the private repository `source` into the person's; moves no ref of theirs."""
    await git.run(
        *("-c", "protocol.file.allow=always", "-c", "fetch.prune=false", "-c", "fetch.fsckObjects=false"),
        *("-c", "transfer.fsckObjects=false"),
        *("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--no-auto-maintenance"),
        *("--end-of-options", str(source), reference),
        timeout=600.0,
    )


async def advance(git: OwnGit, branch: str, previous: str, commit: str) -> None:
    """Moves `branch` from `previous` to `commit`, which contains it, with the files where it is checked out.

    Raises BranchMoved when the branch stands elsewhere by now, and UserError or PolicyRefused, with nothing
    changed, when the person's own changes are in the way or a filter is a program of the tree.
    """
    folder = await worktree_of(git, branch)
    if folder is None:
        await _move_ref(git, branch, previous, commit)
        return
    there = git.at(folder)
    await require_settled(there)
    if (await tip(there, branch)) != previous:
        raise BranchMoved
    await require_filters_from_outside(there, commit)
    finished = await there.run(
        *("-c", "core.quotePath=false", "merge", "--ff-only", "--no-autostash", "--no-stat", "--quiet", commit),
        accept=None,
        locks=True,
        timeout=600.0,
    )
    if finished.exit_code == 0:
        return
    if (await tip(there, branch)) != previous:
        raise BranchMoved
    _raise_in_the_way(there.folder, finished.stderr)


async def _move_ref(git: OwnGit, branch: str, previous: str, commit: str) -> None:
    reference = f"refs/heads/{branch}"
    finished = await git.run("update-ref", "-m", "studio: merge", reference, commit, previous, accept=None)
    if finished.exit_code == 0:
        return
    if (await tip(git, branch)) != previous:
        raise BranchMoved
    raise GitError(
        f"Git could not move the branch {branch}: {reason(finished.stderr)}",
        "Nothing was changed.",
        stderr=finished.stderr,
    )


def _raise_in_the_way(folder: Path, stderr: str) -> None:
    files = [line.strip() for line in stderr.splitlines() if line.startswith("\t")]
    if files:
        shown = ", ".join(files[:10]) + (f" and {len(files) - 10} more" if len(files) > 10 else "")
        raise UserError(
            f"Your own uncommitted changes in {folder} are in the way: {shown}. Nothing was merged.",
            "Commit, stash or move them, then merge again.",
        )
    raise GitError(f"Your git refused the merge in {folder}: {reason(stderr)}", "Nothing was changed.", stderr=stderr)
