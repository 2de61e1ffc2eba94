"""Which handed-over work a new run goes on with, said before it begins."""

from __future__ import annotations

from studio.app.studio import Studio
from studio.cli import output
from studio.domain.errors import UserError
from studio.domain.ids import ProjectId
from studio.domain.takeovers import WaitingWork


async def choose_work(
    studio: Studio, project: ProjectId, role: str, named: str | None, base: str | None, *, without: bool, quiet: bool
) -> str:
    """The run whose work is gone on with: the one that is named, else the newest on the branch that is checked out.

    Empty for none. Raises UserError for words that exclude each other, and NotFound.
    """
    if named is not None and (without or base is not None):
        raise UserError("A run begins with one thing.", "Leave out --work, or --base and --without-work.")
    if named is not None:
        giver = (await studio.chats.run(named)).id
    elif without or base is not None:
        return ""
    else:
        giver = None
    waiting = await studio.handovers.waiting(project, role)
    taken = next((each for each in waiting if each.giver.id == giver or (giver is None and each.here)), None)
    if not quiet:
        _tell(taken, [each for each in waiting if each is not taken])
    return giver or (taken.giver.id if taken is not None else "")


def _tell(taken: WaitingWork | None, others: list[WaitingWork]) -> None:
    if taken is not None:
        output.note(f"Goes on with the work of {_named(taken)}; --without-work begins without.")
    for other in others:
        branch = f", from {other.giver.base_branch or 'a detached HEAD'}" if not other.here else ""
        output.note(f"The work of {_named(other)}{branch} waits: --work {other.giver.id} goes on with it.")


def _named(work: WaitingWork) -> str:
    return f"run {work.giver.id} ({work.giver.role}), {work.files} {'file' if work.files == 1 else 'files'}"
