"""Kept money, in words: what broken calls may have cost, which nobody knows."""

from __future__ import annotations

from collections.abc import Sequence

from studio.app.studio import Studio
from studio.domain.budgets import Balance, Reservation
from studio.domain.ids import ProjectId
from studio.domain.money import NanoUsd, show


async def kept_for(studio: Studio, turn: str) -> str:
    """What is kept now of the calls of one turn, for its last line; empty when that is nothing."""
    return _in_words([row for row in await studio.budgets.reservations() if row.turn == turn])


async def kept_now(studio: Studio, project: ProjectId | None) -> str:
    """What is kept now of the calls of a project, or of all; empty when that is nothing."""
    return _in_words([row for row in await studio.budgets.reservations() if project in (None, row.project)])


def spent(balance: Balance) -> str:
    """What of a ceiling is not left: what is paid, then what is kept and held where that is something."""
    under_way = NanoUsd(balance.held_nusd - balance.kept_nusd)
    parts = [f"{show(balance.paid_nusd)} is paid"]
    if balance.kept_nusd:
        parts.append(f"{show(balance.kept_nusd)} is kept for calls of unknown cost")
    if under_way:
        parts.append(f"{show(under_way)} is held for calls under way")
    return ", ".join(parts)


def _in_words(rows: Sequence[Reservation]) -> str:
    kept = [row.held_nusd for row in rows if row.kept and row.held_nusd]
    if not kept:
        return ""
    calls = "one call" if len(kept) == 1 else f"{len(kept)} calls"
    return f"{show(NanoUsd(sum(kept)))} kept for {calls} of unknown cost (studio budget list)"
