"""studio runs restore, redo: take a run back to an earlier turn, and take that back."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from studio.app.restoring import Restored
from studio.app.standing import Access
from studio.app.studio import Studio
from studio.cli import output, session
from studio.cli.options import Json, RunArgument
from studio.domain import exits
from studio.domain.restores import What

_WORDS = {What.CHAT: "The chat"}


def restore(
    run: RunArgument,
    turn: Annotated[int, typer.Option("--turn", "-t", metavar="N", help="The turn to go back to, counted from 1.")],
    chat: Annotated[bool, typer.Option("--chat", help="What the agent is shown of the chat.")] = False,
    before: Annotated[bool, typer.Option("--before", help="To before this turn, instead of after it.")] = False,
    json: Json = False,
) -> None:
    """Take a run back to one of its turns. Nothing is deleted: studio runs redo takes it back."""
    if not chat:
        raise typer.BadParameter("Say what goes back: --chat.")

    async def verb(studio: Studio) -> int:
        found = await studio.chats.run(run)
        _say(await studio.restoring.restore(found.id, turn, What.CHAT, before=before), json)
        return exits.OK

    session.run(verb, Access.WRITE)


def redo(run: RunArgument, json: Json = False) -> None:
    """Take the newest restore back, as long as nothing happened after it."""

    async def verb(studio: Studio) -> int:
        _say(await studio.restoring.redo((await studio.chats.run(run)).id), json)
        return exits.OK

    session.run(verb, Access.WRITE)


def _say(done: Restored, json: bool) -> None:
    if json:
        output.document(asdict(done))
        return
    what = _WORDS[done.what]
    if done.taken_back:
        output.say(f"{what} of {done.run} is again as it was before the restore to {done.point}.")
    else:
        output.say(f"{what} of {done.run} is as it was {done.point}. Take it back: studio runs redo {done.run}")
