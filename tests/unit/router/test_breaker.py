from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from studio.domain.errors import ProviderError, ProviderFault
from studio.router.breaker import Breaker


def fail(breaker: Breaker, times: int, fault: ProviderFault = ProviderFault.OVERLOADED, **words: Any) -> None:
    for _ in range(times):
        breaker.failed("anthropic", ProviderError(fault, "No.", **words))


def rest(breaker: Breaker, clock: Any) -> float:
    until: datetime | None = breaker.rests_until("anthropic")
    return 0.0 if until is None else (until - clock.now()) / timedelta(seconds=1)


def test_five_failures_in_a_row_begin_a_rest(clock: Any) -> None:
    breaker = Breaker(clock)
    fail(breaker, 4)
    assert rest(breaker, clock) == 0
    fail(breaker, 1)
    assert rest(breaker, clock) == 30
    assert breaker.rests_until("openai") is None


def test_a_reply_begins_the_count_anew(clock: Any) -> None:
    breaker = Breaker(clock)
    fail(breaker, 4)
    breaker.replied("anthropic")
    fail(breaker, 4)
    assert rest(breaker, clock) == 0


async def test_each_failure_after_a_rest_makes_the_next_one_twice_as_long_up_to_ten_minutes(clock: Any) -> None:
    breaker = Breaker(clock)
    fail(breaker, 4)
    rests = []
    for _ in range(7):
        fail(breaker, 1)
        rests.append(rest(breaker, clock))
        await clock.sleep(rests[-1])
        assert rest(breaker, clock) == 0
    assert rests == [30, 60, 120, 240, 480, 600, 600]


def test_of_two_reasons_for_a_rest_the_one_that_lasts_longer_is_told(clock: Any) -> None:
    breaker = Breaker(clock)
    fail(breaker, 1, ProviderFault.RATE_LIMITED, retry_after=5)
    assert breaker.asked_for_rest("anthropic")
    fail(breaker, 5)
    assert not breaker.asked_for_rest("anthropic")
    fail(breaker, 1, ProviderFault.RATE_LIMITED, retry_after=3600)
    assert breaker.asked_for_rest("anthropic")


@pytest.mark.parametrize("asked", [(5, 5), (3_600, 3_600), (30 * 86_400, 86_400)])
def test_a_provider_that_asks_for_a_pause_gets_it_for_a_day_at_most(clock: Any, asked: tuple[int, int]) -> None:
    breaker = Breaker(clock)
    fail(breaker, 1, ProviderFault.RATE_LIMITED, retry_after=asked[0])
    assert rest(breaker, clock) == asked[1]


@pytest.mark.parametrize(
    "fault", [ProviderFault.AUTH, ProviderFault.UNKNOWN_MODEL, ProviderFault.BAD_REQUEST, ProviderFault.RATE_LIMITED]
)
def test_what_says_nothing_of_the_provider_is_not_counted(clock: Any, fault: ProviderFault) -> None:
    breaker = Breaker(clock)
    fail(breaker, 20, fault)
    assert rest(breaker, clock) == 0
