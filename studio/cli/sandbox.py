"""studio sandbox: the containers that runs work in, and what they take."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from studio.app.standing import Access
from studio.app.studio import Studio
from studio.base.text import plain, sized
from studio.cli import output, session
from studio.cli.asking import telling_questions
from studio.cli.includes import include
from studio.cli.network import network
from studio.cli.options import Json, RunArgument
from studio.cli.plan import plan
from studio.cli.sandbox_views import of_litter, of_meter, of_sandbox, services, told, unused, used
from studio.cli.service_data import data
from studio.cli.verbs import Verbs
from studio.domain import exits
from studio.domain.errors import UserError
from studio.domain.ids import RunId
from studio.domain.sandboxes import SandboxView
from studio.domain.services import told_of

app = typer.Typer(cls=Verbs, help="Sandboxes: what runs work in, and what they reach.", no_args_is_help=True)
app.command("network")(network)
app.command("plan")(plan)
app.command("data")(data)
app.command("include")(include)

_ENDS = "It ends with this command: keep Studio running (the window, or studio serve) to keep it up."
_NONE = "No sandbox is up. One starts with a message to an agent, or by: studio sandbox start RUN"
_UP = "Keep one up: the window, or studio serve."
_SAID = "What commands in it said: studio runs log {run}; what services said went with it. "


@app.command("list")
def list_(json: Json = False) -> None:
    """List the sandboxes that are up or asleep, the one used last first."""

    async def verb(studio: Studio) -> int:
        views = await studio.sandboxes.list()
        if json:
            output.document([await of_sandbox(studio, view) for view in views])
            return exits.OK
        names = {project.id: project.name for project in await studio.projects.list()}
        rows = [
            (view.run, names.get(view.project, view.project), view.state.value, unused(view), services(view))
            for view in views
        ]
        output.table(("RUN", "PROJECT", "STATE", "UNUSED", "SERVICES"), rows, _NONE)
        for line in (line for view in views for line in told(view)):
            output.note(line)
        for project, slots in (await studio.sandboxes.ready()).items():
            output.note(f"{len(slots)} ready for the next run of {names.get(project, project)}.")
        return exits.OK

    session.run(verb, Access.WRITE)


@app.command("start")
def start(run: RunArgument, json: Json = False) -> None:
    """Make sure that a run's sandbox is up and awake. It lives as long as the Studio that holds the data folder."""

    async def verb(studio: Studio) -> int:
        found = (await studio.chats.run(run)).id
        view = await telling_questions(studio, found, studio.sandboxes.start(found))
        await _tell(studio, view, json, f"The sandbox of {view.run} is {view.state.value}.")
        return exits.OK

    session.run(verb, Access.WRITE)


@app.command("stop")
def stop(run: RunArgument, json: Json = False) -> None:
    """End a run's sandbox and all that runs in it; its files stay."""

    async def verb(studio: Studio) -> int:
        found = await _held(studio, run)
        await studio.sandboxes.stop(found)
        _done(found, json, f"The sandbox of {found} is gone; its files stay, and its next step starts another.")
        return exits.OK

    session.run(verb, Access.WRITE)


@app.command("restart")
def restart(run: RunArgument, json: Json = False) -> None:
    """End a run's sandbox and start another."""

    async def verb(studio: Studio) -> int:
        found = (await studio.chats.run(run)).id
        view = await telling_questions(studio, found, studio.sandboxes.restart(found))
        await _tell(studio, view, json, f"The sandbox of {view.run} was started anew.")
        return exits.OK

    session.run(verb, Access.WRITE)


@app.command("delete")
def delete(
    run: RunArgument,
    yes: Annotated[bool, typer.Option("--yes", help="Do it: the data of its services cannot be brought back.")] = False,
    json: Json = False,
) -> None:
    """End a run's sandbox and delete what services beside it kept; files and snapshots stay."""

    async def verb(studio: Studio) -> int:
        found = (await studio.chats.run(run)).id
        if not yes:
            output.note(f"studio: This deletes the data of the services of {found}, a database say, for good.")
            output.note(f"        Do it: studio sandbox delete {found} --yes")
            return exits.USAGE
        await studio.sandboxes.delete(found)
        _done(found, json, f"The sandbox of {found} and the data of its services are gone; its files stay.")
        return exits.OK

    session.run(verb, Access.WRITE)


@app.command("stats")
def stats(
    run: Annotated[str | None, typer.Argument(metavar="[RUN]", help="Only this run's.")] = None, json: Json = False
) -> None:
    """Show what sandboxes use now: memory, processor, processes."""

    async def verb(studio: Studio) -> int:
        if run is not None:
            wanted: tuple[RunId, ...] = (await _held(studio, run),)
        else:
            wanted = tuple(view.run for view in await studio.sandboxes.list())
        views = await asyncio.gather(*map(studio.sandboxes.stats, wanted))
        if json:
            output.document([await of_sandbox(studio, view) for view in views])
            return exits.OK
        output.table(("RUN", "STATE", "MEMORY", "CPU", "PROCESSES", "FILES"), [used(view) for view in views], _NONE)
        return exits.OK

    session.run(verb, Access.WRITE)


@app.command("logs")
def logs(
    run: RunArgument,
    lines: Annotated[int, typer.Option("--lines", min=1, max=5000, help="So many lines of each.")] = 200,
    json: Json = False,
) -> None:
    """Show what a run's sandbox, its services and the processes behind said last."""

    async def verb(studio: Studio) -> int:
        said = await studio.sandboxes.logs(await _held(studio, run, _SAID), lines)
        if json:
            output.document(said)
            return exits.OK
        for name, text in said.items():
            output.say(f"── {output.one_line(name)}")
            output.say(text.rstrip() or "(nothing)")
        return exits.OK

    session.run(verb, Access.WRITE)


@app.command("disk")
def disk(json: Json = False) -> None:
    """Show what sandboxes take on disk, and what of it is left over."""

    async def verb(studio: Studio) -> int:
        meter = await studio.sandboxes.disk()
        if json:
            output.document(of_meter(meter))
            return exits.OK
        output.table(("WHAT", "TAKES", "WHERE"), [(p.name, sized(p.bytes), p.where) for p in meter.parts], "")
        output.say(f"{sized(meter.free)} are free.")
        for litter in meter.litter:
            output.say(f"Left over: {litter.kind.value} {litter.name}, {sized(litter.bytes)}: {litter.reason}.")
        if meter.litter:
            output.say("Clear that away: studio sandbox prune")
        return exits.OK

    session.run(verb, Access.WRITE)


@app.command("prune")
def prune(json: Json = False) -> None:
    """Clear away containers, volumes and images of Studio that nothing needs, each with the reason."""

    async def verb(studio: Studio) -> int:
        cleared = await studio.sandboxes.prune()
        if json:
            gone = [of_litter(litter) for litter in cleared.gone]
            output.document({"gone": gone, "kept": list(cleared.kept), "bytes": cleared.bytes})
            return exits.OK if not cleared.kept else exits.FAILED
        for litter in cleared.gone:
            output.say(f"{litter.kind.value} {litter.name}, {sized(litter.bytes)}: {litter.reason}.")
        for why in cleared.kept:
            output.note(f"Could not be cleared away: {why}")
        output.say(f"Cleared {sized(cleared.bytes)}." if cleared.gone else "Nothing was left over.")
        return exits.OK if not cleared.kept else exits.FAILED

    session.run(verb, Access.WRITE)


async def _tell(studio: Studio, view: SandboxView, json: bool, words: str) -> None:
    if json:
        output.document(await of_sandbox(studio, view))
        return
    output.say(words)
    for service in view.services:
        output.note(output.one_line(plain(told_of(service))))
    if not studio.attached:
        output.note(_ENDS)


async def _held(studio: Studio, run: str, instead: str = "") -> RunId:
    """The run, whose sandbox another process may hold.

    Raises UserError where none does, as then no sandbox is up; `instead` is what else can be done about that run.
    """
    found = (await studio.chats.run(run)).id
    if not studio.attached:
        raise UserError(
            f"Run {found} has no sandbox: no Studio is running that would keep one up.",
            f"{instead.format(run=found)}{_UP}",
        )
    return found


def _done(run: RunId, json: bool, words: str) -> None:
    if json:
        output.document({"run": run, "state": "none"})
    else:
        output.say(words)
