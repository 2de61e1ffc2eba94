"""studio models: which models can be asked, and which are tried where nobody names one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import typer

from studio.app.standing import Access
from studio.app.studio import Studio
from studio.cli import fitness, output, pulls, routing, session
from studio.cli.options import Json
from studio.cli.verbs import Verbs
from studio.domain import exits
from studio.domain.fitness import Fitness
from studio.domain.models import ModelCard, ModelRef
from studio.domain.roles import Tier
from studio.domain.routing import Routed, is_auto

app = typer.Typer(
    cls=Verbs, help="Models: what can be asked, what is tried first, what they can do.", invoke_without_command=True
)

app.command("fit")(fitness.fit)
app.command("pull")(pulls.pull)
app.command("tier")(routing.tier)
app.command("prefer")(routing.prefer)
app.command("role")(routing.role)

_NO_TABLE = """\
There is no routing table. With one, a run that names no model takes those of its role's tier, and the next one when one
fails. Name some, best first; they are kept in {path}:

    studio models tier fast groq/llama-3.1-8b-instant ollama/qwen3:4b
    studio models tier strong anthropic/claude-sonnet-4-5 ollama/qwen3:32b"""


@app.callback()
def list_(context: typer.Context, json: Json = False) -> None:
    """List the models on offer, and what the routing table gives for each tier at this moment."""
    if context.invoked_subcommand is not None:
        return

    async def verb(studio: Studio) -> int:
        offer = await studio.models.on_offer()
        cards = [card for card in offer.cards if not is_auto(card.ref)]
        tiers = {tier: await studio.models.routed(tier) for tier in Tier} if studio.models.table().models else {}
        measured = {found.model: found for found in await studio.fitness.list()}
        if json:
            models = [_of_card(card, measured) for card in cards]
            output.document({"models": models, "no_list_from": list(offer.silent), "tiers": _of_tiers(tiers)})
            return exits.OK
        untried = [card.ref for card in cards if await studio.fitness.unmeasured(card.ref)]
        said = {model: fitness.in_short(found) for model, found in measured.items()}
        said |= dict.fromkeys(untried, "not tried out yet")
        rows = [(str(card.ref), card.context_in_words, said.get(card.ref, "")) for card in cards]
        output.table(("MODEL", "CONTEXT", "MEASURED"), rows, "No model is on offer. See what is missing: studio doctor")
        if offer.silent:
            output.note(f"{offer.silence} See why: studio providers test {next(iter(offer.silent))}")
        if untried:
            output.note(f"Try out what a model that runs here can do: studio models fit {untried[0]}")
        print()
        for notice in await studio.routing.misspelt_roles():
            output.note(notice)
        if not tiers:
            # A table with a mistake is none to go by, but the person wrote one: that is told instead.
            await studio.routing.show()
            print(_NO_TABLE.format(path=studio.paths.home / "models.toml"))
            return exits.OK
        routes = [(tier.value, ", ".join(map(str, each.route)) or "none", each.why) for tier, each in tiers.items()]
        output.table(("TIER", "TRIED IN THIS ORDER", "WHY"), routes, "")
        return exits.OK

    session.run(verb, Access.READ)


def _of_card(card: ModelCard, measured: Mapping[ModelRef, Fitness]) -> dict[str, Any]:
    found = measured.get(card.ref)
    return {
        "model": str(card.ref),
        "context_tokens": card.context_tokens,
        "given_tokens": card.given_tokens,
        "tools": card.tools,
        "measured_tokens": found.context_tokens if found else None,
        "tool_form": found.form.value if found else None,
    }


def _of_tiers(tiers: dict[Tier, Routed]) -> dict[str, Any]:
    return {tier.value: {"route": list(map(str, each.route)), "why": each.why} for tier, each in tiers.items()}
