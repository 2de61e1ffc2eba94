"""Budgets: how much may be paid, for what, within which time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from studio.domain.errors import UserError
from studio.domain.events import BudgetAlerted
from studio.domain.ids import ProjectId, ReservationId, RunId, TurnId
from studio.domain.models import ModelRef
from studio.domain.money import FREE, NanoUsd, show


class ScopeKind(StrEnum):
    """What a budget is for, widest first."""

    COMPANY = "company"
    PROJECT = "project"
    BRIEF = "brief"
    TASK = "task"
    RUN = "run"


class Period(StrEnum):
    """From when on what is paid counts; days and months begin in UTC."""

    DAY = "day"
    MONTH = "month"
    TOTAL = "total"


@dataclass(frozen=True, slots=True)
class Scope:
    """All that is paid, or what is paid for one project, brief, task or run; `id` is empty for the whole company."""

    kind: ScopeKind
    id: str = ""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads `company`, `KIND:ID`, or a bare name, which is a project's. Raises UserError."""
        if text == ScopeKind.COMPANY:
            return cls(ScopeKind.COMPANY)
        kind, colon, name = text.partition(":")
        if not colon:
            kind, name = ScopeKind.PROJECT.value, text
        if not name or kind == ScopeKind.COMPANY or kind not in list(ScopeKind):
            raise UserError(
                f"“{text}” is nothing that a budget can be for.",
                "Write company, a project's name, project:NAME, brief:ID, task:ID or run:ID.",
            )
        return cls(ScopeKind(kind), name)

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}" if self.id else self.kind.value


@dataclass(frozen=True, slots=True)
class Budget:
    """A ceiling; a person is told once in each period when `alert_percent` of it is used."""

    scope: Scope
    period: Period
    ceiling_nusd: NanoUsd
    alert_percent: int = 80


@dataclass(frozen=True, slots=True)
class Balance:
    """Where a budget stands: what was paid, and what is held for calls whose price is not known yet.

    `kept_nusd` is the part of what is held whose calls have ended without anybody knowing what they cost.
    """

    budget: Budget
    paid_nusd: NanoUsd
    held_nusd: NanoUsd = FREE
    kept_nusd: NanoUsd = FREE

    @property
    def left_nusd(self) -> NanoUsd:
        """What may still be paid; below zero when more was paid than the ceiling, which can be lowered at any time."""
        return NanoUsd(self.budget.ceiling_nusd - self.paid_nusd - self.held_nusd)

    @property
    def used(self) -> float:
        """The part of the ceiling that is paid or held; a ceiling of nothing is used up."""
        ceiling = self.budget.ceiling_nusd
        return (self.paid_nusd + self.held_nusd) / ceiling if ceiling else 1.0

    @property
    def gone(self) -> float:
        """The part of the ceiling that is paid or kept. What is held for calls under way is not: most comes back."""
        ceiling = self.budget.ceiling_nusd
        return (self.paid_nusd + self.kept_nusd) / ceiling if ceiling else 1.0

    @property
    def runs_out(self) -> bool:
        """Whether a person is to be told, for as much is gone as the budget says."""
        gone = self.paid_nusd + self.kept_nusd
        return gone * 100 >= self.budget.ceiling_nusd * self.budget.alert_percent


@dataclass(frozen=True, slots=True)
class Reservation:
    """Money held for one call; what is `kept` counts until a person releases it, any other until its call ends."""

    id: ReservationId
    time: datetime
    project: ProjectId
    run: RunId
    turn: TurnId
    role: str
    model: ModelRef
    held_nusd: NanoUsd
    kept: bool

    @property
    def whose(self) -> str:
        """Who asked, for people: a role in a run, or what was done outside of any."""
        return f"{self.role} in run {self.run}" if self.run else self.role


@dataclass(frozen=True, slots=True)
class Payer:
    """Whom one model call is for, and so which budgets pay it.

    `left_nusd` is what the person's message, sent at `since`, may still cost by the run's own limit, None without one;
    what is kept of the message's calls is not taken off it yet.
    """

    project: ProjectId
    run: RunId
    turn: TurnId
    step: int
    role: str
    brief: str = ""
    task: str = ""
    left_nusd: NanoUsd | None = None
    since: datetime | None = None

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """Every scope that the call belongs to, widest first."""
        named = (
            (ScopeKind.PROJECT, self.project),
            (ScopeKind.BRIEF, self.brief),
            (ScopeKind.TASK, self.task),
            (ScopeKind.RUN, self.run),
        )
        return (Scope(ScopeKind.COMPANY), *(Scope(kind, str(name)) for kind, name in named if name))

    def after(self, cost: NanoUsd) -> Payer:
        """The same payer when `cost` more was paid for the message."""
        return self if self.left_nusd is None else replace(self, left_nusd=NanoUsd(self.left_nusd - cost))


def begin_of(period: Period, moment: datetime) -> datetime | None:
    """When the period that `moment` (in UTC) lies in began; None for all time."""
    day = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    match period:
        case Period.DAY:
            return day
        case Period.MONTH:
            return day.replace(day=1)
        case Period.TOTAL:
            return None


def end_of(period: Period, moment: datetime) -> datetime | None:
    """When the period that `moment` (in UTC) lies in ends; None for all time."""
    day = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    match period:
        case Period.DAY:
            return day + timedelta(days=1)
        case Period.MONTH:
            # No month has 32 days, and no two together have fewer.
            return (day.replace(day=1) + timedelta(days=32)).replace(day=1)
        case Period.TOTAL:
            return None


def in_words(budget: Budget) -> str:
    """A budget as it stands within a sentence to whom it concerns: `$20.00 per month for this project`."""
    kind = budget.scope.kind
    per = "in total" if budget.period is Period.TOTAL else f"per {budget.period}"
    whom = "the company" if kind is ScopeKind.COMPANY else f"this {kind}"
    return f"{show(budget.ceiling_nusd)} {per} for {whom}"


def left_words(balance: Balance) -> str:
    """What is left of a budget, within a sentence: `$0.50 of the budget of $20.00 per month for this project`."""
    return f"{show(NanoUsd(max(0, balance.left_nusd)))} of the budget of {in_words(balance.budget)}"


def alerted(event: BudgetAlerted) -> str:
    """What a person is told, as in: $16.20 of the budget of $20.00 per month for this project is used (81%)."""
    budget = Budget(Scope.parse(event.scope), Period(event.period), NanoUsd(event.ceiling_nusd))
    gone = event.paid_nusd + event.held_nusd
    percent = f" ({gone * 100 // budget.ceiling_nusd}%)" if budget.ceiling_nusd else ""
    return f"{show(NanoUsd(gone))} of the budget of {in_words(budget)} is used{percent}."
