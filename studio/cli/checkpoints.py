"""studio checkpoints: what waits for the operator, and the answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from shlex import quote
from typing import Annotated

import typer

from studio.app.chats import Sent
from studio.app.standing import Access
from studio.app.studio import Studio
from studio.base.text import shorten
from studio.cli import output, session
from studio.cli.follow import follow
from studio.cli.options import CheckpointArgument, Json
from studio.cli.verbs import Verbs
from studio.domain import exits
from studio.domain.checkpoints import LEFT, Checkpoint, CheckpointKind, CheckpointState
from studio.domain.clock import to_text
from studio.domain.network import NetworkMode, is_of_images
from studio.domain.rules import Scope

app = typer.Typer(cls=Verbs, help="Checkpoints: what waits for your decision.", invoke_without_command=True)


@app.callback()
def list_(context: typer.Context, json: Json = False) -> None:
    """List what waits, oldest first."""
    if context.invoked_subcommand is not None:
        return

    async def verb(studio: Studio) -> int:
        waiting = await studio.checkpoints.waiting()
        names = {project.id: project.name for project in await studio.projects.list()}
        if json:
            output.document([output.of_checkpoint(item, names[item.project]) for item in waiting])
        else:
            rows = [
                (
                    item.id,
                    item.kind.value,
                    names[item.project],
                    item.run,
                    shorten(output.one_line(item.act), 70) + (" (nobody waits any more)" if item.is_left else ""),
                )
                for item in waiting
            ]
            output.table(("ID", "KIND", "PROJECT", "RUN", "WHAT"), rows, "Nothing waits for you.")
        return exits.OK

    session.run(verb, Access.READ)


@app.command("hourly")
def hourly(json: Json = False) -> None:
    """Count the questions of the last day, by hour and run."""

    async def verb(studio: Studio) -> int:
        names = {project.id: project.name for project in await studio.projects.list()}
        asked = await studio.policies.asked()
        if json:
            output.document(
                [
                    {
                        "hour": to_text(row.hour),
                        "project": names.get(row.project),
                        "run": row.run,
                        "questions": row.questions,
                    }
                    for row in asked
                ]
            )
        else:
            rows = [
                (f"{row.hour:%Y-%m-%d %H}:00", names.get(row.project, ""), row.run, str(row.questions)) for row in asked
            ]
            output.table(("HOUR (UTC)", "PROJECT", "RUN", "QUESTIONS"), rows, "Nothing was asked in the last day.")
        return exits.OK

    session.run(verb, Access.READ)


@app.command("show")
def show(checkpoint: CheckpointArgument, json: Json = False) -> None:
    """Show one checkpoint with all that it asks."""

    async def verb(studio: Studio) -> int:
        found = await studio.checkpoints.get(checkpoint)
        described = output.of_checkpoint(found, (await studio.projects.by_id(found.project)).name)
        if json:
            output.document(described)
        else:
            described["options"] = "\n".join(found.options)
            described["rule"] = "\n".join(f"{kind.text}  {kind.sentence}" for kind in found.kinds)
            for name, value in described.items():
                output.say(f"{name:13}  {output.below(str(value), 15) if value else '–'}")
        return exits.OK

    session.run(verb, Access.READ)


@app.command("approve")
def approve(
    checkpoint: CheckpointArgument,
    note: Annotated[str, typer.Option(help="A remark.")] = "",
    scope: Annotated[
        Scope, typer.Option("--for", help="once: exactly this. run, project: all of its kind from now on, there.")
    ] = Scope.ONCE,
    json: Json = False,
) -> None:
    """Say yes to exactly this, or to all of its kind, and follow the run to its outcome.

    A host that a run wants to reach is allowed for that run, or with --for project for its whole project.
    """

    async def decision(studio: Studio) -> Sent:
        if scope is not Scope.ONCE and not await _is_host(studio, checkpoint):
            for kind in (await studio.checkpoints.get(checkpoint)).kinds:
                output.note(f"From now on without a question in this {scope.value}: {kind.text}  {kind.sentence}")
        return await studio.checkpoints.approve(checkpoint, note, scope)

    _decide(checkpoint, decision, json)


@app.command("deny")
def deny(
    checkpoint: CheckpointArgument,
    note: Annotated[str, typer.Option(help="The reason; the agent reads it.")] = "",
    json: Json = False,
) -> None:
    """Say no with a reason, and follow the run to its outcome."""
    _decide(checkpoint, lambda studio: studio.checkpoints.deny(checkpoint, note), json)


@app.command("answer")
def answer(
    checkpoint: CheckpointArgument,
    text: Annotated[str, typer.Argument(help="Your answer; the agent reads it.")],
    json: Json = False,
) -> None:
    """Answer a question, and follow the run to its outcome."""
    _decide(checkpoint, lambda studio: studio.checkpoints.answer(checkpoint, text), json)


async def _is_host(studio: Studio, checkpoint: str) -> bool:
    return (await studio.checkpoints.get(checkpoint)).kind is CheckpointKind.NETWORK


async def _say_of_host(studio: Studio, found: Checkpoint, json: bool) -> None:
    """What a decision about a host changes: no turn begins with it, whatever waits goes on where it is."""
    name = (await studio.projects.by_id(found.project)).name
    if json:
        output.line(output.of_checkpoint(found, name))
        return
    output.say(f"{output.one_line(found.act)} is {found.state.value} for run {found.run}.")
    if found.state is not CheckpointState.APPROVED:
        return
    if found.is_left:
        output.note(LEFT)
    if not is_of_images(found.act) and await studio.networks.mode(found.project) is NetworkMode.NONE:
        output.note(f"Sandboxes of {name} reach no host as it is: studio sandbox network {quote(name)} allow")


def _decide(checkpoint: str, decision: Callable[[Studio], Awaitable[Sent]], json: bool) -> None:
    async def verb(studio: Studio) -> int:
        is_host = await _is_host(studio, checkpoint)
        sent = await decision(studio)
        if is_host:
            await _say_of_host(studio, await studio.checkpoints.get(checkpoint), json)
            return exits.OK
        run = await studio.chats.run(sent.run)
        return await follow(studio, sent, (await studio.projects.by_id(run.project)).name, json=json)

    session.follow(verb, json=json)
