"""Putting back: a workspace's files become those of an earlier commit, and nothing that stood there is lost."""

from __future__ import annotations

import contextlib
import time
from importlib.resources import files

from studio.base.text import shorten
from studio.contracts.guest import Guest, GuestOutput
from studio.domain.changes import PutBack
from studio.domain.errors import GitError
from studio.domain.runs import Run
from studio.workspace import clone
from studio.workspace.git import is_commit_id, reason
from studio.workspace.names import shown
from studio.workspace.project_repository import ProjectRepository, Taken

KEPT_REF = "refs/studio/kept"
"""The clone's ref on what is kept beside the branch."""

SECONDS = 600.0
MESSAGE = "Files put back to an earlier point\n\nThey are those of {target}.\n"

_REFUSED = 3
_NOTHING_LOST = "Nothing was changed. Move it away, then restore again."
_SAFE = "What was there is in the run's snapshots: studio runs snapshots {run}"


async def put_back(run: Run, guest: Guest, repository: ProjectRepository, target: str, again: str = "") -> PutBack:
    """See `Workspaces.put_back`. What is in the way is home before a file is touched, and so is the new commit."""
    started = time.monotonic()
    who = f"Studio {run.role}", f"{run.role}@studio.invalid"
    kept = await _keep(run, guest, repository, target, who)
    message = MESSAGE.format(target=target)
    # Where the files are the same already there is nothing to commit, but kept ones may have to come back.
    same = await repository.git.text("rev-parse", f"{run.head}^{{tree}}") == await repository.git.text(
        "rev-parse", f"{target}^{{tree}}"
    )
    made = Taken(run.head, (), 0) if same else await repository.follow_with(run.id, run.head, target, message, who)
    output = await _inside(guest, "checkout", run.head, made.commit, kept.commit, again)
    _require(output, run, "The run's files could not be put back")
    return PutBack(
        made.commit,
        run.head,
        tuple(shown(name) for name in made.files),
        made.left_out,
        kept.commit,
        tuple(shown(name) for name in kept.files),
        (time.monotonic() - started) * 1000,
    )


async def _keep(run: Run, guest: Guest, repository: ProjectRepository, target: str, who: tuple[str, str]) -> Taken:
    output = await _inside(guest, "keep", run.head, target, *who)
    _require(output, run, "What is in the way of the restored files could not be kept")
    commit = output.stdout.decode("ascii", "replace").strip()
    if not commit:
        return Taken("", (), 0)
    if not is_commit_id(commit):
        raise GitError("The run's workspace gave no commit for what is in the way of the restored files.")
    bundle = repository.new_bundle(run.id)
    try:
        await clone.bundle(run, guest, bundle, KEPT_REF)
        return await repository.take_bundle(bundle, KEPT_REF, run.id, run.head, kept=True)
    finally:
        with contextlib.suppress(FileNotFoundError):
            bundle.unlink()


async def _inside(guest: Guest, *arguments: str) -> GuestOutput:
    source = files("studio.workspace.inside").joinpath("restore.py").read_text("utf-8")
    return await guest.run(("python3", "-I", "-S", "-c", source, *arguments), timeout=SECONDS)


def _require(output: GuestOutput, run: Run, what: str) -> None:
    if output.exit_code == 0:
        return
    said = output.stderr[:64_000].decode("utf-8", "replace").strip()
    if output.exit_code == _REFUSED:
        raise GitError(shown(shorten(said, 500)), _NOTHING_LOST, stderr=said, exit_code=output.exit_code)
    raise GitError(f"{what}: {reason(said)}", _SAFE.format(run=run.id), stderr=said, exit_code=output.exit_code)
