"""How figures of usage read: money, tokens, times, shares."""

from __future__ import annotations

from studio.app.usage import UsageRow
from studio.domain.budgets import Balance, Period, ScopeKind
from studio.domain.intervals import Count, interval
from studio.domain.money import NanoUsd, show, show_sum, to_usd

_STEPS = ((10**9, "G"), (10**6, "M"), (10**3, "k"))


def money(row: UsageRow) -> str:
    """What a sum cost, with how many calls have no known price."""
    return show_sum(NanoUsd(row.cost_nusd) if row.cost_nusd is not None else None, row.unpriced)


def dollars(nusd: int) -> float:
    """Dollars to draw."""
    return float(to_usd(NanoUsd(nusd)))


def axis_money(usd: float, apart: float) -> str:
    """A mark of an axis whose marks stand so far apart."""
    digits = 0 if apart >= 1 else 2 if apart >= 0.01 else 4
    return f"${usd:,.{digits}f}"


def count(number: float) -> str:
    """A number in at most five signs: 950, 12.3 k, 1.2 M."""
    for step, sign in _STEPS:
        if number >= step:
            return f"{number / step:.3g} {sign}"
    return f"{number:.0f}"


def took(milliseconds: float | None) -> str:
    """How long something took; a dash where nobody knows."""
    if milliseconds is None:
        return "–"
    if milliseconds < 1000:
        return f"{milliseconds:.0f} ms"
    seconds = milliseconds / 1000
    return f"{seconds:.1f} s" if seconds < 60 else f"{seconds // 60:.0f} min {seconds % 60:.0f} s"


def share(part: float) -> str:
    """A part of a whole."""
    return f"{part * 100:.0f} %"


def passed(counted: Count) -> str:
    """How many turns passed."""
    return str(counted) if counted.of else "–"


def passed_hint(counted: Count) -> str:
    """What a count of turns that passed says, and what it does not."""
    if not counted.of:
        return "No turn of this model alone has ended yet."
    low, high = interval(counted)
    return (
        f"{counted} turns ended with a reply or a result, the others met a limit or failed. "
        f"The true share lies between {share(low)} and {share(high)} (95 %)."
    )


def of_balance(balance: Balance, names: dict[str, str]) -> tuple[str, str]:
    """What a budget is for, and where it stands."""
    budget = balance.budget
    scope, period = budget.scope, budget.period
    match scope.kind:
        case ScopeKind.COMPANY:
            whom = "Company"
        case ScopeKind.PROJECT:
            whom = names.get(scope.id, scope.id)
        case _:
            whom = f"{scope.kind.capitalize()} {scope.id}"
    per = "in total" if period is Period.TOTAL else f"per {period}"
    held = f" + {show(balance.held_nusd)} held" if balance.held_nusd else ""
    return f"{whom} {per}", f"{show(balance.paid_nusd)}{held} of {show(budget.ceiling_nusd)}"


def left_of(balance: Balance) -> str:
    """What is left of a budget, in a sentence's part."""
    left = balance.left_nusd
    return f"{show(left)} left" if left >= 0 else f"{show(NanoUsd(-left))} over"
