"""How long a provider asks to be left alone, however it says so."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.adapters.providers.waits import retry_after, spoken

NOW = datetime(2026, 1, 1, 12, 0, 0, tzinfo=UTC)
YEAR = 366 * 86_400.0


@pytest.mark.parametrize(
    ("headers", "said", "seconds"),
    [
        ({"retry-after": "7"}, "", 7.0),
        ({"retry-after": "172800"}, "", 172_800.0),
        ({"retry-after": "Thu, 01 Jan 2026 12:00:30 GMT"}, "", 30.0),
        ({"retry-after": "Sun, 04 Jan 2026 12:00:00 +0000"}, "", 259_200.0),
        ({"retry-after": "Thu, 01 Jan 2026 11:00:00 GMT"}, "", 0.0),
        ({"retry-after": "-5"}, "", 0.0),
        ({"retry-after-ms": "250"}, "", 0.25),
        ({"retry-after-ms": "soon", "retry-after": "7"}, "", 7.0),
        ({"retry-after": "inf"}, "", YEAR),
        ({"retry-after": "Fri, 31 Dec 9999 23:59:59 GMT"}, "", YEAR),
        ({"retry-after": "nan"}, "", None),
        ({"retry-after": "soon"}, "", None),
        ({"retry-after": "Thu, 99 Foo 20260 12:00:00 GMT"}, "", None),
        ({}, "", None),
        ({}, "Rate limit reached. Please try again in 7m12.5s.", 432.5),
        ({}, "Please try again in 120ms. Visit", 0.12),
        ({}, "Quota exceeded. Please retry in 35.2s.", 35.2),
        ({}, "Please try again in 1h2m3s", 3723.0),
        ({}, "Please try again in 2d", 172_800.0),
        ({}, "Please try again in a while", None),
        ({"retry-after": "7"}, "try again in 9s", 7.0),
        ({"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "6m0s"}, "", 360.0),
        ({"x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "850ms"}, "", 0.85),
        ({"x-ratelimit-remaining-requests": "12", "x-ratelimit-reset-requests": "6m0s"}, "", None),
        ({"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "soon"}, "", None),
    ],
)
def test_every_way_of_naming_a_time_is_read(headers: dict[str, str], said: str, seconds: float | None) -> None:
    assert retry_after(headers, said, NOW) == seconds


@given(named=st.text(), milliseconds=st.text(), said=st.text())
def test_no_text_makes_a_wait_that_is_none(named: str, milliseconds: str, said: str) -> None:
    found = retry_after({"retry-after": named, "retry-after-ms": milliseconds}, f"try again in {said}", NOW)
    assert found is None or 0 <= found <= YEAR


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.2, "1 second"), (40, "40 seconds"), (61, "2 minutes"), (7200, "2 hours"), (172_800, "2 days")],
)
def test_a_wait_is_said_in_its_largest_unit(seconds: float, words: str) -> None:
    assert spoken(seconds) == words
