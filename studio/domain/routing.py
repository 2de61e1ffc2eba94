"""Routing: which models are tried for a step, and in which order, where nobody named one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from studio.domain.models import AUTO, ModelRef
from studio.domain.roles import Tier

LOCAL_PROVIDERS = frozenset({"ollama"})
"""Providers whose models run on the person's own machine."""

BY_ROLE = "role"
"""The name of the automatic model that takes the tier from the run's role."""


class Preference(StrEnum):
    """Which models of a tier are tried first."""

    CLOUD = "cloud"
    LOCAL = "local"


@dataclass(frozen=True, slots=True)
class RoutingTable:
    """The models of each tier, best first; `roles` want another tier than their file says."""

    tiers: Mapping[Tier, tuple[ModelRef, ...]] = field(default_factory=dict)
    prefer: Preference = Preference.CLOUD
    roles: Mapping[str, Tier] = field(default_factory=dict)

    @property
    def models(self) -> tuple[ModelRef, ...]:
        """Every model that stands in it, strongest tier first, each once."""
        return tuple(dict.fromkeys(model for tier in reversed(Tier) for model in self.tiers.get(tier, ())))

    def lines(self, tier: Tier) -> tuple[tuple[ModelRef, ...], ...]:
        """The lines of a tier, best first; one with several models leaves it to price and speed which comes first."""
        return tuple((model,) for model in self.tiers.get(tier, ()))

    def tier_of(self, wanted: ModelRef, role: str, usual: Tier) -> Tier:
        """The tier that an automatic model means for a role, whose own file says `usual`."""
        return self.roles.get(role, usual) if wanted.name == BY_ROLE else Tier(wanted.name)


@dataclass(frozen=True, slots=True)
class Wants:
    """What a step needs: a tier, and room for so many tokens. `save` asks for one tier less, as money runs out."""

    tier: Tier
    tokens: int = 0
    save: bool = False


@dataclass(frozen=True, slots=True)
class Routed:
    """The models to try in order, and in one sentence why these; without any the sentence says what is missing."""

    route: tuple[ModelRef, ...]
    tier: Tier
    why: str


def is_auto(model: ModelRef) -> bool:
    """Whether `model` stands for those of the routing table."""
    return model.provider == AUTO


def choose(
    table: RoutingTable, wants: Wants, usable: Callable[[ModelRef], bool], window: Callable[[ModelRef], int]
) -> Routed:
    """The route of one step: the tier's models, then those of weaker tiers, then of stronger ones.

    Left out are models that cannot be used, and those whose `window` is too small unless no other one is left. With a
    preference for the cloud local models come last of all, as they always can be asked, unless the tier holds nothing
    else that can be used; with one for local models they come first within their tier.
    """
    tier = _weaker(table, wants.tier, usable) if wants.save else wants.tier
    order = (tier, *reversed(tuple(Tier)[: tuple(Tier).index(tier)]), *tuple(Tier)[tuple(Tier).index(tier) + 1 :])
    wanted, *others = ([model for model in _preferred(table, each) if usable(model)] for each in order)
    found = [*wanted, *(model for models in others for model in models)]
    if table.prefer is Preference.CLOUD:
        ahead = [] if any(not _is_local(model) for model in wanted) else wanted
        found = [*ahead, *sorted(found, key=_is_local)]
    roomy = [model for model in found if window(model) >= wants.tokens] or found
    return Routed(tuple(dict.fromkeys(roomy)), tier, _why(table, wants, tier, roomy))


def _preferred(table: RoutingTable, tier: Tier) -> list[ModelRef]:
    models = list(table.tiers.get(tier, ()))
    # Sorting keeps the order of the table among equals.
    return sorted(models, key=_is_local, reverse=table.prefer is Preference.LOCAL)


def _is_local(model: ModelRef) -> bool:
    return model.provider in LOCAL_PROVIDERS


def _weaker(table: RoutingTable, tier: Tier, usable: Callable[[ModelRef], bool]) -> Tier:
    """The next tier down of which a model can be used; the same one where there is none."""
    for each in reversed(tuple(Tier)[: tuple(Tier).index(tier)]):
        if any(usable(model) for model in table.tiers.get(each, ())):
            return each
    return tier


def _why(table: RoutingTable, wants: Wants, tier: Tier, found: list[ModelRef]) -> str:
    if not table.models:
        return "The routing table models.toml names no model."
    if not found:
        return "No model of the routing table can be used."
    if tier is not wants.tier:
        return f"The {tier} tier instead of {wants.tier}, since a budget is nearly used up."
    if found[0] not in table.tiers.get(tier, ()):
        return f"No model of the {tier} tier can be used."
    return f"The {tier} tier, {table.prefer} models first."
