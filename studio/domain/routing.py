"""Routing: the table of models that a person writes, what a step needs, and what is known of each model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from studio.domain.difficulty import Difficulty
from studio.domain.fitness import Fitness
from studio.domain.models import AUTO, ModelRef
from studio.domain.money import NanoUsd
from studio.domain.roles import Tier

BY_ROLE = "role"
"""The name of the automatic model that takes the tier from the run's role."""

Line = tuple[ModelRef, ...]
"""Models that are as good as each other to the person: price decides which goes first, then how quick they are."""


class Preference(StrEnum):
    """Which models of a tier are tried first."""

    CLOUD = "cloud"
    LOCAL = "local"


@dataclass(frozen=True, slots=True)
class RoutingTable:
    """The lines of each tier, best first; `roles` want another tier than their file says."""

    tiers: Mapping[Tier, tuple[Line, ...]] = field(default_factory=dict)
    prefer: Preference = Preference.CLOUD
    roles: Mapping[str, Tier] = field(default_factory=dict)

    @property
    def models(self) -> tuple[ModelRef, ...]:
        """Every model that stands in it, strongest tier first, each once."""
        return tuple(dict.fromkeys(model for tier in reversed(Tier) for model in self.of(tier)))

    def of(self, tier: Tier) -> tuple[ModelRef, ...]:
        """The models of a tier, in the order in which they are written."""
        return tuple(model for line in self.lines(tier) for model in line)

    @property
    def compared(self) -> tuple[ModelRef, ...]:
        """Those that share a line with another one."""
        lines = (line for lines in self.tiers.values() for line in lines if len(line) > 1)
        return tuple(dict.fromkeys(model for line in lines for model in line))

    def lines(self, tier: Tier) -> tuple[Line, ...]:
        """The lines of a tier, best first; one with several models leaves it to price and speed which comes first."""
        return self.tiers.get(tier, ())

    def tier_of(self, wanted: ModelRef, role: str, usual: Tier) -> Tier:
        """The tier that an automatic model means for a role, whose own file says `usual`."""
        return self.roles.get(role, usual) if wanted.name == BY_ROLE else Tier(wanted.name)


@dataclass(frozen=True, slots=True)
class Wants:
    """What a step needs: a tier, and room for so many tokens in the window.

    In a window of `ease` tokens nothing of what is shown has to be shortened. `save` asks for one tier less, as money
    runs out. What is not of the usual `difficulty` asks for a tier more or less, and `because` says why it is thought
    so. `last` is the model that gave the run its last reply.
    """

    tier: Tier
    tokens: int = 0
    ease: int = 0
    save: bool = False
    difficulty: Difficulty = Difficulty.USUAL
    because: str = ""
    last: ModelRef | None = None


@dataclass(frozen=True, slots=True)
class Lately:
    """How quick the newest replies of a model were, and how many of its `tries` of the last hour `failed`.

    Without text no first piece came, and `first_token_ms` is None.
    """

    replies: int
    first_token_ms: float | None
    tokens_per_second: float
    tries: int = 0
    failed: int = 0

    @property
    def seconds(self) -> float | None:
        """How long a usual reply took, None when too few came for that."""
        if self.replies < FEWEST_REPLIES or not self.tokens_per_second:
            return None
        return (self.first_token_ms or 0.0) / 1000 + USUAL_REPLY / self.tokens_per_second

    @property
    def mostly_failed(self) -> bool:
        """Whether it is better not to be relied on; what failed earlier may have been mended."""
        return self.failed >= FEWEST_FAILURES and self.failed * 2 > self.tries


FEWEST_REPLIES = 5
FEWEST_FAILURES = 3
USUAL_REPLY = 300
"""Tokens of a reply by which models that answer soon and models that write fast are compared."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a model at this moment.

    `usable` says that its provider has all that it is called with. `price` is what a million tokens in and a fifth of a
    million out cost at worst, None when nobody knows. What nothing was measured of is None, too.
    """

    usable: bool = True
    window: int = 0
    is_local: bool = False
    price: NanoUsd | None = None
    lately: Lately | None = None
    fitness: Fitness | None = None

    def suits(self, tier: Tier) -> bool:
        """Whether nothing that was measured speaks against the model in this tier."""
        return self.fitness is None or self.fitness.suits(tier)


@dataclass(frozen=True, slots=True)
class Routed:
    """The models to try in order, and in one sentence why these; without any the sentence says what is missing."""

    route: tuple[ModelRef, ...]
    tier: Tier
    why: str


def is_auto(model: ModelRef) -> bool:
    """Whether `model` stands for those of the routing table."""
    return model.provider == AUTO
