"""studio runs snapshots, restore, redo: take a run back to an earlier turn, and take that back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated

import typer

from studio.app.restoring import Restored, SnapshotView
from studio.app.standing import Access
from studio.app.studio import Studio
from studio.base.text import shorten, shown
from studio.cli import output, session
from studio.cli.options import Json, RunArgument
from studio.domain import exits
from studio.domain.clock import to_text
from studio.domain.events import MessagePosted, Recorded
from studio.domain.ids import RunId
from studio.domain.points import begins, left_out
from studio.domain.restores import What

_WORDS = {What.CHAT: "The chat", What.FILES: "The files", What.BOTH: "The files and the chat"}


def snapshots(run: RunArgument, json: Json = False) -> None:
    """List the snapshots of a run: each is a point that its files can go back to."""

    async def verb(studio: Studio) -> int:
        found = await studio.restoring.snapshots((await studio.chats.run(run)).id)
        if json:
            output.document([_of_snapshot(view) for view in found])
        else:
            head = ("TURN", "STEP", "TIME", "COMMIT", "FILES")
            output.table(head, [_row(view) for view in found], "No file was changed yet.")
        return exits.OK

    session.run(verb, Access.READ)


def restore(
    run: RunArgument,
    turn: Annotated[str, typer.Option("--turn", "-t", metavar="N", help="The turn to go back to, counted from 1.")],
    files: Annotated[bool, typer.Option("--files", help="The files of its workspace.")] = False,
    chat: Annotated[bool, typer.Option("--chat", help="What the agent is shown of the chat.")] = False,
    both: Annotated[bool, typer.Option("--both", help="Both.")] = False,
    before: Annotated[bool, typer.Option("--before", help="To before this turn, instead of after it.")] = False,
    json: Json = False,
) -> None:
    """Take a run back to one of its turns. Nothing is deleted: studio runs redo takes it back."""
    if not (files or chat or both):
        raise typer.BadParameter("Say what goes back: --files, --chat or --both.")
    what = What.BOTH if both or (files and chat) else (What.FILES if files else What.CHAT)

    async def verb(studio: Studio) -> int:
        found = await studio.chats.run(run)
        _say(await studio.restoring.restore(found.id, turn, what, before=before), json)
        return exits.OK

    session.run(verb, Access.WRITE)


def fork(
    run: RunArgument,
    turn: Annotated[
        str | None, typer.Option("--turn", "-t", metavar="N", help="The turn to go on from, from 1; the newest.")
    ] = None,
    before: Annotated[bool, typer.Option("--before", help="From before this turn, instead of after it.")] = False,
    model: Annotated[str | None, typer.Option(help="Another model than the run's.")] = None,
    json: Json = False,
) -> None:
    """Make a new run that goes on from a turn: same role and chat, files and branch of its own."""

    async def verb(studio: Studio) -> int:
        found = await studio.chats.run(run)
        made = await studio.forks.fork(found.id, turn, before=before, model=model)
        if json:
            names = {project.id: project.name for project in await studio.projects.list()}
            output.document(output.of_run(made, names[made.project]))
        else:
            output.say(f"Made {made.id} on {made.branch}; {found.id} stays as it is.")
            output.say(f"Send it a message: studio run MESSAGE --run {made.id}")
        return exits.OK

    session.run(verb, Access.WRITE)


def redo(run: RunArgument, json: Json = False) -> None:
    """Take the newest restore back, as long as nothing happened after it."""

    async def verb(studio: Studio) -> int:
        _say(await studio.restoring.redo((await studio.chats.run(run)).id), json)
        return exits.OK

    session.run(verb, Access.WRITE)


def folded(log: Sequence[Recorded], run: RunId) -> Iterator[Recorded | str]:
    """The log with one line in the place of what a restore left out of the chat."""
    gone, messages = left_out(log), 0
    for recorded in log:
        if recorded.seq in gone:
            messages += isinstance(recorded.event, MessagePosted) and bool(recorded.event.text)
            continue
        if messages:
            are = "1 message is" if messages == 1 else f"{messages} messages are"
            yield f"… {are} left out of the chat; see all: studio runs log {run} --all"
            messages = 0
        yield recorded


def by_turn(items: Iterable[Recorded | str], log: Sequence[Recorded]) -> Iterator[Recorded | str]:
    """These parts of the log with a line before each turn: its number is what restore and fork are told."""
    numbers = begins(log)
    for item in items:
        if isinstance(item, Recorded) and item.seq in numbers:
            yield f"— turn {numbers[item.seq]} —"
        yield item


def _say(done: Restored, json: bool) -> None:
    if json:
        output.document(_of_restored(done))
        return
    one = done.what is What.CHAT
    as_then = f"{_WORDS[done.what]} of {done.run} {'is' if one else 'are'} again as {'it was' if one else 'they were'}"
    output.say(f"{as_then} before that restore." if done.taken_back else f"{as_then} {done.point}.")
    if done.what is not What.CHAT:
        output.say(f"  {_files(done.files, done.left_out) or 'No file had to change.'}")
    if done.kept_files:
        output.say(f"  No snapshot held {_files(done.kept_files, 0)}; it is kept in the commit {done.kept[:12]}.")
    if not done.taken_back:
        output.say(f"Take it back: studio runs redo {done.run}")


def _row(view: SnapshotView) -> tuple[str, ...]:
    step = "restore" if view.restore else (str(view.step) if view.step else "by hand")
    time = view.time.astimezone().strftime("%Y-%m-%d %H:%M:%S")
    return str(view.turn), step, time, view.commit[:12], _files(view.files, view.left_out)


def _files(names: tuple[str, ...], left_out: int) -> str:
    more = f" and {left_out} more" if left_out else ""
    return shown(shorten(", ".join(names), 100)) + more


def _of_snapshot(view: SnapshotView) -> dict[str, object]:
    return {
        "turn": view.turn,
        "step": view.step or None,
        "time": to_text(view.time),
        "commit": view.commit,
        "files": list(view.files),
        "left_out": view.left_out,
        "restore": view.restore or None,
        "kept": view.kept or None,
    }


def _of_restored(done: Restored) -> dict[str, object]:
    return {
        "run": done.run,
        "restore": done.restore,
        "what": done.what.value,
        "point": done.point,
        "taken_back": done.taken_back,
        "commit": done.commit,
        "files": list(done.files),
        "left_out": done.left_out,
        "kept": done.kept or None,
        "kept_files": list(done.kept_files),
    }
