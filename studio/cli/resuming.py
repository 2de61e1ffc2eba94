"""studio runs resume: a parked run goes on now."""

from __future__ import annotations

from typing import Annotated

import typer

from studio.app.studio import Studio
from studio.cli import output, session
from studio.cli.follow import follow, say_model
from studio.cli.options import Json, RunArgument, Wait
from studio.cli.run import model_name
from studio.domain.models import ModelRef


def resume(
    run: RunArgument,
    model: Annotated[str | None, typer.Option(help="provider/name of the model that goes on with it.")] = None,
    wait: Wait = False,
    json: Json = False,
) -> None:
    """Let a parked run go on at once where it was left, with another model if you name one, and follow it."""

    async def verb(studio: Studio) -> int:
        chosen = model_name(model) if model else None
        found = await studio.chats.run(run)
        name = (await studio.projects.by_id(found.project)).name
        sent = await studio.parkings.resume(found.id, chosen)
        if not json:
            used = ModelRef.parse(chosen) if chosen else found.model
            say_model(used)
            output.note(f"Run {found.id} goes on · {used}")
        return await follow(studio, sent, name, json=json, wait=wait)

    session.follow(verb, json=json)
