"""The merge of a run's branch into a branch of the person's, made at object level and then handed over."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine

from studio.base.aio import in_thread
from studio.base.text import plain, shorten
from studio.domain.changes import Merged
from studio.domain.errors import AlreadyMerged, GitError, PolicyRefused, UserError
from studio.domain.runs import Run
from studio.workspace import checkout
from studio.workspace.checkout import BranchMoved
from studio.workspace.console_script import require_no_console_script
from studio.workspace.diff import RawChange, raw_changes
from studio.workspace.names import shown
from studio.workspace.own_git import OwnGit
from studio.workspace.project_repository import ProjectRepository

TRIES = 3
"""How often a merge is made anew when the person's branch moves in the meantime."""


async def merge(repository: ProjectRepository, own: OwnGit, run: Run, into: str | None) -> Merged:
    """Merges the run's newest snapshot into `into`, by default the branch the run started from.

    Always makes a merge commit in the person's name, never rewrites anything. Raises UserError or
    PolicyRefused, with nothing changed in the person's repository, when it cannot be done.
    """
    target = await _target(own, run, into)
    await checkout.require_repository(own)
    await checkout.require_settled(own)
    identity = await checkout.committer(own)
    head = await _head(repository, run)
    await _require_no_nested_repository(repository, run, head)
    await require_no_console_script(repository.git, run.base_commit, head)
    for _ in range(TRIES):
        previous = await _refresh(repository, own, target)
        commit = await _merge_commit(repository, run, target, previous, head, identity)
        reference = f"refs/merges/{run.id}"
        await repository.git.run("update-ref", reference, commit)
        await checkout.bring_in(own, repository.path, reference)
        try:
            await _to_its_end(checkout.advance(own, target, previous, commit))
        except BranchMoved:
            continue
        await repository.git.run("update-ref", f"refs/checkout/heads/{target}", commit)
        return Merged(target, commit, previous)
    raise UserError(f"The branch {target} kept moving while it was merged. Nothing was merged.", "Try again.")


async def _to_its_end(advance: Coroutine[None, None, None]) -> None:
    """Lets git finish with the person's files even when the caller is cancelled: they are never half old, half new."""
    task = asyncio.ensure_future(advance)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task})
        raise


async def _target(own: OwnGit, run: Run, into: str | None) -> str:
    target = into or run.base_branch
    if not target:
        raise UserError(
            f"Run {run.id} started from a detached HEAD, so there is no branch to merge it into.",
            f"Name one: studio merge {run.id} --into BRANCH",
        )
    return target


async def _head(repository: ProjectRepository, run: Run) -> str:
    repository.require()
    if run.head == run.base_commit:
        raise UserError(f"Run {run.id} has changed no files, so there is nothing to merge.")
    if await repository.commit_at(run.head) is None:
        raise GitError(f"The newest snapshot of run {run.id} is missing from {repository.path}.")
    return run.head


async def _require_no_nested_repository(repository: ProjectRepository, run: Run, head: str) -> None:
    await in_thread(_refuse_nested, await raw_changes(repository.git, run.base_commit, head))


def _refuse_nested(changes: tuple[RawChange, ...]) -> None:
    for change in changes:
        if change.makes_nested_repository:
            raise PolicyRefused(
                f"The branch adds or moves a nested repository at {shown(change.path)}: its files are not in the "
                "branch, only a pointer to them. Nothing was merged.",
                "Tell the agent to remove the nested repository's .git folder, or to undo it.",
            )
        if change.path.rpartition("/")[2].casefold() == ".gitmodules":
            raise PolicyRefused(
                f"The branch changes {shown(change.path)}, which says where other code is fetched from. "
                "Nothing was merged.",
                "Tell the agent to undo it, and make that change yourself.",
            )


async def _refresh(repository: ProjectRepository, own: OwnGit, target: str) -> str:
    await checkout.tip(own, target)
    await repository.read_branches(own)
    tip = await repository.commit_at(f"refs/checkout/heads/{target}")
    if tip is None:
        raise GitError(f"The branch {target} could not be read from {own.folder}.")
    return tip


async def _merge_commit(
    repository: ProjectRepository, run: Run, target: str, previous: str, head: str, identity: dict[str, str]
) -> str:
    if await repository.is_ancestor(head, previous):
        raise AlreadyMerged(f"Everything of run {run.id} is in {target} already.", target, previous)
    tree = await _merged_tree(repository, target, previous, head)
    title = shorten(" ".join(plain(run.title).split()), 72)
    message = f"Merge run {run.id}: {title}\n\nBranch: {run.branch}\nModel: {run.model}\n"
    made = await repository.git.run(
        "commit-tree", tree, "-p", previous, "-p", head, stdin=message.encode("utf-8", "replace"), variables=identity
    )
    return made.stdout.decode("ascii").strip()


async def _merged_tree(repository: ProjectRepository, target: str, previous: str, head: str) -> str:
    finished = await repository.git.run(
        *("merge-tree", "--write-tree", "-z", "--name-only", "--no-messages", previous, head),
        accept=(0, 1),
        timeout=300.0,
    )
    tree, *conflicts = [field.decode("utf-8", "surrogateescape") for field in finished.stdout.split(b"\0") if field]
    if finished.exit_code == 0:
        return tree
    named = ", ".join(shown(name) for name in conflicts[:10])
    more = f" and {len(conflicts) - 10} more" if len(conflicts) > 10 else ""
    raise UserError(
        f"{target} and the run changed the same lines in {named}{more}. Nothing was merged.",
        f"Start a new run from {target}, or merge by hand what this one did: studio diff shows it.",
    )
