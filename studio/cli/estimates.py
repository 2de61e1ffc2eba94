"""studio budget estimate: what a run will take, told from what runs of the same kind took."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from studio.app.standing import Access
from studio.app.studio import Studio
from studio.cli import output, session
from studio.cli.options import Json
from studio.cli.run import model_name
from studio.domain import exits
from studio.domain.budgets import left_words
from studio.domain.estimates import LEAST_RUNS, Figures
from studio.domain.money import show


def estimate(
    project: Annotated[str, typer.Option("--project", "-p", help="A project's name, or its path.")],
    role: Annotated[str, typer.Option(help="Who does the work.")] = "engineer",
    model: Annotated[str | None, typer.Option(help="provider/name; the default model when left out.")] = None,
    json: Json = False,
) -> None:
    """Tell what a run will take, from the runs of that role with that model in a project."""

    async def verb(studio: Studio) -> int:
        found = await studio.projects.find(project)
        foreseen = await studio.estimates.of(found.id, role, model_name(model) if model else "")
        chosen, told = foreseen.model, foreseen.estimate
        if json:
            half, most = _of_figures(told.half), _of_figures(told.most)
            of = {"model": str(chosen), "role": role, "runs": told.runs, "by_price": told.by_price}
            output.document({**of, "half": half, "most": most})
        elif told.half is None or told.most is None:
            runs = "1 run" if told.runs == 1 else f"{told.runs} runs"
            few = f"Too few to say: {runs} of the role {role} with {chosen} in {found.name}"
            output.say(f"{few}, and it takes {LEAST_RUNS}.")
        else:
            if told.by_price:
                output.say(f"Too few runs of the role {role} with {chosen} in {found.name}.")
                output.say(f"Of {told.runs} with any model, at what their tokens cost with this one:")
            else:
                output.say(f"Of {told.runs} runs of the role {role} with {chosen} in {found.name}:")
            output.say(f"  half took up to {_in_words(told.half)}")
            output.say(f"  nine of ten took up to {_in_words(told.most)}")
            if foreseen.tightest is not None and foreseen.may_not_suffice:
                output.say(f"That may be more than is left: {left_words(foreseen.tightest)}.")
        return exits.OK

    session.run(verb, Access.READ)


def _in_words(figures: Figures) -> str:
    steps = "1 step" if figures.steps == 1 else f"{figures.steps} steps"
    time = f", {figures.seconds:.0f} s of the model's time" if figures.seconds is not None else ""
    return f"{show(figures.cost_nusd)}, {steps}{time}"


def _of_figures(figures: Figures | None) -> dict[str, Any] | None:
    if figures is None:
        return None
    return {"cost_usd": output.usd(figures.cost_nusd), "steps": figures.steps, "seconds": figures.seconds}
