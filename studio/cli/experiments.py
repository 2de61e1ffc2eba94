"""studio experiments: two ways of doing a role's work, compared."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from studio.app.experiments import ExperimentView, MeasureView, ShareView
from studio.app.standing import Access
from studio.app.studio import Studio
from studio.cli import output, session
from studio.cli.options import Json
from studio.cli.verbs import Verbs
from studio.domain import exits
from studio.domain.experiments import ExperimentProblem
from studio.domain.medians import Middle

app = typer.Typer(cls=Verbs, help="Experiments: two ways of doing a role's work.", invoke_without_command=True)


@app.callback()
def experiments(context: typer.Context, json: Json = False) -> None:
    """List the experiments."""
    if context.invoked_subcommand is None:
        _list(json)


@app.command("list")
def list_(json: Json = False) -> None:
    """List the experiments, and how many runs took part."""
    _list(json)


@app.command("show")
def show(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The experiment, as its file is called.")],
    json: Json = False,
) -> None:
    """Compare the two variants of an experiment: counts, and between what the true difference lies."""

    async def verb(studio: Studio) -> int:
        view = await studio.experiments.show(name)
        if json:
            output.document(_of_view(view))
        else:
            _say(view)
        return exits.OK

    session.run(verb, Access.READ)


def _list(json: bool) -> None:
    async def verb(studio: Studio) -> int:
        views = [await studio.experiments.show(name) for name in await studio.experiments.names()]
        problems = (await studio.experiments.all()).problems
        if json:
            described = [_of_view(view) for view in views]
            output.document({"experiments": described, "problems": [_of_problem(each) for each in problems]})
            return exits.OK
        lines = [
            (view.name, view.role, *(f"{name}: {_runs(count)}" for name, count in _drawn(view)), _state(view))
            for view in views
        ]
        nothing = "There is none: write one to experiments/NAME.toml in the data folder (see docs/command-line.md)."
        output.table(("EXPERIMENT", "ROLE", "ONE", "OTHER", "STATE"), lines, nothing)
        for problem in problems:
            output.note(f"{problem.sentence} {problem.hint}".rstrip())
        return exits.OK

    session.run(verb, Access.READ)


def _say(view: ExperimentView) -> None:
    output.say(f"{view.name} · {view.role} · {_state(view)}")
    if view.about:
        output.say(view.about)
    for (name, count), going_on in zip(_drawn(view), view.going_on, strict=True):
        output.say(f"{name}: {_runs(count)}{f', of which {going_on} have not ended' if going_on else ''}")
    if view.of_older:
        output.say(f"{_runs(view.of_older)} of an older version of the file left out.")
    one, other = view.variants
    rows = [*map(_share_row, view.shares), *map(_measure_row, view.measures)]
    head = ("", one.upper(), other.upper(), f"{one} − {other}".upper(), "")
    print()
    output.table(head, rows, "")
    print()
    output.say("In brackets: where the true figure lies with 95 %. Of twenty such lines one misleads by chance.")


def _share_row(view: ShareView) -> tuple[str, ...]:
    cells = (
        f"{count} ({_percent(low)} to {_percent(high)} %)" if count.of else "–"
        for count, (low, high) in zip(view.counts, view.intervals, strict=True)
    )
    low, high = view.difference
    both = all(count.of for count in view.counts)
    return (view.what, *cells, f"({_percent(low)} to {_percent(high)} points)" if both else "–", view.verdict)


def _measure_row(view: MeasureView) -> tuple[str, ...]:
    apart = "–"
    if view.difference is not None:
        apart = f"({_amount(view.difference[0], view.unit)} to {_amount(view.difference[1], view.unit)})"
    return (f"{view.what}, median", *(_middle(each, view.unit) for each in view.middles), apart, view.verdict)


def _middle(found: Middle, unit: str) -> str:
    if found.median is None:
        return "–"
    if found.low is None or found.high is None:
        return f"{_amount(found.median, unit)} of {found.of}"
    return f"{_amount(found.median, unit)} ({_amount(found.low, unit)} to {_amount(found.high, unit)})"


def _amount(value: float, unit: str) -> str:
    sign, size = "−" if value < 0 else "", abs(value)
    if unit == "usd":
        return f"{sign}${size:.2f}" if size == 0 or size >= 1 else f"{sign}${size:.4f}"
    return f"{sign}{size:.1f} s" if unit == "seconds" else f"{sign}{size:g}"


def _percent(share: float) -> str:
    return f"{100 * share:.0f}".replace("-", "−")


def _drawn(view: ExperimentView) -> tuple[tuple[str, int], ...]:
    return tuple(zip(view.variants, view.runs, strict=True))


def _runs(count: int) -> str:
    return f"{count} run{'' if count == 1 else 's'}"


def _state(view: ExperimentView) -> str:
    if view.ended:
        return "ended: its file is gone"
    if view.missing:
        return f"waits: {', '.join(view.missing)} cannot be used"
    return "all new runs" if view.share == 1.0 else f"{100 * (view.share or 0):g} % of new runs"


def _of_view(view: ExperimentView) -> dict[str, Any]:
    return {
        "name": view.name,
        "role": view.role,
        "about": view.about or None,
        "share": view.share,
        "ended": view.ended,
        "missing": list(view.missing),
        "variants": [
            {"name": name, "runs": runs, "going_on": going_on}
            for (name, runs), going_on in zip(_drawn(view), view.going_on, strict=True)
        ],
        "of_older": view.of_older,
        "shares": [
            {
                "what": share.what,
                "counts": [{"hits": count.hits, "of": count.of} for count in share.counts],
                "intervals": [list(each) for each in share.intervals],
                "difference": list(share.difference),
                "verdict": share.verdict,
            }
            for share in view.shares
        ],
        "measures": [
            {
                "what": measure.what,
                "unit": measure.unit,
                "medians": [
                    {"of": each.of, "median": each.median, "low": each.low, "high": each.high}
                    for each in measure.middles
                ],
                "difference": list(measure.difference) if measure.difference else None,
                "verdict": measure.verdict,
            }
            for measure in view.measures
        ],
    }


def _of_problem(problem: ExperimentProblem) -> dict[str, Any]:
    return {"experiment": problem.name, "sentence": problem.sentence, "action": problem.hint or None}
