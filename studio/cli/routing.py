"""studio models tier, prefer and role: what stands in the routing table."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

import typer

from studio.app.standing import Access
from studio.app.studio import Studio
from studio.cli import output, session
from studio.cli.options import Json
from studio.domain import exits
from studio.domain.errors import UserError
from studio.domain.models import ModelRef
from studio.domain.roles import Tier
from studio.domain.routing import Preference, RoutingTable

USUAL = "usual"
EITHER = "="
"""Stands between models of one line, of which price and measured speed choose the first."""


def tier(
    tier: Annotated[Tier, typer.Argument(help="Which tier.")],
    models: Annotated[
        list[str] | None,
        typer.Argument(metavar="MODEL…", help=f"Best first; A{EITHER}B: as price and speed say."),
    ] = None,
    add: Annotated[str | None, typer.Option(metavar="MODEL", help="Put one below the others.")] = None,
    first: Annotated[str | None, typer.Option(metavar="MODEL", help="Put one before the others.")] = None,
    remove: Annotated[str | None, typer.Option(metavar="MODEL", help="Take one out.")] = None,
    empty: Annotated[bool, typer.Option("--empty", help="Take all out.")] = False,
    json: Json = False,
) -> None:
    """Show the models of a tier, or give it others: in this order they are tried."""
    ways = [bool(models), add is not None, first is not None, remove is not None, empty]

    async def verb(studio: Studio) -> int:
        if sum(ways) > 1:
            raise UserError(
                "That says two things at once.", "Name models, or one of --add, --first, --remove, --empty."
            )
        lines = [list(map(str, line)) for line in (await studio.routing.show()).lines(tier)]
        if any(ways):
            seen = tuple(map(tuple, lines))
            wanted = _changed(lines, models, add, first, remove)
            await studio.routing.set_tier(tier, tuple(map(tuple, wanted)), seen)
            await _say_unlisted(
                studio, {name for line in wanted for name in line} - {name for line in lines for name in line}
            )
        return await _show(studio, json)

    session.run(verb, Access.WRITE if any(ways) else Access.READ)


def prefer(
    which: Annotated[Preference, typer.Argument(help="What is tried first within a tier.")], json: Json = False
) -> None:
    """Try models that run here first, or those of the cloud."""

    async def verb(studio: Studio) -> int:
        await studio.routing.set_preference(which)
        return await _show(studio, json)

    session.run(verb, Access.WRITE)


def role(
    role: Annotated[str, typer.Argument(metavar="ROLE", help="A role's name.")],
    tier: Annotated[str, typer.Argument(metavar="TIER", help=f"fast, standard, strong; {USUAL}: what its file says.")],
    json: Json = False,
) -> None:
    """Give a role another tier than its own file says."""

    async def verb(studio: Studio) -> int:
        if tier not in (USUAL, *Tier):
            raise UserError(f"There is no tier “{tier}”.", f"Write one of: {', '.join(Tier)}, {USUAL}.")
        await studio.routing.set_role(role, None if tier == USUAL else Tier(tier))
        return await _show(studio, json)

    session.run(verb, Access.WRITE)


def _changed(
    lines: list[list[str]], models: list[str] | None, add: str | None, first: str | None, remove: str | None
) -> list[list[str]]:
    """The lines as they are to be; raises UserError for a model to be removed that is not there."""
    if remove is not None:
        if not any(remove in line for line in lines):
            raise UserError(f"{remove} does not stand in that tier.", "See what does: studio models tier TIER")
        return [[name for name in line if name != remove] for line in lines]
    if first is not None:
        return [first.split(EITHER), *lines]
    if add is not None:
        return [*lines, add.split(EITHER)]
    return [name.split(EITHER) for name in models or ()]


async def _say_unlisted(studio: Studio, names: Iterable[str]) -> None:
    """Says of models that were put into a tier what their providers do not list."""
    for model, caution in (await studio.models.cautions(map(ModelRef.parse, sorted(names)))).items():
        output.note(f"{model}: {caution} It is tried all the same.")


async def _show(studio: Studio, json: bool) -> int:
    table = await studio.routing.show()
    if json:
        output.document(_of_table(table))
        return exits.OK
    rows = [(each.value, ", ".join(EITHER.join(map(str, line)) for line in table.lines(each))) for each in Tier]
    output.table(("TIER", "MODELS, BEST FIRST"), [(name, models or "none") for name, models in rows], "")
    output.say(f"First within a tier: {table.prefer} models.")
    if table.roles:
        output.say(f"Other tiers than usual: {', '.join(f'{name} {each}' for name, each in table.roles.items())}.")
    return exits.OK


def _of_table(table: RoutingTable) -> dict[str, Any]:
    return {
        "tiers": {each.value: [list(map(str, line)) for line in table.lines(each)] for each in Tier},
        "prefer": table.prefer.value,
        "roles": {name: each.value for name, each in table.roles.items()},
    }
