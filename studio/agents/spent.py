"""Spent: what a run's model calls took."""

from __future__ import annotations

from dataclasses import dataclass, field

from studio.domain.usage import Usage


@dataclass(slots=True)
class Spent:
    """What model calls took; the cost is None once a call without a known price was made."""

    steps: int = 0
    usage: Usage = field(default_factory=Usage)
    cost_nusd: int | None = 0
    saved_nusd: int = 0

    def add(self, usage: Usage, cost_nusd: int | None, saved_nusd: int = 0) -> None:
        """Counts what one call used."""
        self.usage += usage
        self.saved_nusd += saved_nusd
        known = cost_nusd is not None and self.cost_nusd is not None
        self.cost_nusd = (self.cost_nusd or 0) + (cost_nusd or 0) if known else None
