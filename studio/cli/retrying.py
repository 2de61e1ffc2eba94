"""studio runs retry: a run's newest message once more, with another model."""

from __future__ import annotations

from typing import Annotated

import typer

from studio.app.studio import Studio
from studio.cli import output, session
from studio.cli.follow import follow, say_model
from studio.cli.options import Json, RunArgument, Wait
from studio.cli.run import model_name
from studio.domain.models import ModelRef


def retry(
    run: RunArgument,
    model: Annotated[str, typer.Option(help="provider/name of the model that tries it.")],
    files: Annotated[bool, typer.Option("--files", help="Take back what was changed in the files, too.")] = False,
    wait: Wait = False,
    json: Json = False,
) -> None:
    """Send a run's newest message again to another model, which does not see the try before, and follow it."""

    async def verb(studio: Studio) -> int:
        chosen = model_name(model)
        found = await studio.chats.run(run)
        name = (await studio.projects.by_id(found.project)).name
        sent = await studio.retries.retry(found.id, chosen, files=files)
        if not json:
            say_model(ModelRef.parse(chosen))
            output.note(f"Run {found.id} tries again · {chosen}")
        return await follow(studio, sent, name, json=json, wait=wait)

    session.follow(verb, json=json)
