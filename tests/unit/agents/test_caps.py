"""Of what fails in a preview a run notes little, whatever a page does, and counts the rest."""

from __future__ import annotations

from studio.agents.caps import BYTES, MOST, PER_SECONDS, SAME_SECONDS, Caps


def failure(name: object) -> tuple[str, str, str]:
    return "error", str(name), "a.js:1"


def test_an_equal_failure_is_noted_again_only_after_a_while() -> None:
    caps = Caps()
    assert caps.take(failure("a"), 10, 0.0) == 0
    assert caps.take(failure("a"), 10, SAME_SECONDS - 1) is None
    assert caps.take(failure("a"), 10, SAME_SECONDS) == 0


def test_more_than_a_few_in_a_minute_are_counted_and_told_with_the_next() -> None:
    caps = Caps()
    assert [caps.take(failure(number), 10, 0.0) for number in range(MOST + 3)] == [0] * MOST + [None] * 3
    assert caps.take(failure("later"), 10, PER_SECONDS) == 3
    assert caps.take(failure("last"), 10, PER_SECONDS) == 0


def test_a_page_that_fails_for_ever_fills_no_log() -> None:
    caps = Caps()
    noted = [caps.take(failure(number), 2000, number * SAME_SECONDS) for number in range(1000)]
    assert sum(2000 for one in noted if one is not None) <= BYTES


def test_lines_that_were_looked_up_afterwards_count_as_well() -> None:
    caps = Caps()
    assert caps.take(("", "first", ""), 10, 0.0) == 0
    caps.spend(BYTES)

    assert caps.take(("", "second", ""), 10, PER_SECONDS) is None
