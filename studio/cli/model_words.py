"""What is told of a model that was asked: what its reply used, or why there was none and what follows."""

from __future__ import annotations

from studio.cli import output
from studio.domain.events import ModelFailed, UsageRecorded
from studio.domain.money import NanoUsd, show, show_saved


def used(event: UsageRecorded) -> str:
    """What one reply used, in one line."""
    if event.cached:
        return f"{event.model}: answered before, so that nobody was asked; {show_saved(event.saved_nusd) or 'free'}"
    return f"{event.model}: {_spent(event)}"


def failed(event: ModelFailed) -> str:
    """Why a try failed, and what follows, in one line."""
    reason = f"{event.model}: {output.one_line(event.reason)}"
    if event.next_model:
        return f"{reason} Next: {event.next_model}."
    return f"{reason} Again in {event.retry_in:.1f} s." if event.retry_in is not None else reason


def failed_and_used(event: ModelFailed) -> str:
    """As `failed`, with what the try had used by then."""
    return f"{failed(event)} It had used {_spent(event)}." if event.input or event.output else failed(event)


def _spent(event: UsageRecorded | ModelFailed) -> str:
    cost = show(NanoUsd(event.cost_nusd) if event.cost_nusd is not None else None)
    return f"{event.input:,} tokens in, {event.output:,} out, {cost}"
