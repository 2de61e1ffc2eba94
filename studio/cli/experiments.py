"""studio experiments: two ways of doing a role's work, compared."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from studio.app import experiment_words as words
from studio.app.experiments import ExperimentView
from studio.app.standing import Access
from studio.app.studio import Studio
from studio.cli import output, session
from studio.cli.options import Json
from studio.cli.verbs import Verbs
from studio.domain import exits
from studio.domain.experiments import ExperimentProblem

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
            (view.name, view.role, *(f"{name}: {words.runs(count)}" for name, count in words.drawn(view)), state)
            for view, state in ((each, words.state(each)) for each in views)
        ]
        nothing = "There is none: write one to experiments/NAME.toml in the data folder (see docs/command-line.md)."
        output.table(("EXPERIMENT", "ROLE", "ONE", "OTHER", "STATE"), lines, nothing)
        for problem in problems:
            output.note(f"{problem.sentence} {problem.hint}".rstrip())
        return exits.OK

    session.run(verb, Access.READ)


def _say(view: ExperimentView) -> None:
    output.say(f"{view.name} · {view.role} · {words.state(view)}")
    if view.about:
        output.say(view.about)
    for line in words.taking_part(view):
        output.say(line)
    print()
    output.table([each.upper() for each in words.head(view)], words.rows(view), "")
    print()
    output.say(words.MISLEADING)


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
            for (name, runs), going_on in zip(words.drawn(view), view.going_on, strict=True)
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
