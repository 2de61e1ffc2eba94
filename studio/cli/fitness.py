"""studio models fit: what a model that runs here can do, and which roles it may play."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from studio.app.fitness import Progress
from studio.app.standing import Access
from studio.app.studio import Studio
from studio.cli import output, session
from studio.cli.options import Json, ProjectOption
from studio.domain import exits
from studio.domain.clock import to_text
from studio.domain.fitness import Fitness, RoleFit, ToolForm, Tries
from studio.domain.models import ModelRef
from studio.domain.runs import Run

_FORMS = {ToolForm.NATIVE: "in its provider's own form", ToolForm.TEXT: "as text", ToolForm.NONE: "in no form"}


def fit(
    model: Annotated[str | None, typer.Argument(help="provider/name; all that was measured when left out.")] = None,
    project: ProjectOption = None,
    show: Annotated[bool, typer.Option("--show", help="Show what was measured last; ask nothing.")] = False,
    json: Json = False,
) -> None:
    """Try out what a model that runs here can do, and see which roles it may play. Takes minutes on a slow machine."""

    async def verb(studio: Studio) -> int:
        within = (await studio.projects.find(project)).id if project else None
        if model is None:
            found = await studio.fitness.list()
            if json:
                output.document([_of(one, await studio.fitness.judge(one, within)) for one in found])
                return exits.OK
            rows = [(*_row(one), _names(await studio.fitness.judge(one, within))) for one in found]
            head = ("MODEL", "CONTEXT", "CALLS", "JSON", "TOKENS/S", "ROLES IT MAY PLAY")
            output.table(head, rows, "No model was measured yet: studio models fit PROVIDER/NAME")
            return exits.OK
        ref = await studio.models.named(model)
        one = await _measured(studio, ref, show)
        if one is None:
            output.note(f"{ref} was not measured yet: studio models fit {ref}")
            return exits.MISSING
        judged = await studio.fitness.judge(one, within)
        if json:
            output.document(_of(one, judged))
        else:
            _tell(one, judged)
        return exits.OK

    session.run(verb, Access.READ if model is None or show else Access.WRITE)


async def say_fitness(studio: Studio, run: Run) -> None:
    """Says what speaks against the run's model in its role, or that a model that runs here was not tried out yet."""
    if said := await studio.fitness.warning(run.model, run.role, run.project):
        output.note(f"{said} It is asked all the same.")
    elif await studio.fitness.unmeasured(run.model):
        output.note(f"What {run.model} can do was not tried out here yet: studio models fit {run.model}")


async def _measured(studio: Studio, model: ModelRef, show: bool) -> Fitness | None:
    if show:
        return await studio.fitness.of(model)

    def tell(progress: Progress) -> None:
        output.note(f"  {progress.sentence}")

    return await studio.fitness.measure(model, tell)


def _tell(found: Fitness, judged: tuple[RoleFit, ...]) -> None:
    calls = found.calls
    for what, value in (
        ("context", f"{found.context_tokens:,} tokens, of {found.claimed_tokens:,} that are claimed"),
        ("tools", f"{calls.valid} of {calls.total} calls right, {calls.none} not made, {_FORMS[found.form]}"),
        ("JSON", f"{found.json_exact} of {found.json_tried} documents exact"),
        ("speed", f"{found.tokens_per_second:g} tokens/s, the first after {found.first_token_ms:.0f} ms"),
        ("measured", to_text(found.measured)),
    ):
        output.say(f"{what:10}  {value}")
    output.say("")
    rows = [(role.role, role.tier.value, "yes" if role.fits else "no", role.why) for role in judged]
    output.table(("ROLE", "TIER", "FIT", "WHY"), rows, "There is no role.")


def in_short(found: Fitness) -> str:
    """What was measured, on one line."""
    return f"{found.context_tokens:,} tokens, tools {_FORMS[found.form]}, {found.tokens_per_second:g} tokens/s"


def _row(found: Fitness) -> tuple[str, ...]:
    calls = found.calls
    return (
        str(found.model),
        f"{found.context_tokens:,}",
        f"{calls.valid}/{calls.total} {found.form.value}",
        f"{found.json_exact}/{found.json_tried}",
        f"{found.tokens_per_second:g}",
    )


def _names(judged: tuple[RoleFit, ...]) -> str:
    return ", ".join(role.role for role in judged if role.fits) or "none"


def _of(found: Fitness, judged: tuple[RoleFit, ...]) -> dict[str, Any]:
    return {
        "model": str(found.model),
        "measured": to_text(found.measured),
        "claimed_tokens": found.claimed_tokens,
        "context_tokens": found.context_tokens,
        "tool_form": found.form.value,
        "native": _of_tries(found.native),
        "text": _of_tries(found.text),
        "json_exact": found.json_exact,
        "json_tried": found.json_tried,
        "tokens_per_second": found.tokens_per_second,
        "first_token_ms": found.first_token_ms,
        "roles": [{"role": r.role, "tier": r.tier.value, "fits": r.fits, "why": r.why} for r in judged],
    }


def _of_tries(tries: Tries | None) -> dict[str, int] | None:
    return None if tries is None else {"valid": tries.valid, "wrong": tries.wrong, "none": tries.none}
