"""studio queue: messages that wait until an agent has stopped."""

from __future__ import annotations

from typing import Annotated

import typer

from studio.app.queue import Queued
from studio.app.standing import Access
from studio.app.studio import Studio
from studio.base.text import shorten
from studio.cli import output, session
from studio.cli.follow import follow
from studio.cli.options import Json, RunArgument
from studio.cli.verbs import Verbs
from studio.domain import exits
from studio.domain.queue import HELD_WORDS

app = typer.Typer(cls=Verbs, help="Messages that wait until an agent has stopped.", invoke_without_command=True)

MessageArgument = Annotated[str, typer.Argument(metavar="ID", help="The message's id, or its beginning.")]


@app.callback()
def list_(context: typer.Context, json: Json = False) -> None:
    """List what waits, in the order in which it is sent."""
    if context.invoked_subcommand is not None:
        return

    async def verb(studio: Studio) -> int:
        found = await studio.queue.all()
        if json:
            output.document([row for item in found for row in _described(item)])
            return exits.OK
        rows = [
            (message.turn, item.run.id, shorten(output.one_line(message.text), 80))
            for item in found
            for message in item.queue.waiting
        ]
        output.table(
            ("ID", "RUN", "MESSAGE"), rows, "Nothing waits. Queue a message: studio run MESSAGE --run ID --queue"
        )
        for item in found:
            if item.queue.held:
                output.note(
                    f"{item.run.id}: {HELD_WORDS[item.queue.held]} Send it now: studio queue send {item.run.id}"
                )
        return exits.OK

    session.run(verb, Access.READ)


@app.command("edit")
def edit(
    message: MessageArgument, text: Annotated[str, typer.Argument(help="What is sent instead.")], json: Json = False
) -> None:
    """Change the text of a message that waits."""

    async def verb(studio: Studio) -> int:
        run, found = await studio.queue.find(message)
        await studio.queue.change(run.id, found.turn, text)
        _tell(f"Changed {found.turn}; it waits as before.", {"id": found.turn, "run": run.id, "text": text}, json=json)
        return exits.OK

    session.run(verb, Access.WRITE)


@app.command("take-back")
def take_back(message: MessageArgument, json: Json = False) -> None:
    """Take a message out of the queue; it is not sent."""

    async def verb(studio: Studio) -> int:
        run, found = await studio.queue.find(message)
        await studio.queue.take_back(run.id, found.turn)
        _tell(f"Took {found.turn} back.", {"id": found.turn, "run": run.id, "text": found.text}, json=json)
        return exits.OK

    session.run(verb, Access.WRITE)


@app.command("send")
def send(run: RunArgument, json: Json = False) -> None:
    """Send a run's next message although its queue is held, and follow it to the outcome."""

    async def verb(studio: Studio) -> int:
        found = await studio.chats.run(run)
        name = (await studio.projects.by_id(found.project)).name
        return await follow(studio, await studio.queue.send_next(found.id), name, json=json)

    session.follow(verb, json=json)


def _described(item: Queued) -> list[dict[str, object]]:
    return [
        {"id": message.turn, "run": item.run.id, "text": message.text, "held": item.queue.held.value or None}
        for message in item.queue.waiting
    ]


def _tell(sentence: str, document: dict[str, object], *, json: bool) -> None:
    if json:
        output.document(document)
    else:
        output.say(sentence)
