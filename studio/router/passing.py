"""Passing: which of a route's failures pass by themselves, and when."""

from __future__ import annotations

import math

from studio.domain.errors import NothingLeft, OverBudget, ProviderError, ProviderFault
from studio.router.breaker import LONGEST_ASKED
from studio.router.failures import Failure
from studio.router.unsent import over_budget

PASSES = frozenset(
    {
        ProviderFault.RATE_LIMITED,
        ProviderFault.OVERLOADED,
        ProviderFault.UNREACHABLE,
        ProviderFault.TIMED_OUT,
        ProviderFault.BROKEN_STREAM,
        ProviderFault.RESTING,
        ProviderFault.PACED,
    }
)
"""What is over some day without anybody doing anything. A budget's end is where it says when."""

_OURS = frozenset({ProviderFault.CONTEXT_TOO_LONG, ProviderFault.SCRIPT_ENDED})
"""What ends a route for a reason of the request itself: whoever asked must see to that, whatever else passes."""


class Passing:
    """Takes in how each model of one route failed in the end."""

    def __init__(self) -> None:
        self._found: list[tuple[ProviderFault, str, str, float | None]] = []

    def note(self, failure: Failure) -> None:
        """Notes a failure; one after which the same model is tried again says nothing yet."""
        if failure.retry_in is None:
            self._note(failure.error)

    def after(self, last: ProviderError | OverBudget) -> Exception:
        """What is to be raised now that no model is left: NothingLeft where one passes, else the `last` failure."""
        if isinstance(last, OverBudget):
            self._note(over_budget(last))
        elif last.fault in _OURS:
            return last
        if not self._found:
            return last
        found = min(self._found, key=lambda found: math.inf if found[-1] is None else found[-1])
        return NothingLeft(*found, last, unsure=any(known is None for *_, known in self._found))

    def _note(self, error: ProviderError) -> None:
        after = error.retry_after
        if error.fault in PASSES:
            after = None if after is None else min(after, LONGEST_ASKED)
        elif error.fault is not ProviderFault.OVER_BUDGET or after is None:
            return
        self._found.append((error.fault, error.sentence, error.action, after))
