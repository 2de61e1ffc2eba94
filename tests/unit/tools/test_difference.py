"""The difference of two texts: enough to follow, and never too long."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.tools.difference import DIFFERENCE_CHARACTERS, MOST_LINES, Difference, difference

texts = st.lists(st.sampled_from(["a", "b", "", "+ c", "--- d"]), max_size=12).map(
    lambda lines: "".join(f"{line}\n" for line in lines)
)


@given(texts, texts)
def test_what_is_taken_out_and_put_in_leads_from_one_text_to_the_other(before: str, after: str) -> None:
    told = difference(before, after).text.split("\n")
    gone, come = ([line[2:] for line in told if line.startswith(sign)] for sign in ("- ", "+ "))
    kept = sorted(before.splitlines())
    for line in gone:
        kept.remove(line)
    assert sorted(kept + come) == sorted(after.splitlines())
    found = difference(before, after)
    assert (found.added, found.removed) == (len(come), len(gone))


@given(texts)
def test_texts_that_are_equal_have_none(text: str) -> None:
    assert difference(text, text) == Difference("", 0, 0)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("x" * 1_000_000, "y" * 1_000_000),
        ("\n" * 1_000_000, "a\n" * 500_000),
        ("a\n" * MOST_LINES, "b\n" * MOST_LINES),
    ],
)
def test_texts_of_any_length_give_a_short_one(before: str, after: str) -> None:
    told = difference(before, after).text
    assert "- " in told
    assert len(told) < DIFFERENCE_CHARACTERS + 40
