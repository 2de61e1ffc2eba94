"""studio usage: tokens and cost."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import Annotated

import typer

from studio.app.standing import Access
from studio.app.studio import Studio
from studio.app.usage import UsageRow, as_csv, described
from studio.cli import output, session
from studio.cli.options import Json, ProjectOption
from studio.domain import exits
from studio.domain.errors import UserError
from studio.domain.money import NanoUsd, show, show_sum
from studio.domain.within import Within, read_day, read_month


class By(StrEnum):
    """What usage can be summed by."""

    MODEL = "model"
    ROLE = "role"
    RUN = "run"
    TASK = "task"
    BRIEF = "brief"
    DAY = "day"
    PROJECT = "project"


def usage(
    project: ProjectOption = None,
    by: Annotated[
        By | None, typer.Option(help="What to sum by: run, unless --month is written as CSV.", show_default="run")
    ] = None,
    since: Annotated[str, typer.Option(help="Only calls from this day (UTC) on: 2026-01-31.")] = "",
    month: Annotated[str, typer.Option(help="Only calls of this month (UTC): 2026-01.")] = "",
    json: Json = False,
    csv: Annotated[
        bool,
        typer.Option(
            "--csv", help="Write comma-separated values; of a month each day, project, role and model by itself."
        ),
    ] = False,
) -> None:
    """Show tokens and cost."""

    async def verb(studio: Studio) -> int:
        only = (await studio.projects.find(project)).id if project else None
        within = _within(since, month)
        if csv and month and by is None:
            sys.stdout.write(await studio.usage.month_csv(read_month(month), only))
            return exits.OK
        wanted = by or By.RUN
        rows = await studio.usage.rows(only, wanted.value, within.since, within.until)
        names = await studio.usage.names()
        if json:
            output.document([described(row, names) for row in rows])
        elif csv:
            sys.stdout.write(as_csv(rows, names))
        else:
            shown = [
                (
                    _named(row, wanted, names),
                    str(row.calls),
                    str(row.input),
                    str(row.output),
                    str(row.cache_read),
                    show_sum(NanoUsd(row.cost_nusd) if row.cost_nusd is not None else None, row.unpriced),
                    _saved(row.saved_nusd),
                )
                for row in rows
            ]
            head = (wanted.value.upper(), "CALLS", "INPUT", "OUTPUT", "CACHED", "COST", "SAVED")
            nothing = "Nothing was used yet." if within == Within() else "Nothing was used in that time."
            output.table(head, shown, nothing)
        return exits.OK

    session.run(verb, Access.READ)


def _within(since: str, month: str) -> Within:
    if since and month:
        raise UserError("--since and --month say two different times.", "Write one of them.")
    if month:
        return Within.month(read_month(month))
    if since:
        day = read_day(since)
        return Within(since=Within.days(day, day).since)
    return Within()


def _saved(amount: int) -> str:
    return f"-{show(NanoUsd(-amount))}" if amount < 0 else show(NanoUsd(amount))


def _named(row: UsageRow, by: By, names: dict[str, str]) -> str:
    if by is By.MODEL:
        return f"{row.provider}/{row.model}"
    value = str(getattr(row, by.value) or "none")
    return names.get(value, value) if by is By.PROJECT else value
