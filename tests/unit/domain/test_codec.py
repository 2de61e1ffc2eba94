from __future__ import annotations

import dataclasses
import json
import typing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.domain.clock import from_text, to_text
from studio.domain.codec import EVENT_KINDS, from_payload, to_payload
from studio.domain.events import Event

SAMPLES = Path(__file__).parent / "events"
"""One payload of each kind as it was once saved. Add new ones; never change one."""

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


def fields_of(cls: type[Event]) -> dict[str, st.SearchStrategy[Any]]:
    hints = typing.get_type_hints(cls)
    return {field.name: values_for(hints[field.name]) for field in dataclasses.fields(cls)}


def values_for(hint: Any) -> st.SearchStrategy[Any]:
    if typing.get_origin(hint) is dict:
        return st.dictionaries(st.text(), json_values, max_size=3)
    if args := typing.get_args(hint):
        if typing.get_origin(hint) is tuple:
            return st.lists(values_for(args[0]), max_size=3).map(tuple)
        return st.one_of([values_for(arg) for arg in args])
    if hint is float:
        return st.floats(allow_nan=False, allow_infinity=False)
    return st.none() if hint is type(None) else st.from_type(hint)


@pytest.mark.parametrize("kind", EVENT_KINDS)
def test_an_event_saved_long_ago_still_opens(kind: str) -> None:
    saved = json.loads((SAMPLES / f"{kind}.json").read_text("utf-8"))
    opened = to_payload(from_payload(kind, saved))
    assert {name: opened[name] for name in saved} == saved


def test_no_kind_that_was_ever_saved_has_been_given_up() -> None:
    assert {path.stem for path in SAMPLES.glob("*.json")} <= set(EVENT_KINDS)


@pytest.mark.parametrize("cls", EVENT_KINDS.values())
@given(data=st.data())
def test_every_event_comes_back_from_json_as_it_was(cls: type[Event], data: st.DataObject) -> None:
    event = cls(**data.draw(st.fixed_dictionaries(fields_of(cls))))
    assert from_payload(event.kind, json.loads(json.dumps(to_payload(event)))) == event


def test_fields_of_a_later_version_are_passed_over() -> None:
    event = from_payload("tool_started", {"call": "c1", "added_in_a_later_version": 1})
    assert to_payload(event) == {"call": "c1", "rules": []}


def test_a_lost_field_is_no_event() -> None:
    with pytest.raises(TypeError):
        from_payload("tool_started", {})


moments = st.datetimes(min_value=datetime(1970, 1, 1), timezones=st.just(UTC))


@given(moments, moments)
def test_the_order_of_times_is_the_order_of_their_texts(one: datetime, other: datetime) -> None:
    assert from_text(to_text(one)) == one
    assert (to_text(one) < to_text(other)) == (one < other)
