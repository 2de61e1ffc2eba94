from __future__ import annotations

import pytest

from studio.domain.money import NanoUsd, show_sum


@pytest.mark.parametrize(
    ("priced", "unpriced", "said"),
    [
        (10**9, 0, "$1.00"),
        (10**9, 2, "$1.00 + 2 unpriced"),
        (0, 2, "$0.00 + 2 unpriced"),
        (None, 2, "unpriced"),
    ],
)
def test_a_sum_never_hides_calls_without_a_price(priced: int | None, unpriced: int, said: str) -> None:
    assert show_sum(None if priced is None else NanoUsd(priced), unpriced) == said
