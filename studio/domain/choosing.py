"""Choosing: which models are tried for a step, and in which order, where nobody named one."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from studio.domain.difficulty import Difficulty
from studio.domain.models import ModelRef
from studio.domain.roles import Tier
from studio.domain.routing import Facts, Line, Preference, Routed, RoutingTable, Wants

Known = Mapping[ModelRef, Facts]


def choose(table: RoutingTable, wants: Wants, known: Known) -> Routed:
    """The route of one step: the tier's models, then those of weaker tiers, then of stronger ones.

    Left out are models that cannot be used, and those whose window is too small unless no other one is left. With a
    preference for the cloud local models come last of all, as they always can be asked, unless the tier holds nothing
    else that can be used; with one for local models they come first within their tier. Within a line the cheaper one
    comes first. Those that were measured as unfit for the tier come last. `known` holds every model of the table.
    """
    usable = [model for model in table.models if known[model].usable]
    tier, reason = _tier(table, wants, known)
    wanted, *others = (_ordered(table, each, wants, known) for each in (tier, *_weaker(tier), *_stronger(tier)))
    found = [*wanted, *(model for models in others for model in models)]
    if table.prefer is Preference.CLOUD:
        ahead = [] if any(not known[model].is_local for model in wanted) else wanted
        found = [*ahead, *sorted(found, key=lambda model: known[model].is_local)]
    # Sorting keeps the order among equals.
    found = sorted(dict.fromkeys(found), key=lambda model: not known[model].suits(tier))
    route = _with_room(found, wants, known)
    if not route:
        missing = "No model of the routing table can be used." if table.models else _NO_MODEL
        return Routed((), tier, missing)
    return Routed(tuple(route), tier, reason or _why(table, tier, wants, known, route, usable))


_NO_MODEL = "The routing table models.toml names no model."


def _tier(table: RoutingTable, wants: Wants, known: Known) -> tuple[Tier, str]:
    """The tier that is asked, and why it is another one than is wanted."""

    def has(tier: Tier, *, tokens: int = 0) -> bool:
        return any(known[model].usable and known[model].window >= tokens for model in table.of(tier))

    tier, reason = wants.tier, ""
    if wants.difficulty is Difficulty.EASY:
        tier, reason = next(filter(has, _weaker(tier)), tier), wants.because
    elif wants.difficulty is Difficulty.HARD and not wants.save:
        tier, reason = next(filter(has, _stronger(tier)), tier), wants.because
    if wants.save and (weaker := next(filter(has, _weaker(tier)), None)):
        tier, reason = weaker, "a budget is nearly used up"
    if has(tier) and not has(tier, tokens=wants.tokens):
        roomy = filter(partial(has, tokens=wants.tokens), (*_stronger(tier), *_weaker(tier)))
        if (larger := next(roomy, None)) is not None:
            tier, reason = larger, f"no {tier} model takes the {wants.tokens:,} tokens that are shown"
    if tier is wants.tier:
        return tier, ""
    return tier, f"The {tier} tier instead of {wants.tier}, since {reason}."


def _weaker(tier: Tier) -> tuple[Tier, ...]:
    """The tiers below, the next one first."""
    return tuple(reversed(tuple(Tier)[: tuple(Tier).index(tier)]))


def _stronger(tier: Tier) -> tuple[Tier, ...]:
    """The tiers above, the next one first."""
    return tuple(Tier)[tuple(Tier).index(tier) + 1 :]


def _ordered(table: RoutingTable, tier: Tier, wants: Wants, known: Known) -> list[ModelRef]:
    """The models of a tier that can be used, each line by what is known, local ones first where that is preferred."""
    lines = (sorted(line, key=partial(_rank, wants=wants, known=known)) for line in table.lines(tier))
    models = [model for line in lines for model in line if known[model].usable]
    if table.prefer is Preference.LOCAL:
        models.sort(key=lambda model: not known[model].is_local)
    return models


def _rank(model: ModelRef, wants: Wants, known: Known) -> tuple[bool, bool, int, bool, float]:
    """Where a model stands on its line.

    Of the same price that one goes on which gave the last reply, since its provider has kept the chat so far. One that
    was not asked often enough to be measured goes before the others until it was.
    """
    facts = known[model]
    lately = facts.lately
    seconds = (lately.seconds if lately is not None else None) or 0.0
    failing = lately is not None and lately.mostly_failed
    return failing, facts.price is None, facts.price or 0, model != wants.last, seconds


def _with_room(found: list[ModelRef], wants: Wants, known: Known) -> list[ModelRef]:
    """Those that can be sent what is shown; the ones behind the first only if it is not shortened for their sake."""
    roomy = [model for model in found if known[model].window >= wants.tokens] or found
    if not roomy:
        return []
    least = min(wants.ease, known[roomy[0]].window)
    return [model for model in roomy if known[model].window >= least]


def _why(
    table: RoutingTable, tier: Tier, wants: Wants, known: Known, route: list[ModelRef], usable: list[ModelRef]
) -> str:
    of_tier = [model for model in table.of(tier) if model in usable]
    if not table.of(tier):
        return f"The {tier} tier names no model."
    if not of_tier:
        return f"No model of the {tier} tier can be used."
    if route[0] not in of_tier:
        if any(known[model].suits(tier) for model in of_tier):
            return f"No model of the {tier} tier that fits it takes the {wants.tokens:,} tokens that are shown."
        return f"Every model of the {tier} tier was measured as unfit for it."
    first = f"The {tier} tier, {table.prefer} models first"
    if table.prefer is Preference.CLOUD and known[route[0]].is_local:
        first = f"The {tier} tier, of which only models that run here can be used"
    line = next(line for line in table.lines(tier) if route[0] in line)
    behind = _behind(line, wants, known, route)
    unfit = next((model for model in of_tier if model in route and not known[model].suits(tier)), None)
    last = f"{unfit} last, as it was measured as unfit" if unfit else ""
    return "; ".join(filter(None, (first, behind, last))) + "."


def _behind(line: Line, wants: Wants, known: Known, route: list[ModelRef]) -> str:
    """By which figure the first model stands before the next one on its line; empty where it stands alone."""
    first, *others = (model for model in route if model in line)
    if not others:
        return ""
    second = others[0]
    one, other = known[first], known[second]
    before = f"{first} before {second}"
    if other.lately is not None and other.lately.mostly_failed:
        return f"{before}, which failed {other.lately.failed} of {other.lately.tries} times in the last hour"
    if one.price != other.price:
        return f"{before}, whose price is {'not known' if other.price is None else 'higher'}"
    if first == wants.last:
        return f"{before}, as it gave the last reply"
    quick, slow = (facts.lately.seconds if facts.lately is not None else None for facts in (one, other))
    if slow is None or quick == slow:
        return f"{before}, as the table says"
    if quick is None:
        return f"{before}, until it is known how quick it is"
    return f"{before}, as it is quicker ({quick:.1f} s against {slow:.1f} s)"
