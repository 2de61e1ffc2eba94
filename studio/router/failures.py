"""What the router does about a failed try: one table, cause by cause."""

from __future__ import annotations

from dataclasses import dataclass

from studio.domain.errors import UNSENT_FAULTS, ProviderError, ProviderFault
from studio.domain.models import ModelRef
from studio.domain.usage import Usage
from studio.router.ledger import Held


@dataclass(frozen=True, slots=True)
class Failure:
    """One failed try, told before anything else is done about it.

    `retry_in` is seconds until `model` is tried again, None when it is not. `next_model` is tried at once
    instead when it is not None. With neither, the call fails with `error`. `voids` says that text of this
    try was already streamed and must be taken back. `cost_nusd` is what the try cost, None when its price
    is not known. `held` is what the ledger holds for it. `first_token_ms` is how long its first piece took, if
    any came.
    """

    model: ModelRef
    error: ProviderError
    voids: bool
    retry_in: float | None = None
    next_model: ModelRef | None = None
    cost_nusd: int | None = 0
    milliseconds: float = 0.0
    held: Held | None = None
    first_token_ms: float | None = None

    @property
    def usage(self) -> Usage:
        """What the try had used when it failed."""
        return self.error.usage or Usage()

    @property
    def is_paid_for(self) -> bool:
        """Whether it is known what the provider charges: nothing for an answer that is no reply at all."""
        return self.error.usage is None and not self.voids and not self.error.may_have_cost

    @property
    def was_sent(self) -> bool:
        """Whether the provider was asked at all."""
        return self.fault not in UNSENT_FAULTS

    @property
    def fault(self) -> ProviderFault:
        """Why the try failed."""
        return self.error.fault

    @property
    def reason(self) -> str:
        """The failure for a person, next action included."""
        return str(self.error)


@dataclass(frozen=True, slots=True)
class Treatment:
    """How often one model is tried when another one waits behind it, how often when not, and whether to move on."""

    tries_with_next: int
    tries_alone: int
    moves_on: bool = True


TREATMENTS: dict[ProviderFault, Treatment] = {
    ProviderFault.AUTH: Treatment(1, 1),
    ProviderFault.UNKNOWN_MODEL: Treatment(1, 1),
    ProviderFault.BAD_REQUEST: Treatment(1, 1),
    ProviderFault.CONTEXT_TOO_LONG: Treatment(1, 1),
    ProviderFault.RATE_LIMITED: Treatment(3, 3),
    ProviderFault.OVERLOADED: Treatment(3, 3),
    ProviderFault.UNREACHABLE: Treatment(2, 3),
    # A silent provider has already cost a whole idle timeout.
    ProviderFault.TIMED_OUT: Treatment(1, 2),
    # No other model has any more time than this one had.
    ProviderFault.OUT_OF_TIME: Treatment(1, 1, moves_on=False),
    ProviderFault.BROKEN_STREAM: Treatment(2, 3),
    # A script that has run out is a mistake in the script: another model must not hide it.
    ProviderFault.SCRIPT_ENDED: Treatment(1, 1, moves_on=False),
    ProviderFault.RESTING: Treatment(1, 1),
    ProviderFault.OVER_BUDGET: Treatment(1, 1),
    ProviderFault.PACED: Treatment(1, 1),
}
"""Every cause has its line; all tries of one model count together, whatever each failed with."""

_FIRST_WAIT = 0.5
_PATIENCE_WITH_NEXT = 2.0
_PATIENCE_ALONE = 60.0
NOT_SENT = frozenset({ProviderFault.RESTING, ProviderFault.PACED})
"""What was no try: it is known when the first one may be made."""

_WAITS = 2
_SPREAD = 5.0
"""Seconds within which those that wait for the same moment go on, so that they do not all at once."""


def patience(*, has_next: bool) -> float:
    """How many seconds a model is waited for."""
    return _PATIENCE_WITH_NEXT if has_next else _PATIENCE_ALONE


def wait_before_retry(error: ProviderError, tries: int, *, has_next: bool, jitter: float) -> float | None:
    """Seconds until the same model is tried again after its `tries`-th failure, or None to give it up.

    `jitter` lies in 0..1. A provider that asks for a longer wait than the caller has patience for is given
    up: it would only refuse a try that comes too early.
    """
    longest = patience(has_next=has_next)
    if error.fault in NOT_SENT:
        after = error.retry_after or 0.0
        return None if has_next or after > longest or tries > _WAITS else after + _SPREAD * jitter
    treatment = TREATMENTS[error.fault]
    if tries >= (treatment.tries_with_next if has_next else treatment.tries_alone):
        return None
    wait = _FIRST_WAIT * 2.0 ** (tries - 1) * (0.75 + 0.5 * jitter)
    if error.retry_after is None:
        return wait
    return None if error.retry_after > longest else max(error.retry_after, wait)
