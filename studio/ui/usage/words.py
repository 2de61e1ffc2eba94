"""How figures of usage read: money, tokens, times, shares."""

from __future__ import annotations

from studio.app.usage import UsageRow
from studio.app.usage_report import TriesRow
from studio.base.text import shorten
from studio.domain.budgets import Balance, Period, ScopeKind
from studio.domain.intervals import Count, interval
from studio.domain.money import NanoUsd, show, show_sum, to_usd
from studio.ui.widgets.names import shown

_TITLE = 40
_STEPS = ((10**9, "G"), (10**6, "M"), (10**3, "k"))


def money(row: UsageRow) -> str:
    """What a sum cost, with how many calls have no known price."""
    return show_sum(NanoUsd(row.cost_nusd) if row.cost_nusd is not None else None, row.unpriced)


def dollars(nusd: int) -> float:
    """Dollars to draw."""
    return float(to_usd(NanoUsd(nusd)))


def usd(amount: float) -> str:
    """An amount in dollars; what is less than ten cents shows hundredths of a cent, too."""
    return f"${amount:,.2f}" if amount == 0 or amount >= 0.1 else f"${amount:.4f}"


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


def answered(tries: TriesRow | None) -> str:
    """Which part of the tries was answered; rounded down, so that no failure is rounded away."""
    return f"{int(tries.succeeded.share * 100)} %" if tries and tries.tries else "–"


def answered_hint(tries: TriesRow | None) -> str:
    """What a share of answered tries is of, and how sure it is."""
    if not tries or not tries.tries:
        return "Nothing was asked of it."
    low, high = interval(tries.succeeded)
    told = f"{tries.succeeded} tries were answered, the others failed."
    return f"{told} The true share lies between {share(low)} and {share(high)} (95 %)."


def first_token_hint(tries: TriesRow | None) -> str:
    """How long it was until something came, for most and for nearly all calls."""
    if not tries or tries.first_token_ms is None:
        return "Nothing was measured."
    middle, slow = took(tries.first_token_ms), took(tries.slow_first_token_ms)
    return f"Of half of the calls the first piece came within {middle}, of 19 of 20 within {slow}."


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
            whom = f"{scope.kind.capitalize()} {titled(scope.id, names)}"
    per = "in total" if period is Period.TOTAL else f"per {period}"
    held = f" + {show(balance.held_nusd)} held" if balance.held_nusd else ""
    return f"{whom} {per}", f"{show(balance.paid_nusd)}{held} of {show(budget.ceiling_nusd)}"


def titled(id: str, titles: dict[str, str]) -> str:
    """A task or brief for people: its title, where it is known, and its id."""
    return f"“{shown(shorten(titles[id], _TITLE))}” {id}" if id in titles else id


def left_of(balance: Balance) -> str:
    """What is left of a budget, in a sentence's part."""
    left = balance.left_nusd
    return f"{show(left)} left" if left >= 0 else f"{show(NanoUsd(-left))} over"
