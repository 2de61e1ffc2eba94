"""The columns of the tables that compare models, and providers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from studio.app.usage_report import ModelView, TriesRow, cost_of, hit_rate
from studio.ui.usage import words
from studio.ui.widgets.names import shown

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Column(Generic[Row]):
    """A heading, what a cell says, what it is sorted by, and what of it a list for other programs holds."""

    title: str
    text: Callable[[Row], str]
    value: Callable[[Row], Any]
    hint: Callable[[Row], str] = lambda _row: ""
    counted: Callable[[Row], object] | None = None

    def cell(self, row: Row) -> Any:
        """For other programs: counts, where a share alone would hide of how many."""
        return str(self.counted(row)) if self.counted else self.value(row)


def _failed(of: Callable[[Row], TriesRow | None]) -> tuple[Column[Row], ...]:
    def count(row: Row) -> int:
        tries = of(row)
        return tries.failed if tries else 0

    return (
        Column("Failed", lambda row: f"{count(row):,}", count),
        Column(
            "Answered",
            lambda row: words.answered(of(row)),
            lambda row: tries.succeeded.share if (tries := of(row)) else 0.0,
            lambda row: words.answered_hint(of(row)),
            lambda row: tries.succeeded if (tries := of(row)) else "",
        ),
    )


def _pace(of: Callable[[Row], TriesRow | None]) -> tuple[Column[Row], ...]:
    def time(name: str) -> Callable[[Row], float | None]:
        return lambda row: getattr(of(row), name, None)

    def column(title: str, name: str, hint: Callable[[Row], str] = lambda _row: "") -> Column[Row]:
        return Column(title, lambda row: words.took(time(name)(row)), lambda row: time(name)(row) or 0.0, hint)

    speed = time("output_per_second")
    return (
        column("First token", "first_token_ms", lambda row: words.first_token_hint(of(row))),
        column("Middle time", "median_ms"),
        column("Slow time", "slow_ms"),
        Column("Tokens/s", lambda row: f"{speed(row):.0f}" if speed(row) else "–", lambda row: speed(row) or 0.0),
    )


def _model(row: ModelView) -> TriesRow | None:
    return row.tries


def _provider(row: TriesRow) -> TriesRow | None:
    return row


MODELS: tuple[Column[ModelView], ...] = (
    Column("Model", lambda row: shown(row.model), lambda row: row.model),
    Column("Calls", lambda row: f"{row.used.calls:,}", lambda row: row.used.calls),
    *_failed(_model),
    Column(
        "Turns passed",
        lambda row: words.passed(row.passed),
        lambda row: row.passed.share,
        lambda row: words.passed_hint(row.passed),
        lambda row: row.passed,
    ),
    Column("Cost", lambda row: words.money(row.used), lambda row: float(words.dollars(cost_of(row.used)))),
    *_pace(_model),
    Column("Input", lambda row: words.count(row.used.input), lambda row: row.used.input),
    Column("Output", lambda row: words.count(row.used.output), lambda row: row.used.output),
    Column("From cache", lambda row: words.share(hit_rate(row.used)), lambda row: hit_rate(row.used)),
)

PROVIDERS: tuple[Column[TriesRow], ...] = (
    Column("Provider", lambda row: shown(row.provider), lambda row: row.provider),
    Column("Tries", lambda row: f"{row.tries:,}", lambda row: row.tries),
    *_failed(_provider),
    *_pace(_provider),
)
