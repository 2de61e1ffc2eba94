"""What the lists of the page say: budgets, latency, failures, prices, advice."""

from __future__ import annotations

from collections.abc import Callable

from studio.app.usage_report import UsageReport, UsageRow, cost_of
from studio.domain.money import NanoUsd, show
from studio.ui.usage import words
from studio.ui.usage.bars import Bar

_MOST = 8
_NOTHING_CHEAPER = "No cheaper model passed as often as the one that was used."


def budgets(report: UsageReport, names: dict[str, str]) -> list[Bar]:
    """Where each budget stands: what is paid, hatched what is held."""
    bars = []
    for balance in report.balances:
        name, stands = words.of_balance(balance, names)
        ceiling = balance.budget.ceiling_nusd or 1
        near = balance.used * 100 >= balance.budget.alert_percent
        color = "error" if balance.left_nusd <= 0 else "warn" if near else "chart_1"
        mark = "✕ " if balance.left_nusd <= 0 else "! " if near else ""
        paid, held = balance.paid_nusd / ceiling, balance.held_nusd / ceiling
        hint = f"{name}: {stands}, {words.left_of(balance)}"
        bars.append(Bar(name, f"{mark}{stands}", paid, held, hint, color))
    return bars


def latency(report: UsageReport) -> list[Bar]:
    """How long each model took: the middle call, hatched up to the slowest but one in twenty."""
    timed = [(view, view.median_ms, view.slow_ms) for view in report.models if view.median_ms and view.slow_ms]
    timed.sort(key=lambda one: one[1])
    top = max((slow for _, _, slow in timed), default=1.0)
    return [
        Bar(
            view.model,
            f"{words.took(middle)} – {words.took(slow)}",
            middle / top,
            (slow - middle) / top,
            f"{view.model}: half of the calls took up to {words.took(middle)}, 19 of 20 up to {words.took(slow)}",
        )
        for view, middle, slow in timed[:_MOST]
    ]


def failures(report: UsageReport) -> list[Bar]:
    """Failed calls by model and what went wrong."""
    most = max((row.tries for row in report.failures), default=1)
    bars = []
    for row in report.failures[:_MOST]:
        cost = f", {show(NanoUsd(row.cost_nusd))}" if row.cost_nusd else ""
        name = f"{row.model}: {row.fault.replace('_', ' ')}"
        bars.append(Bar(name, f"{row.tries:,}{cost}", row.tries / most, color="error"))
    return bars


def prices(
    rows: tuple[UsageRow, ...],
    name: Callable[[UsageRow], str],
    act: Callable[[UsageRow], Callable[[], object]] | None = None,
) -> list[Bar]:
    """The dearest runs or tasks; `act` makes what a press on the name does."""
    top = max((cost_of(row) for row in rows), default=1) or 1
    return [
        Bar(
            name(row),
            words.money(row),
            cost_of(row) / top,
            hint=f"{name(row)}: {row.calls:,} calls",
            act=act(row) if act else None,
        )
        for row in rows[:_MOST]
    ]


def purposes(report: UsageReport) -> list[Bar]:
    """The dearest briefs, then the dearest tasks: what is paid for a task of a brief is in both."""
    briefs = prices(report.briefs, lambda row: f"Brief {words.titled(row.brief or '', report.titles)}")
    tasks = prices(report.tasks, lambda row: f"Task {words.titled(row.task or '', report.titles)}")
    return [*briefs[: _MOST // 2], *tasks][:_MOST]


def typical(report: UsageReport) -> str:
    """What a run and a task cost, in a sentence."""
    parts = [
        f"of {row.count:,} {noun}{'' if row.count == 1 else 's'} the middle one cost {show(NanoUsd(row.median_nusd))}, "
        f"the dearest {show(NanoUsd(row.most_nusd))}"
        for noun, row in (("run", report.run_price), ("task", report.task_price))
        if row.count
    ]
    text = "; ".join(parts)
    return f"{text[:1].upper()}{text[1:]}." if text else "Nothing with a known price yet."


def advice(report: UsageReport) -> list[str]:
    """What could be saved, or why nothing is said of it."""
    said = [one.text for one in report.advice]
    return [*said, report.no_advice] if report.no_advice else said or [_NOTHING_CHEAPER]
