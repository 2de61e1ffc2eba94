"""Source maps lead from what the browser runs to the source, and a map of a hostile server leads to nothing worse."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.domain.source_maps import Original, SourceMap

_SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


def packed(*numbers: int) -> str:
    """Numbers as a map writes them."""
    text = ""
    for number in numbers:
        left = (-number << 1 | 1) if number < 0 else number << 1
        while True:
            digit, left = left & 31, left >> 5
            text += _SIGNS[digit | (32 if left else 0)]
            if not left:
                break
    return text


def a_map(mappings: str, **more: object) -> SourceMap:
    said = {"version": 3, "sources": ["cart.ts", "till.ts"], "names": ["total"], "mappings": mappings, **more}
    return SourceMap.parse(json.dumps(said))


def test_a_place_between_two_is_that_of_the_one_before() -> None:
    found = a_map(f"{packed(0, 0, 0, 0)},{packed(10, 0, 4, 2, 0)}")

    assert found.original(1, 1) == Original("cart.ts", 1, 1)
    assert found.original(1, 10) == Original("cart.ts", 1, 1)
    assert found.original(1, 11) == Original("cart.ts", 5, 3, "total")
    assert found.original(1, 500) == Original("cart.ts", 5, 3, "total")


def test_what_the_map_does_not_know_is_nothing() -> None:
    found = a_map(f";{packed(4, 1, 0, 0)}")

    assert found.original(1, 1) is None
    assert found.original(7, 1) is None
    assert found.original(2, 9) == Original("till.ts", 1, 1)


def test_a_source_root_stands_before_the_sources() -> None:
    assert a_map(packed(0, 0, 0, 0), sourceRoot="/src").original(1, 1) == Original("/src/cart.ts", 1, 1)


def test_sections_are_maps_of_their_own() -> None:
    inner = {"version": 3, "sources": ["late.ts"], "names": [], "mappings": packed(0, 0, 0, 0)}
    said = {"version": 3, "sections": [{"offset": {"line": 2, "column": 4}, "map": inner}]}
    found = SourceMap.parse(json.dumps(said))

    assert found.original(3, 5) == Original("late.ts", 1, 1)
    assert found.original(2, 9) is None


@pytest.mark.parametrize("text", ["", "[]", "no", "[" * 20_000, '"map"'])
def test_what_is_no_map_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no JSON"):
        SourceMap.parse(text)


@pytest.mark.parametrize(
    "mappings",
    ["AA!A", "g", "ggggggggggggggggggA", "A,,A", "AAAAAA", packed(0, 0, 2**31, 0), "KAAA,DAAA," * 6000 + "AAAA"],
)
def test_mappings_that_cannot_be_read_are_refused(mappings: str) -> None:
    with pytest.raises(ValueError, match="cannot be read"):
        a_map(mappings)


def test_segments_that_are_not_in_order_are_found_all_the_same() -> None:
    found = a_map(f"{packed(10, 0, 4, 2)},{packed(-10, 1, -4, -2)};{packed(0, -1, 7, 0)}")

    assert [found.original(1, column) for column in (5, 11)] == [Original("till.ts", 1, 1), Original("cart.ts", 5, 3)]
    assert found.original(2, 1) == Original("cart.ts", 8, 1)


def test_a_source_that_is_not_there_is_nothing() -> None:
    assert a_map(packed(0, 99, 0, 0)).original(1, 1) is None
    assert a_map(packed(0, -4, 0, 0)).original(1, 1) is None


_segments = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 5000), st.integers(0, 300)), min_size=1, max_size=20)


@given(_segments)
def test_every_place_that_a_map_was_made_of_is_found_again(places: list[tuple[int, int, int]]) -> None:
    text, before = [], (0, 0, 0)
    for at, place in enumerate(places):
        text.append(packed(0 if at == 0 else 7, *(new - old for new, old in zip(place, before, strict=True))))
        before = place
    found = a_map(",".join(text))

    for at, (source, line, column) in enumerate(places):
        assert found.original(1, at * 7 + 1) == Original(("cart.ts", "till.ts")[source], line + 1, column + 1)
