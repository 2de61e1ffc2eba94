"""studio image: the image that sandboxes start from."""

from __future__ import annotations

import typer

from studio.app.standing import Access
from studio.app.studio import Studio
from studio.cli import output, session
from studio.cli.options import Json
from studio.cli.verbs import Verbs
from studio.domain import exits

app = typer.Typer(cls=Verbs, help="The image that sandboxes start from.", no_args_is_help=True)


@app.command("build")
def build(json: Json = False) -> None:
    """Make sure that the image is there; the first time takes a few minutes."""

    async def verb(studio: Studio) -> int:
        tag = await studio.images.ensure(output.note)
        if json:
            output.document({"image": tag})
        else:
            output.say(f"{tag} is ready.")
        return exits.OK

    session.run(verb, Access.READ)
