"""A line of an app's log counts as about Studio's own request as often as Studio asked, and no longer after."""

from __future__ import annotations

import pytest

from studio.sandbox.own_requests import SECONDS, OwnRequests
from tests.fixtures.set_clock import SetClock


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def own(clock: SetClock) -> OwnRequests:
    """Studio has asked for `/` once."""
    made = OwnRequests(clock)
    made.note("/")
    return made


def test_each_request_is_told_of_once(own: OwnRequests) -> None:
    own.note("/")

    assert [own.told("/", "p1") for _ in range(3)] == [True, True, False]


def test_what_stands_before_the_app_tells_of_it_besides_the_app(own: OwnRequests) -> None:
    assert [own.told("/", writer) for writer in ("p1", "p2")] == [True, True]


def test_another_path_was_not_asked_for(own: OwnRequests) -> None:
    assert not own.told("/cart", "p1")


async def test_a_line_that_comes_long_after_is_about_another_request(own: OwnRequests, clock: SetClock) -> None:
    await clock.sleep(SECONDS + 1)

    assert not own.told("/", "p1")
