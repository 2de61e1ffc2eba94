"""studio budget: how much may be paid, for what, within which time."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from studio.app.budgets import BudgetView
from studio.app.standing import Access
from studio.app.studio import Studio
from studio.cli import estimates, output, session
from studio.cli.amounts import dollars
from studio.cli.kept import spent
from studio.cli.options import Json
from studio.cli.verbs import Verbs
from studio.domain import exits
from studio.domain.budgets import Period, Reservation
from studio.domain.clock import to_text
from studio.domain.errors import NotFound, UserError
from studio.domain.money import NanoUsd, show

app = typer.Typer(cls=Verbs, help="Budgets: how much your agents may cost.", invoke_without_command=True)

SCOPE_HELP = "company, a project's name, project:NAME, brief:ID, task:ID or run:ID."

ScopeArgument = Annotated[str, typer.Argument(metavar="SCOPE", help=SCOPE_HELP)]


app.command("estimate")(estimates.estimate)


@app.callback()
def budget(context: typer.Context, json: Json = False) -> None:
    """List the budgets and where they stand."""
    if context.invoked_subcommand is None:
        _list(json)


@app.command("list")
def list_(json: Json = False) -> None:
    """List the budgets, where they stand, and what is held for calls."""
    _list(json)


@app.command("set")
def set_(
    scope: ScopeArgument,
    usd: Annotated[str, typer.Argument(metavar="USD", help="The ceiling in dollars, like 20 or 0.50.")],
    per: Annotated[Period, typer.Option(help="From when on what is paid counts; days and months begin in UTC.")] = (
        Period.TOTAL
    ),
    alert: Annotated[int, typer.Option(min=1, max=100, metavar="PERCENT", help="Tell when so much is used.")] = 80,
    json: Json = False,
) -> None:
    """Set a ceiling, in place of the one that the scope has for the same period."""

    async def verb(studio: Studio) -> int:
        view = await studio.budgets.set(scope, dollars(usd), per, alert)
        if json:
            output.document(_of_budget(view))
        else:
            output.say(f"{_ceiling(view)}. {spent(view.balance)}, {_left(view)} is left.")
        return exits.OK

    session.run(verb, Access.WRITE)


@app.command("remove")
def remove(
    scope: ScopeArgument,
    per: Annotated[Period | None, typer.Option(help="Only the ceiling for this period.")] = None,
    json: Json = False,
) -> None:
    """Take the ceilings of a scope away."""

    async def verb(studio: Studio) -> int:
        gone = await studio.budgets.remove(scope, per)
        if json:
            output.document([_of_budget(view) for view in gone])
        for view in gone if not json else ():
            output.say(f"Gone: {_ceiling(view)}.")
        return exits.OK

    session.run(verb, Access.WRITE)


@app.command("release")
def release(
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="ID", help="The reservations, of studio budget list.")
    ] = None,
    run: Annotated[str | None, typer.Option(metavar="RUN", help="All that is kept for the calls of this run.")] = None,
    json: Json = False,
) -> None:
    """Let go of money that is kept for a call without a known end: you know that it cost no more than was recorded.

    With `--json`, one ID gives one reservation, anything else a list of them.
    """

    async def verb(studio: Studio) -> int:
        gone = [await studio.budgets.release(each) for each in await _kept_ids(studio, ids or [], run)]
        if json:
            rows = [_of_reservation(each) for each in gone]
            output.document(rows[0] if ids and len(ids) == 1 and run is None else rows)
        for each in gone if not json else ():
            output.say(f"Released {show(each.held_nusd)} that was kept for a call to {each.model}, {each.whose}.")
        return exits.OK

    session.run(verb, Access.WRITE)


async def _kept_ids(studio: Studio, ids: list[str], run: str | None) -> list[str]:
    """What is to be released, so that nothing is where one of it is not kept. Raises UserError."""
    if bool(ids) == (run is not None):
        raise UserError("Say what is to be released.", "Write the ids of studio budget list, or --run RUN.")
    kept = [row for row in await studio.budgets.reservations() if row.kept]
    if run is not None:
        found = (await studio.chats.run(run)).id
        of_run = [str(row.id) for row in kept if row.run == found]
        if not of_run:
            raise NotFound(f"Nothing is kept for the calls of run {found}.", "See what is: studio budget list")
        return of_run
    for wrong in (each for each in ids if each not in {row.id for row in kept}):
        raise NotFound(
            f"There is no kept reservation {wrong}; nothing is released.", "See which there are: studio budget list"
        )
    return list(dict.fromkeys(ids))


def _list(json: bool) -> None:
    async def verb(studio: Studio) -> int:
        views, reservations = await studio.budgets.list(), await studio.budgets.reservations()
        if json:
            held = [_of_reservation(row) for row in reservations]
            output.document({"budgets": [_of_budget(view) for view in views], "reservations": held})
            return exits.OK
        empty = "No budget limits what agents may cost. Set one: studio budget set company 20 --per month"
        head = ("SCOPE", "PER", "CEILING", "PAID", "HELD", "LEFT", "USED")
        output.table(head, [_row(view) for view in views], empty)
        _show_reservations(reservations)
        return exits.OK

    session.run(verb, Access.READ)


def _show_reservations(rows: tuple[Reservation, ...]) -> None:
    if under_way := [row for row in rows if not row.kept]:
        held = show(NanoUsd(sum(row.held_nusd for row in under_way)))
        calls = "one call" if len(under_way) == 1 else f"{len(under_way)} calls"
        output.say(f"Held for {calls} under way: {held}, the most that can cost.")
    kept = [row for row in rows if row.kept]
    if not kept:
        return
    output.say("Kept for calls that ended without anybody knowing what they cost:")
    for row in kept:
        when = to_text(row.time)[:16].replace("T", " ")
        output.say(f"  {row.id}  {show(row.held_nusd)}  {row.model}  {row.whose}, {when} UTC")
    output.say("Once your provider's bill says what they cost: studio budget release ID …, or --run RUN")


def _row(view: BudgetView) -> tuple[str, ...]:
    budget, balance = view.budget, view.balance
    amounts = (budget.ceiling_nusd, balance.paid_nusd, balance.held_nusd)
    return (view.whom, budget.period.value, *map(show, amounts), _left(view), f"{balance.used:.0%}")


def _ceiling(view: BudgetView) -> str:
    period = view.budget.period
    per = "in total" if period is Period.TOTAL else f"per {period}"
    return f"{view.whom}: {show(view.budget.ceiling_nusd)} {per}, told at {view.budget.alert_percent}%"


def _left(view: BudgetView) -> str:
    return show(NanoUsd(max(0, view.balance.left_nusd)))


def _of_budget(view: BudgetView) -> dict[str, Any]:
    budget, balance = view.budget, view.balance
    return {
        "scope": view.whom,
        "per": budget.period.value,
        "ceiling_usd": output.usd(budget.ceiling_nusd),
        "alert_percent": budget.alert_percent,
        "paid_usd": output.usd(balance.paid_nusd),
        "held_usd": output.usd(balance.held_nusd),
        "kept_usd": output.usd(balance.kept_nusd),
        "left_usd": output.usd(balance.left_nusd),
    }


def _of_reservation(row: Reservation) -> dict[str, Any]:
    return {
        "id": row.id,
        "time": to_text(row.time),
        "project": row.project or None,
        "run": row.run or None,
        "role": row.role,
        "model": str(row.model),
        "held_usd": output.usd(row.held_nusd),
        "kept": row.kept,
    }
