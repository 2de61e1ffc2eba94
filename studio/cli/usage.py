"""studio usage: tokens and cost."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from studio.app.standing import Access
from studio.app.studio import Studio
from studio.cli import output, session
from studio.cli.options import Json, ProjectOption
from studio.domain import exits
from studio.domain.money import NanoUsd, show_sum


class By(StrEnum):
    """What usage can be summed by."""

    MODEL = "model"
    ROLE = "role"
    RUN = "run"
    TASK = "task"
    DAY = "day"


COLUMNS = (
    "project",
    "run",
    "role",
    "provider",
    "model",
    "day",
    "calls",
    "input",
    "output",
    "cache_read",
    "cache_write",
)


def usage(
    project: ProjectOption = None,
    by: Annotated[By, typer.Option(help="What to sum by.")] = By.RUN,
    json: Json = False,
    csv: Annotated[bool, typer.Option("--csv", help="Write comma-separated values.")] = False,
) -> None:
    """Show tokens and cost."""

    async def verb(studio: Studio) -> int:
        only = (await studio.projects.find(project)).id if project else None
        names: dict[str, str] = {found.id: found.name for found in await studio.projects.list()}
        rows = await studio.usage.rows(only, by.value)
        described = [
            {
                **{name: getattr(row, name) for name in COLUMNS},
                "project": names.get(row.project, row.project) if row.project else None,
                # A sum that leaves calls out would look like the whole cost.
                "cost_usd": None if row.unpriced else output.usd(row.cost_nusd),
                "unpriced": row.unpriced,
            }
            for row in rows
        ]
        if json:
            output.document(described)
        elif csv:
            output.csv((*COLUMNS, "cost_usd", "unpriced"), described)
        else:
            shown = [
                (
                    str(getattr(row, by.value) or "none"),
                    str(row.calls),
                    str(row.input),
                    str(row.output),
                    str(row.cache_read),
                    show_sum(NanoUsd(row.cost_nusd) if row.cost_nusd is not None else None, row.unpriced),
                )
                for row in rows
            ]
            head = (by.value.upper(), "CALLS", "INPUT", "OUTPUT", "CACHED", "COST")
            output.table(head, shown, "Nothing was used yet.")
        return exits.OK

    session.run(verb, Access.READ)
