"""studio diff, merge, discard: review a run's branch and bring it home."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from studio.app.standing import Access
from studio.app.studio import Studio
from studio.base.text import shown
from studio.cli import output, session
from studio.cli.agreeing import agrees, can_answer
from studio.cli.options import Json, RunArgument
from studio.domain import exits
from studio.domain.changes import Diff, Merged
from studio.domain.on_machines import lines_of, words_of
from studio.domain.runs import Run, RunState, require_next
from studio.domain.takeovers import begins_with, discarded_since

_LEAST = 7
"""How many digits of a commit name it."""


def diff(
    run: RunArgument,
    own: Annotated[bool, typer.Option("--own", help="Without the work of another run that it took over.")] = False,
    json: Json = False,
) -> None:
    """Show what a run's branch changes."""

    async def verb(studio: Studio) -> int:
        found = await studio.review.diff((await studio.chats.run(run)).id, own=own)
        if json:
            output.document(output.of_diff(found))
        else:
            show(found)
            if found.after is not None:
                output.note(f"This {begins_with(found.after)}. What came after that: studio diff {run} --own")
                _note_discarded(found.after)
        return exits.OK

    session.run(verb, Access.READ)


def merge(
    run: RunArgument,
    into: Annotated[str | None, typer.Option(help="Branch to merge into; the one the run started from.")] = None,
    commit: Annotated[
        str | None, typer.Option(help="Merge this newest snapshot and nothing that was changed after it.")
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Do not ask in a terminal where something runs on someone's machine.")
    ] = False,
    json: Json = False,
) -> None:
    """Join a run's branch into a branch of your checkout, as it stands when this is typed."""

    async def verb(studio: Studio) -> int:
        found = await studio.chats.run(run)
        require_next(found, RunState.MERGED)
        named = commit is None or (len(commit) >= _LEAST and found.head.startswith(commit))
        head = found.head if named else commit
        changes = await studio.review.diff(found.id)
        # Said before it is done: what is merged is what was looked at here, or nothing.
        _warn(changes, output.note if json else output.say)
        if changes.on_machines and not (yes or json) and can_answer() and not await agrees("Merge it?"):
            output.note("Nothing was merged.")
            return exits.CANCELLED
        merged = await studio.review.merge(found.id, into, head, newest=commit is None)
        giver = await studio.review.giver(found.id)
        if json:
            document = {"into": merged.into, "commit": merged.commit, "previous": merged.previous}
            output.document({**document, "runs_on_machines": output.of_diff(changes)["runs_on_machines"]})
        else:
            output.say(_merged(merged))
            if giver is not None:
                output.note(f"The branch {begins_with(giver)}, which is merged with it.")
                _note_discarded(giver)
        return exits.OK

    session.run(verb, Access.WRITE)


def discard(run: RunArgument, json: Json = False) -> None:
    """Put a run away; its snapshots stay in Studio's own repository."""

    async def verb(studio: Studio) -> int:
        found = await studio.review.discard((await studio.chats.run(run)).id)
        if json:
            output.document({"run": found.id, "state": found.state.value, "branch": found.branch})
        else:
            output.say(f"Discarded {found.id}.")
        return exits.OK

    session.run(verb, Access.WRITE)


def _merged(merged: Merged) -> str:
    if not merged.moved:
        return f"{merged.into} holds it already, at {merged.commit[:10]}. Nothing was changed."
    return f"Merged into {merged.into}: {merged.previous[:10]} → {merged.commit[:10]}"


def _note_discarded(giver: Run) -> None:
    if discarded := discarded_since(giver):
        output.note(discarded)


def show(changes: Diff) -> None:
    """A diff for people, with hidden characters written out: a merge brings home whatever stands there."""
    if not changes.files:
        output.note("Nothing was changed.")
    for file in changes.files:
        name = shown(file.path if file.path == file.old_path else f"{file.old_path} → {file.path}")
        output.say(f"{file.status.value} {name}  +{file.added} −{file.removed}")
        if file.binary:
            output.say("  (binary)")
        for line in file.patch.removesuffix("\n").split("\n") if file.patch else ():
            output.say(f"  {line}")
        if file.cut:
            output.say("  … (cut)")
    if changes.left_out:
        output.say(f"… and {changes.left_out} more files")
    _warn(changes, output.say)


def _warn(changes: Diff, say: Callable[[str], None]) -> None:
    if running := words_of(changes.on_machines, changes.on_machines_more):
        say(shown(running))
        for line in lines_of(changes.on_machines, changes.on_machines_more):
            say(f"  {shown(line)}")
