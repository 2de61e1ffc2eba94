"""No more requests a minute go out with a key than it may make; who must wait is told how long."""

from __future__ import annotations

from typing import Any

from studio.domain.providers import Provider, ProviderKind
from studio.router.rates import Rates
from studio.router.registry import Registry


def limited(clock: Any, most: int) -> Rates:
    return Rates(clock, {"groq": most}.get)


def test_a_minute_takes_as_many_requests_as_the_key_may_make_at_once(clock: Any) -> None:
    rates = limited(clock, 3)
    assert [rates.take("groq", 60) for _ in range(4)] == [0, 0, 0, 60]


def test_a_provider_without_a_limit_waits_for_nothing(clock: Any) -> None:
    rates = limited(clock, 1)
    assert [rates.take("openai", 60) for _ in range(50)] == [0] * 50


async def test_a_place_is_free_again_a_minute_after_it_was_taken(clock: Any) -> None:
    rates = limited(clock, 2)
    rates.take("groq", 60)
    await clock.sleep(45)
    rates.take("groq", 60)
    assert rates.take("groq", 60) == 15


def test_those_who_wait_get_places_one_after_the_other(clock: Any) -> None:
    rates = limited(clock, 1)
    assert [rates.take("groq", 600) for _ in range(4)] == [0, 60, 120, 180]


def test_a_place_that_nobody_waits_for_stays_free_for_others(clock: Any) -> None:
    rates = limited(clock, 1)
    rates.take("groq", 2)
    assert [rates.take("groq", 2), rates.take("groq", 2), rates.take("groq", 60)] == [60, 60, 60]


async def test_never_more_go_out_in_any_minute(clock: Any) -> None:
    rates, sent = limited(clock, 5), list[float]()
    for _ in range(40):
        sent.append(clock.monotonic() + rates.take("groq", 3_600))
        await clock.sleep(1.75)
    assert all(later - earlier >= 60 for earlier, later in zip(sent, sent[5:], strict=False))


def test_providers_that_share_a_key_share_its_places(clock: Any) -> None:
    kind, limit = ProviderKind.OPENAI_COMPATIBLE, 2
    registry = Registry(
        (
            Provider("lab", kind, "Lab", key_variable="LAB_API_KEY", requests_per_minute=limit),
            Provider("lab-eu", kind, "Lab, Europe", key_variable="LAB_API_KEY"),
            Provider("house", kind, "House", key_variable="HOUSE_API_KEY", requests_per_minute=limit),
        )
    )
    rates = Rates(clock, registry.per_minute, registry.key_of)
    asked = ("lab", "lab-eu", "lab", "lab-eu", "house")
    assert [rates.take(name, 60) for name in asked] == [0, 0, 60, 60, 0]
