"""studio sandbox network: what the sandboxes of a project may reach, and what they reached."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Annotated, Any

import typer

from studio.app.networks import NetworkView
from studio.app.standing import Access
from studio.app.studio import Studio
from studio.cli import output, session
from studio.cli.options import Json
from studio.domain import exits
from studio.domain.clock import to_text
from studio.domain.ids import ProjectId
from studio.domain.network import Attempt, NetworkMode

_AT_ONCE_SECONDS = 0.5
_REMOVE, _CONNECTIONS = "remove", "connections"
_WORDS = (*NetworkMode, _REMOVE, _CONNECTIONS)
_MEANS = {
    NetworkMode.NONE: "reach no host",
    NetworkMode.ALLOW: "reach the hosts listed here; for any other you are asked",
    NetworkMode.OPEN: "reach every public host",
}
_MODES = "none, allow or open; allow HOST, remove HOST; or connections."


def network(
    project: Annotated[str, typer.Argument(metavar="PROJECT", help="A project's name, or its path.")],
    what: Annotated[str | None, typer.Argument(metavar="[none|allow|open|remove|connections]", help=_MODES)] = None,
    host: Annotated[str | None, typer.Argument(metavar="[HOST[:PORT]]", help="With allow or remove.")] = None,
    packages: Annotated[
        bool | None,
        typer.Option("--packages/--no-packages", help="Whether hosts of this machine's pip, npm and apt count."),
    ] = None,
    run: Annotated[str | None, typer.Option(metavar="RUN", help="With connections: of this run only.")] = None,
    json: Json = False,
) -> None:
    """Show or set what programs in a project's sandboxes reach, or list the connections they tried to make."""
    _require_sense(what, host, packages, run)

    async def verb(studio: Studio) -> int:
        found = await studio.projects.find(project)
        if what == _CONNECTIONS:
            of_run = (await studio.chats.run(run)).id if run else None
            _list(await studio.networks.connections(found.id, of_run), json)
            return exits.OK
        async with _saying_what_takes_long():
            view = await _done(studio, found.id, what, host, packages)
        if json:
            output.document({"project": found.name, **dataclasses.asdict(view), "mode": view.mode.value})
        else:
            _say(found.name, view, host if what == NetworkMode.ALLOW else None)
        return exits.OK

    session.run(verb, Access.READ if what == _CONNECTIONS else Access.WRITE)


async def _done(
    studio: Studio, project: ProjectId, what: str | None, host: str | None, packages: bool | None
) -> NetworkView:
    if host is not None and what == _REMOVE:
        return await studio.networks.remove(project, host)
    if host is not None:
        return await studio.networks.allow(project, host)
    if what is not None:
        return await studio.networks.set(project, NetworkMode(what), packages)
    if packages is not None:
        return await studio.networks.set(project, await studio.networks.mode(project), packages)
    return await studio.networks.show(project)


@asynccontextmanager
async def _saying_what_takes_long() -> AsyncIterator[None]:
    """Says after a moment what the block waits for."""

    async def say() -> None:
        await asyncio.sleep(_AT_ONCE_SECONDS)
        output.note("pip, npm and apt of this machine are asked for their hosts, which takes some seconds.")

    saying = asyncio.create_task(say(), name="what takes long")
    try:
        yield
    finally:
        saying.cancel()
        with suppress(asyncio.CancelledError):
            await saying


def _require_sense(what: str | None, host: str | None, packages: bool | None, run: str | None) -> None:
    """Raises typer's own complaint for words that do not go together."""
    if what is not None and what not in _WORDS:
        raise typer.BadParameter(f"“{what}” is none of: {', '.join(_WORDS)}.")
    if host is not None and what not in (NetworkMode.ALLOW, _REMOVE):
        raise typer.BadParameter("A host goes with allow or remove.")
    if host is None and what == _REMOVE:
        raise typer.BadParameter("Name the host that is to be taken off the list.")
    if run is not None and what != _CONNECTIONS:
        raise typer.BadParameter("--run goes with connections.")
    if packages is not None and (host is not None or what == _CONNECTIONS):
        raise typer.BadParameter("--packages goes with a mode.")


def _say(name: str, view: NetworkView, allowed: str | None) -> None:
    output.say(f"Sandboxes of {name} {_MEANS[view.mode]}.")
    output.table(
        ("HOST", "WHY"),
        [
            *((host, "on the list") for host in view.hosts),
            *((host, "for images alone") for host in view.registries),
            *((host, "this machine's package clients use it") for host in view.own),
        ],
        "No host is listed.",
    )
    for sentence in view.left_out:
        output.note(sentence)
    if allowed is not None and view.mode is NetworkMode.NONE:
        output.note(
            f"For images it counts at once, for programs once there is a network: studio sandbox network {name} allow"
        )
    if view.start_anew:
        for run in view.start_anew:
            output.note(f"The sandbox of {run} was started before; give it a way out: studio sandbox restart {run}")


def _list(attempts: tuple[Attempt, ...], json: bool) -> None:
    if json:
        output.document([_of_attempt(attempt) for attempt in attempts])
        return
    rows = [
        (
            f"{attempt.time:%Y-%m-%d %H:%M:%S}",
            attempt.run,
            output.one_line(str(attempt.destination)),
            attempt.passed.value,
            f"{attempt.sent:,} / {attempt.received:,}",
            output.one_line(attempt.reason),
        )
        for attempt in attempts
    ]
    output.table(("TIME (UTC)", "RUN", "HOST", "WAS", "BYTES OUT / IN", "WHY"), rows, "Nothing was reached, nor tried.")


def _of_attempt(attempt: Attempt) -> dict[str, Any]:
    return {
        "time": to_text(attempt.time),
        "run": attempt.run,
        "host": attempt.destination.host,
        "port": attempt.destination.port,
        "how": attempt.how,
        "passed": attempt.passed.value,
        "reason": attempt.reason,
        "address": attempt.address,
        "sent": attempt.sent,
        "received": attempt.received,
        "ended": to_text(attempt.ended) if attempt.ended else None,
    }
