"""studio runs: list, show, stop, read the log of runs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

import typer

from studio.app.standing import Access
from studio.app.studio import Studio
from studio.base.text import shorten
from studio.cli import output, replay, restoring, resuming, retrying, run_log, session
from studio.cli.options import Json, ProjectOption, RunArgument
from studio.cli.processes import processes
from studio.cli.verbs import Verbs
from studio.domain import exits
from studio.domain.parked import until_words
from studio.domain.runs import Run, RunState

_NAMED = 3

app = typer.Typer(cls=Verbs, help="Runs: one agent's work on one chat.", invoke_without_command=True)
app.command("processes")(processes)


@app.callback()
def list_(context: typer.Context, project: ProjectOption = None, json: Json = False) -> None:
    """List runs, newest first."""
    if context.invoked_subcommand is not None:
        return

    async def verb(studio: Studio) -> int:
        names = await _names(studio)
        only = (await studio.projects.find(project)).id if project else None
        found = await studio.chats.runs(only)
        if json:
            output.document([output.of_run(run, names[run.project]) for run in found])
        else:
            rows = [
                (r.id, names[r.project], r.role, _standing(r), str(r.model), shorten(output.one_line(r.title), 60))
                for r in found
            ]
            head = ("RUN", "PROJECT", "ROLE", "STATE", "MODEL", "TITLE")
            output.table(head, rows, "No run yet. Start one: studio run MESSAGE --project PATH")
            await _name_left(studio, found)
        return exits.OK

    session.run(verb, Access.READ)


@app.command("show")
def show(run: RunArgument, json: Json = False) -> None:
    """Show one run."""

    async def verb(studio: Studio) -> int:
        found = await studio.chats.run(run)
        described = output.of_run(found, (await _names(studio))[found.project])
        if json:
            output.document(described)
        else:
            for name, value in described.items():
                output.say(f"{name:12}  {output.below(str(value), 14) if value is not None else '–'}")
        return exits.OK

    session.run(verb, Access.READ)


@app.command("cancel")
def cancel(run: RunArgument, json: Json = False) -> None:
    """Stop what a run is doing, also in the middle of a command."""

    async def verb(studio: Studio) -> int:
        found = await studio.chats.cancel((await studio.chats.run(run)).id)
        if json:
            output.document(output.of_run(found, (await _names(studio))[found.project]))
        else:
            output.say(f"Stopped {found.id}. Send it a message to go on: studio run MESSAGE --run {found.id}")
        return exits.OK

    session.run(verb, Access.WRITE)


app.command("snapshots")(restoring.snapshots)
app.command("restore")(restoring.restore)
app.command("fork")(restoring.fork)
app.command("redo")(restoring.redo)


@app.command("log")
def log(
    run: RunArgument,
    everything: Annotated[bool, typer.Option("--all", help="Also what a restore left out of the chat.")] = False,
    json: Json = False,
) -> None:
    """Show a run's messages and tool calls, turn by turn; with --json, all of its events."""

    async def verb(studio: Studio) -> int:
        found = await studio.chats.run(run)
        recorded = await studio.chats.log(found.id)
        if json:
            name = (await _names(studio))[found.project]
            output.document([output.of_event(item, name) for item in recorded])
            return exits.OK
        for item in restoring.by_turn(recorded if everything else restoring.folded(recorded, found.id), recorded):
            if isinstance(item, str):
                output.say(f"{item}\n")
            else:
                run_log.tell(item, recorded[0])
        return exits.OK

    session.run(verb, Access.READ)


app.command("replay")(replay.replay)
app.command("retry")(retrying.retry)
app.command("resume")(resuming.resume)


def _standing(run: Run) -> str:
    """Where the run stands; between turns, how the last one ended."""
    if run.state is RunState.PARKED and run.parked_until is not None:
        now = datetime.now(UTC)
        return f"parked {until_words(run.parked_until, now)}" if run.parked_until > now else "parked, due"
    return run.outcome.words if run.state is RunState.IDLE and run.outcome else run.state.value


async def _name_left(studio: Studio, found: Sequence[Run]) -> None:
    """Says which runs nobody works on, though they are to go on by themselves."""
    left = [run.id for run in found if run.state in (RunState.WORKING, RunState.PARKED)]
    if left and not await studio.parkings.goes_on():
        shown = f"{', '.join(left[:_NAMED])}{f' and {len(left) - _NAMED} more' if len(left) > _NAMED else ''}"
        output.note(f"No Studio works on {shown}: that goes on once one does (the window, or studio serve).")


async def _names(studio: Studio) -> dict[str, str]:
    return {project.id: project.name for project in await studio.projects.list()}
