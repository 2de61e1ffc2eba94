"""The lines of a tier as the page shows them, and what a person can do with their order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from studio.domain.fitness import Fitness, unfit
from studio.domain.models import ModelRef
from studio.domain.roles import Role, Tier, in_sentence
from studio.domain.routing import RoutingTable

Lines = tuple[tuple[str, ...], ...]
"""Names of models, best first; several on one line leave the choice to price and measured speed."""


@dataclass(frozen=True, slots=True)
class TierRow:
    """The heading of a tier: which roles want it."""

    tier: Tier
    words: str
    empty: bool


@dataclass(frozen=True, slots=True)
class ModelRow:
    """One model of a tier. `place` counts lines from 1; `shared` tells that others stand on its line.

    `trouble` says why it cannot be asked now, `caution` that its provider does not list it, `measured` in short what
    was found of it, `lacks` why it is unfit for the tier; each is empty where there is nothing to say.
    """

    tier: Tier
    place: int
    shared: bool
    model: ModelRef
    trouble: str
    caution: str
    measured: str
    lacks: str


Row = TierRow | ModelRow


def rows_of(
    table: RoutingTable,
    roles: tuple[Role, ...],
    fitness: Mapping[ModelRef, Fitness],
    trouble: Mapping[ModelRef, str],
    cautions: Mapping[ModelRef, str],
) -> tuple[Row, ...]:
    """All rows of the page, the strongest tier first."""
    rows: list[Row] = []
    for tier in reversed(Tier):
        lines = table.lines(tier)
        rows.append(TierRow(tier, _wanted_by(tier, table, roles), not lines))
        for place, line in enumerate(lines, 1):
            for model in line:
                found = fitness.get(model)
                lacks = unfit(found, tier) if found else ""
                said = trouble.get(model, ""), cautions.get(model, "")
                rows.append(ModelRow(tier, place, len(line) > 1, model, *said, in_short(found), lacks))
    return tuple(rows)


def in_short(found: Fitness | None) -> str:
    """What was measured of a model, on one line."""
    if found is None:
        return ""
    return f"{found.context_tokens:,} tokens, {found.calls.share:.0%} of calls right, {found.tokens_per_second:.0f}/s"


def names(table: RoutingTable, tier: Tier) -> Lines:
    """The lines of a tier as names."""
    return tuple(tuple(map(str, line)) for line in table.lines(tier))


def moved(lines: Lines, place: int, by: int) -> Lines:
    """The lines with one moved up or down; the same ones where it cannot go further."""
    to = place - 1 + by
    if not 0 <= to < len(lines):
        return lines
    rest = [*lines[: place - 1], *lines[place:]]
    return (*rest[:to], lines[place - 1], *rest[to:])


def removed(lines: Lines, name: str) -> Lines:
    """The lines without a model."""
    left = (tuple(each for each in line if each != name) for line in lines)
    return tuple(line for line in left if line)


def joined(lines: Lines, place: int) -> Lines:
    """The lines with one put beside the models of the line above it."""
    if place < 2:
        return lines
    return (*lines[: place - 2], (*lines[place - 2], *lines[place - 1]), *lines[place:])


def parted(lines: Lines, place: int, name: str) -> Lines:
    """The lines with a model taken out of a shared line, right below that."""
    rest = tuple(each for each in lines[place - 1] if each != name)
    return (*lines[: place - 1], rest, (name,), *lines[place:]) if rest else lines


def _wanted_by(tier: Tier, table: RoutingTable, roles: tuple[Role, ...]) -> str:
    wanting = [in_sentence(role.title) for role in roles if table.roles.get(role.name, role.tier) is tier]
    return ", ".join(wanting) or "no role"
