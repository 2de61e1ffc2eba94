"""Exit codes, as scripts rely on them."""

from __future__ import annotations

from studio.domain.errors import Cancelled, LimitReached, OutsideError, Refused, StudioError, UserError
from studio.domain.runs import Outcome

OK = 0
MISSING = 1  # doctor: something that agents need is missing
USAGE = 2
FAILED = 5
CANCELLED = 130

OF_OUTCOME: dict[Outcome, int] = {
    Outcome.REPLIED: OK,
    Outcome.WAITING: 3,
    Outcome.LIMIT: 4,
    Outcome.FAILED: FAILED,
    Outcome.REFUSED: 6,
    Outcome.CANCELLED: CANCELLED,
}


def of_error(error: StudioError) -> int:
    """The exit code for an error that ended a verb."""
    match error:
        case UserError():
            return USAGE
        case OutsideError():
            return FAILED
        case LimitReached():
            return OF_OUTCOME[Outcome.LIMIT]
        case Cancelled():
            return CANCELLED
        case Refused():
            return OF_OUTCOME[Outcome.REFUSED]
        case _:
            return FAILED
