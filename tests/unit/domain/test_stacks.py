"""The place that a text names is found, however the text is made."""

from __future__ import annotations

import pytest

from studio.domain.stacks import named_place
from tests.fixtures.growth import LINEAR, growth


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("/workspace/src/App.jsx: Unexpected token (5:3)", None),
        ("in src/App.jsx:5:3 and src/Cart.jsx:1:1", "src/App.jsx:5:3"),
        ("at /workspace/shop/main.py:12", "/workspace/shop/main.py:12"),
        ("at /home/me/shop/main.py:12", "home/me/shop/main.py:12"),
        ("http://localhost:3000/src/app.ts:7:2", "3000/src/app.ts:7:2"),
        ("note.txt:4 then .js:5 then a/.css:6 then 5:7.vue:3", "7.vue:3"),
        ("webpack:///./a//b.mjs:9", "b.mjs:9"),
    ],
)
def test_the_first_place_of_source_is_found(text: str, place: str | None) -> None:
    found = named_place(text)

    assert (found.place if found else None) == place


@pytest.mark.parametrize("piece", ["a.", "a/", ".js", ":1", "//"])
def test_a_hostile_text_costs_no_more_than_its_length(piece: str) -> None:
    def look(text: str) -> None:
        for _ in range(20):
            assert named_place(text) is None

    assert growth(look, piece, 150) < LINEAR
