"""What came of an experiment in words and figures, the same for every face."""

from __future__ import annotations

from studio.app.experiments import ExperimentView, MeasureView, ShareView
from studio.domain.medians import Middle

MISLEADING = "In brackets: where the true figure lies with 95 %. Of twenty such lines one misleads by chance."

EXAMPLE = """\
# Two ways of doing a role's work; each new run of it draws one. Take the file away to end the experiment.
about = "Is a short prompt as good?"
role = "engineer"
share = 0.5                     # of the new runs; all without this line

[[variant]]
name = "as it is"

[[variant]]
name = "short"
prompt = "Be brief. Change as little as the task needs, run the tests, hand over."
# model = "groq/llama-3.3-70b-versatile"      # instead of a prompt, or with one
"""


def share_row(view: ShareView) -> tuple[str, ...]:
    """How often something held: of each variant, the difference, and what that says."""
    cells = (
        f"{count} ({_percent(low)} to {_percent(high)} %)" if count.of else "–"
        for count, (low, high) in zip(view.counts, view.intervals, strict=True)
    )
    low, high = view.difference
    both = all(count.of for count in view.counts)
    return (view.what, *cells, f"({_percent(low)} to {_percent(high)} points)" if both else "–", view.verdict)


def measure_row(view: MeasureView) -> tuple[str, ...]:
    """What a run took: of each variant, the difference, and what that says."""
    apart = "–"
    if view.difference is not None:
        apart = f"({_amount(view.difference[0], view.unit)} to {_amount(view.difference[1], view.unit)})"
    return (f"{view.what}, median", *(_middle(each, view.unit) for each in view.middles), apart, view.verdict)


def rows(view: ExperimentView) -> list[tuple[str, ...]]:
    """The comparison, a row for each figure."""
    return [*map(share_row, view.shares), *map(measure_row, view.measures)]


def head(view: ExperimentView) -> tuple[str, ...]:
    """What stands above these rows."""
    one, other = view.variants
    return ("", one, other, f"{one} − {other}", "")


def drawn(view: ExperimentView) -> tuple[tuple[str, int], ...]:
    """Each variant, and how many runs drew it."""
    return tuple(zip(view.variants, view.runs, strict=True))


def runs(count: int) -> str:
    """So many runs."""
    return f"{count} run{'' if count == 1 else 's'}"


def taking_part(view: ExperimentView) -> list[str]:
    """How many runs drew each variant, and which are left out."""
    lines = [
        f"{name}: {runs(count)}{f', of which {going_on} have not ended' if going_on else ''}"
        for (name, count), going_on in zip(drawn(view), view.going_on, strict=True)
    ]
    return [*lines, f"{runs(view.of_older)} of an older version of the file left out."] if view.of_older else lines


def state(view: ExperimentView) -> str:
    """Whether it goes on, and for which part of the new runs."""
    if view.ended:
        return "ended: its file is gone"
    if view.missing:
        return f"waits: {', '.join(view.missing)} cannot be used"
    return "all new runs" if view.share == 1.0 else f"{100 * (view.share or 0):g} % of new runs"


def _middle(found: Middle, unit: str) -> str:
    if found.median is None:
        return "–"
    if found.low is None or found.high is None:
        return f"{_amount(found.median, unit)} of {found.of}"
    return f"{_amount(found.median, unit)} ({_amount(found.low, unit)} to {_amount(found.high, unit)})"


def _amount(value: float, unit: str) -> str:
    sign, size = "−" if value < 0 else "", abs(value)
    if unit == "usd":
        return f"{sign}${size:.2f}" if size == 0 or size >= 1 else f"{sign}${size:.4f}"
    return f"{sign}{size:.1f} s" if unit == "seconds" else f"{sign}{size:g}"


def _percent(share: float) -> str:
    return f"{100 * share:.0f}".replace("-", "−")
