"""Advice how to save, made of measured figures alone: what they do not carry is not said."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from studio.domain.intervals import Count, difference
from studio.domain.models import ModelRef
from studio.domain.money import NanoUsd, show
from studio.domain.roles import Tier
from studio.domain.routing import RoutingTable
from studio.store.event_log import FailedTries
from studio.store.performance import TurnsRow

FEWEST_TURNS = 20
"""With fewer turns of a model nothing is said of it."""

MARGIN = 0.15
"""By how much a cheaper model may pass less often, at the worst that the counts allow, to count as equal."""

_FEWEST_LIMITED = 3
_WORTH_SAYING = NanoUsd(10_000_000)  # one cent


@dataclass(frozen=True, slots=True)
class Advice:
    """One sentence with its figures, and what could be saved where that is known."""

    text: str
    saves_nusd: NanoUsd | None = None


def advise(
    turns: Sequence[TurnsRow], failures: Sequence[FailedTries], table: RoutingTable | None = None
) -> tuple[Advice, ...]:
    """What the figures say, the largest saving first; empty when they say nothing.

    A model is named with the tier that it has in the routing `table`, where it stands there.
    """
    found = [*_cheaper(turns, table or RoutingTable()), *_limits(turns), *_failed(failures)]
    return tuple(sorted(found, key=lambda advice: -(advice.saves_nusd or 0)))


def too_little(turns: Sequence[TurnsRow]) -> str:
    """Why there is no comparison of models, in one sentence; empty where one could be made."""
    for _, rows in _by_role(turns):
        if sum(row.turns >= FEWEST_TURNS and not row.unpriced for row in rows) > 1:
            return ""
    most = max((min(row.turns for row in rows) for _, rows in _by_role(turns) if len(rows) > 1), default=0)
    seen = f"the most so far are {most}" if most else "so far no role worked with two"
    needed = f"a role must have ended {FEWEST_TURNS} turns with each of two models"
    return f"Too little data to compare models: {needed}; {seen}."


def _by_role(turns: Iterable[TurnsRow]) -> Iterator[tuple[str, list[TurnsRow]]]:
    for role, rows in groupby(turns, lambda row: row.role):
        yield role, list(rows)


def _cheaper(turns: Sequence[TurnsRow], table: RoutingTable) -> Iterator[Advice]:
    for role, rows in _by_role(turns):
        known = [row for row in rows if row.turns >= FEWEST_TURNS and not row.unpriced]
        known.sort(key=_price)
        for at, dear in enumerate(known):
            # The cheapest that passed as often is the one to name.
            other = next((cheap for cheap in known[:at] if _as_often(cheap, dear)), None)
            if other is not None:
                saved = NanoUsd(round((_price(dear) - _price(other)) * dear.turns))
                if saved >= _WORTH_SAYING:
                    yield Advice(_compared(role, dear, other, saved, table), saved)


def _as_often(cheap: TurnsRow, dear: TurnsRow) -> bool:
    return difference(_count(cheap), _count(dear))[0] > -MARGIN


def _compared(role: str, dear: TurnsRow, cheap: TurnsRow, saved: NanoUsd, table: RoutingTable) -> str:
    low, high = difference(_count(cheap), _count(dear))
    return (
        f"Role {role} used {_name(dear, table)} for {dear.steps:,} steps costing {show(NanoUsd(dear.cost_nusd))}. "
        f"{_name(cheap, table)} passed as often: {_count(cheap)} turns against {_count(dear)} "
        f"(difference {low * 100:+.0f} to {high * 100:+.0f} points, 95 %). "
        f"At its price per turn the same would have cost about {show(saved)} less."
    )


def _limits(turns: Iterable[TurnsRow]) -> Iterator[Advice]:
    for role, rows in _by_role(turns):
        limited, cost = sum(row.limited for row in rows), NanoUsd(sum(row.limited_nusd for row in rows))
        if limited >= _FEWEST_LIMITED and cost >= _WORTH_SAYING:
            met = Count(limited, sum(row.turns for row in rows))
            yield Advice(
                f"Role {role} met a limit in {met} turns, which cost {show(cost)}: "
                "cut its tasks smaller, or raise its limit."
            )


def _failed(failures: Sequence[FailedTries]) -> Iterator[Advice]:
    cost = NanoUsd(sum(row.cost_nusd for row in failures))
    if cost >= _WORTH_SAYING:
        tries = sum(row.tries for row in failures)
        worst = max(failures, key=lambda row: row.cost_nusd)
        fault = worst.fault.replace("_", " ")
        yield Advice(
            f"Failed calls cost {show(cost)} ({tries:,} of them), the most those of {worst.model} "
            f"({fault}): {show(NanoUsd(worst.cost_nusd))} for {worst.tries:,}."
        )


def _price(row: TurnsRow) -> float:
    return row.cost_nusd / row.turns


def _count(row: TurnsRow) -> Count:
    return Count(row.passed, row.turns)


def _name(row: TurnsRow, table: RoutingTable) -> str:
    model = ModelRef(row.provider, row.model)
    tiers = [tier.value for tier in Tier if model in table.of(tier)]
    return f"{model} ({' and '.join(tiers)} tier)" if tiers else str(model)
