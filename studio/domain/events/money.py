"""What happened to budgets, and to money held for calls; what calls cost is with the steps that made them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class BudgetSet:
    """A person gave a scope a ceiling for a period, in place of the one it had."""

    kind: ClassVar[str] = "budget_set"
    scope: str
    period: str
    ceiling_nusd: int
    alert_percent: int = 80


@dataclass(frozen=True, slots=True)
class BudgetRemoved:
    """A person took a ceiling away."""

    kind: ClassVar[str] = "budget_removed"
    scope: str
    period: str


@dataclass(frozen=True, slots=True)
class BudgetAlerted:
    """So much of a budget is used that the person is told: once in each period."""

    kind: ClassVar[str] = "budget_alerted"
    scope: str
    period: str
    ceiling_nusd: int
    paid_nusd: int
    held_nusd: int = 0


@dataclass(frozen=True, slots=True)
class ReservationReleased:
    """A person said that a call whose price nobody knew cost no more than what is recorded of it."""

    kind: ClassVar[str] = "reservation_released"
    reservation: str
    model: str
    held_nusd: int
