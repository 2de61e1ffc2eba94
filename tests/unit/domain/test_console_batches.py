"""What the script in a page sends is read as words of a page: in bounds, and whatever it is."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.domain.console import ConsoleEntry, ConsoleKind, ConsoleLevel
from studio.domain.console_batches import MOST_ENTRIES, Batch, batch_of

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
THROWN = {
    "kind": "error",
    "level": "error",
    "text": "Uncaught Error: no",
    "stack": "Error: no\n    at total (http://localhost:4000/src/cart.js?t=7:3:9)",
    "count": 2,
    "time": NOON.timestamp() * 1000 - 500,
}


def sent(*entries: object, **more: object) -> Batch:
    return batch_of(json.dumps({"entries": entries, "page": "/cart", **more}), NOON)


def test_an_entry_is_read_with_place_time_and_page() -> None:
    [entry] = sent(THROWN).entries

    assert (entry.kind, entry.level, entry.count, entry.page) == (ConsoleKind.ERROR, ConsoleLevel.ERROR, 2, "/cart")
    assert entry.source == "/src/cart.js:3:9"
    assert entry.stack[0].source == "/src/cart.js?t=7"
    assert entry.time == NOON - timedelta(seconds=0.5)


def test_an_entry_tells_where_its_page_was_loaded_whatever_that_calls_itself_by_now() -> None:
    [entry] = sent(THROWN, began="/").entries

    assert (entry.page, entry.view) == ("/cart", "/")


@pytest.mark.parametrize("kind", ["log", "service", "sandbox"])
def test_a_page_cannot_write_the_log_of_a_container_nor_at_another_time(kind: str) -> None:
    [entry] = sent({**THROWN, "kind": kind, "time": 0}).entries

    assert (entry.kind, entry.time) == (ConsoleKind.CONSOLE, NOON)


def test_what_is_too_much_is_dropped_and_counted() -> None:
    batch = sent(*[THROWN] * (MOST_ENTRIES + 7), dropped=20)

    assert (len(batch.entries), batch.dropped) == (MOST_ENTRIES, 27)


@pytest.mark.parametrize("payload", ["", "{", "[]", '{"entries": 3}', "[" * 100_000])
def test_what_cannot_be_read_is_counted_as_one(payload: str) -> None:
    assert batch_of(payload, NOON) == Batch(dropped=1)


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(st.dictionaries(st.sampled_from(sorted(THROWN)), _json))
def test_an_entry_may_hold_anything(said: dict[str, object]) -> None:
    batch = batch_of(json.dumps({"entries": [said], "dropped": 0}), NOON)

    assert [type(entry) for entry in batch.entries] == [ConsoleEntry]


@pytest.mark.parametrize("time", [10**400, -(10**400), 1e308, float("nan"), float("inf"), True, "now"])
def test_a_time_that_no_machine_has_is_now(time: object) -> None:
    [entry] = sent({**THROWN, "time": time}).entries

    assert entry.time == NOON
