"""studio usage: tokens and cost."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated

import typer

from studio.app.standing import Access
from studio.app.studio import Studio
from studio.app.usage import UsageRow, as_csv, described
from studio.base.text import shorten
from studio.cli import output, session
from studio.cli.kept import kept_now
from studio.cli.options import Json, ProjectOption
from studio.domain import exits
from studio.domain.errors import UserError
from studio.domain.ids import RunId
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
            titles = {run.id: run.title for run in await studio.chats.runs(only)} if wanted is By.RUN else None
            nothing = "Nothing was used yet." if within == Within() else "Nothing was used in that time."
            _show(rows, wanted, names, titles, nothing)
            if kept := await kept_now(studio, only):
                output.note(f"Not in it: {kept}")
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


def _show(
    rows: tuple[UsageRow, ...], by: By, names: dict[str, str], titles: Mapping[RunId, str] | None, nothing: str
) -> None:
    """The sums, below several of them what they come to, and beside those of runs what these are called."""
    lines = [(_named(row, by, names), *_sums(row)) for row in rows]
    if len(rows) > 1:
        lines.append(("all", *_sums(_total(rows))))
    head = (by.value.upper(), "CALLS", "INPUT", "OUTPUT", "CACHED", "COST", "SAVED")
    if titles is None:
        output.table(head, lines, nothing)
        return
    called = [shorten(output.one_line(titles.get(RunId(name), "")), 60) for name, *_ in lines]
    output.table((*head, "TITLE"), [(*line, title) for line, title in zip(lines, called, strict=True)], nothing)


def _sums(row: UsageRow) -> tuple[str, ...]:
    cost = show_sum(NanoUsd(row.cost_nusd) if row.cost_nusd is not None else None, row.unpriced)
    return (*map(str, (row.calls, row.input, row.output, row.cache_read)), cost, _saved(row.saved_nusd))


def _total(rows: tuple[UsageRow, ...]) -> UsageRow:
    priced = [row.cost_nusd for row in rows if row.cost_nusd is not None]
    return UsageRow(
        sum(row.calls for row in rows),
        sum(row.input for row in rows),
        sum(row.output for row in rows),
        sum(row.cache_read for row in rows),
        sum(row.cache_write for row in rows),
        sum(priced) if priced else None,
        sum(row.unpriced for row in rows),
        saved_nusd=sum(row.saved_nusd for row in rows),
    )


def _saved(amount: int) -> str:
    return f"-{show(NanoUsd(-amount))}" if amount < 0 else show(NanoUsd(amount))


def _named(row: UsageRow, by: By, names: dict[str, str]) -> str:
    if by is By.MODEL:
        return f"{row.provider}/{row.model}"
    value = str(getattr(row, by.value) or "none")
    return names.get(value, value) if by is By.PROJECT else value
