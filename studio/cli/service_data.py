"""studio sandbox data: what the services of a project's new runs begin with, a database say."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated, Any

import typer

from studio.app.standing import Access
from studio.app.studio import Studio
from studio.base.text import shown, sized
from studio.cli import output, session
from studio.cli.options import Json
from studio.domain import exits
from studio.domain.clock import to_text
from studio.domain.errors import NotFound, UserError
from studio.domain.service_data import ServiceData

_KEEP, _FORGET = "keep", "forget"


def data(
    project: Annotated[str, typer.Argument(metavar="PROJECT", help="A project's name, or its path.")],
    what: Annotated[
        str | None,
        typer.Argument(metavar="[keep|forget]", help="keep RUN: begin with a copy of that run's. forget: begin empty."),
    ] = None,
    run: Annotated[str | None, typer.Argument(metavar="[RUN]", help="With keep: whose data.")] = None,
    json: Json = False,
) -> None:
    """Show or set what the services of a project's new runs begin with: a copy of what one run's keep, or nothing."""
    if what not in (None, _KEEP, _FORGET):
        raise typer.BadParameter(f"“{what}” is none of: {_KEEP}, {_FORGET}.")

    async def verb(studio: Studio) -> int:
        if run is None and what == _KEEP:
            raise UserError(
                "Say whose data are to be kept.",
                f"studio sandbox data {shown(project)} keep RUN; the runs: studio runs",
            )
        found = await studio.projects.find(project)
        if what == _KEEP:
            kept = await studio.chats.run(run or "")
            if kept.project != found.id:
                raise UserError(
                    f"Run {kept.id} is of another project than {shown(found.name)}.",
                    f"See its runs: studio runs --project {shown(found.name)}",
                )
            begins = await studio.sandboxes.keep_data(kept.id)
        elif what == _FORGET:
            # To forget what is not kept any more comes to what was wished for.
            with suppress(NotFound):
                await studio.sandboxes.forget_data(found.id)
            begins = None
        else:
            begins = await studio.sandboxes.data(found.id)
        if json:
            output.document({"project": found.name, "data": _document(begins)})
        else:
            _say(shown(found.name), begins)
            if what == _KEEP and begins is not None:
                output.note(f"The sandbox of {begins.run} was ended for it; its next step starts another.")
        return exits.OK

    session.run(verb, Access.READ if what is None else Access.WRITE)


def _say(project: str, data: ServiceData | None) -> None:
    if data is None:
        output.say(f"Services of new runs of {project} begin empty.")
        output.note(f"Let them begin with a copy of what one run's keep: studio sandbox data {project} keep RUN")
        return
    output.say(
        f"Services of new runs of {project} begin with a copy of what those of {data.run} kept at "
        f"{data.kept:%Y-%m-%d %H:%M} (UTC): {', '.join(map(shown, data.names))}, {sized(data.bytes)}."
    )


def _document(data: ServiceData | None) -> dict[str, Any] | None:
    if data is None:
        return None
    return {
        "run": data.run,
        "kept": to_text(data.kept),
        "volumes": list(data.names),
        "bytes": data.bytes,
    }
