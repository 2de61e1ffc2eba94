"""studio secret: values that agents and providers need and nobody may read, by name."""

from __future__ import annotations

import getpass
import sys
from typing import Annotated

import typer

from studio.app.standing import Access
from studio.app.studio import Studio
from studio.cli import output, session
from studio.cli.options import Json, ProjectOption
from studio.cli.verbs import Verbs
from studio.domain import exits
from studio.domain.ids import ProjectId
from studio.domain.secrets import LONGEST

app = typer.Typer(cls=Verbs, help="Secrets by name, as provider:anthropic; values are never printed.")

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="The secret's name, as provider:anthropic.")]


@app.command("set")
def set_(name: NameArgument, project: ProjectOption = None, json: Json = False) -> None:
    """Keep a value, given on standard input, under a name; the key of a provider is used at once."""
    value = _read()

    async def verb(studio: Studio) -> int:
        place = await studio.vault.set(name, value, await _project(studio, project))
        if json:
            output.document({"name": name, "place": place.sentence, "weaker": place.weaker})
        else:
            output.say(f"{name} is kept {place.sentence}.")
        if place.weaker:
            output.note(
                "Whoever reads the data folder can read it. A keyring, or STUDIO_VAULT_PASSPHRASE, is stronger."
            )
        return exits.OK

    session.run(verb, Access.WRITE)


@app.command("list")
def list_(project: ProjectOption = None, json: Json = False) -> None:
    """List the names of what is kept."""

    async def verb(studio: Studio) -> int:
        found = await studio.vault.list(await _project(studio, project))
        names: dict[str, str] = {each.id: each.name for each in await studio.projects.list()}
        rows = [(secret.name, names.get(secret.project, secret.project)) for secret in found]
        if json:
            output.document([{"name": name, "project": whose or None} for name, whose in rows])
        else:
            table = [(name, whose or "all") for name, whose in rows]
            output.table(("SECRET", "PROJECT"), table, "No secret is kept.")
        return exits.OK

    session.run(verb, Access.READ)


@app.command("remove")
def remove(name: NameArgument, project: ProjectOption = None, json: Json = False) -> None:
    """Forget a secret."""

    async def verb(studio: Studio) -> int:
        await studio.vault.remove(name, await _project(studio, project))
        if json:
            output.document({"name": name, "removed": True})
        else:
            output.say(f"{name} is forgotten.")
        return exits.OK

    session.run(verb, Access.WRITE)


async def _project(studio: Studio, named: str | None) -> ProjectId | None:
    return (await studio.projects.find(named)).id if named else None


def _read() -> str:
    """The value: from a pipe as it is, in a terminal without showing what is typed."""
    if sys.stdin.isatty():
        return getpass.getpass("Value (not shown): ")
    return sys.stdin.read(LONGEST + 2)
