"""Exits: the codes by which a program says how it ended, as scripts rely on them."""

from __future__ import annotations

from studio.domain.errors import Cancelled, LimitReached, Refused, StudioError, UserError
from studio.domain.runs import Outcome

OK = 0
MISSING = 1  # doctor: something that agents need is missing; replay: it came to something else
USAGE = 2
FAILED = 5
CANCELLED = 130
READER_GONE = 141  # what a shell says of a program that SIGPIPE ended

OF_OUTCOME: dict[Outcome, int] = {
    Outcome.REPLIED: OK,
    Outcome.HANDED_OFF: OK,
    Outcome.WAITING: 3,
    Outcome.LIMIT: 4,
    Outcome.FAILED: FAILED,
    Outcome.PARKED: FAILED,
    Outcome.REFUSED: 6,
    Outcome.CANCELLED: CANCELLED,
}


def of_error(error: StudioError) -> int:
    """The exit code for an error that ended a program."""
    return USAGE if isinstance(error, UserError) else OF_OUTCOME[outcome_of(error)]


def outcome_of(error: StudioError) -> Outcome:
    """The outcome of work that could not be followed, or not be begun, because of an error."""
    match error:
        case LimitReached():
            return Outcome.LIMIT
        case Cancelled():
            return Outcome.CANCELLED
        case Refused():
            return Outcome.REFUSED
        case _:
            return Outcome.FAILED
