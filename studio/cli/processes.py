"""studio runs processes: what runs behind in a run's container."""

from __future__ import annotations

import dataclasses
from typing import Annotated

import typer

from studio.app.processes import ProcessView
from studio.app.standing import Access
from studio.app.studio import Studio
from studio.base.text import shorten
from studio.cli import output, session
from studio.cli.options import Json, RunArgument
from studio.domain import exits

StopOption = Annotated[str | None, typer.Option("--stop", metavar="NAME", help="End this one first.")]


def processes(run: RunArgument, stop: StopOption = None, json: Json = False) -> None:
    """List what runs behind in a run's container, or stop one of it."""

    async def verb(studio: Studio) -> int:
        found = await studio.chats.run(run)
        if stop is not None:
            await studio.processes.stop(found.id, stop)
        listed = await studio.processes.list(found.id)
        if json:
            output.document([dataclasses.asdict(one) for one in listed])
        else:
            rows = [
                (one.name, _standing(one), f"{one.seconds:,.0f} s", shorten(output.one_line(one.command), 80))
                for one in listed
            ]
            output.table(("PROCESS", "STATE", "TIME", "COMMAND"), rows, f"Nothing runs behind in {found.id}.")
        return exits.OK

    session.run(verb, Access.WRITE)


def _standing(process: ProcessView) -> str:
    if process.exit_code is None:
        return "stopped" if process.ended else "running"
    return f"exit code {process.exit_code}" if process.ended else f"exit code {process.exit_code}, left processes"
