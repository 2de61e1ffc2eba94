"""What crosses between processes comes out as it went in."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.domain.budgets import Balance, Budget, Period, Scope
from studio.domain.ids import ProjectId, RunId
from studio.domain.models import ModelRef
from studio.domain.money import NanoUsd
from studio.domain.projects import Project
from studio.domain.roles import Limits
from studio.domain.runs import Outcome, Run, RunState
from studio.domain.tools import ApprovalMode
from studio.workflow.wire import from_plain, to_plain

RUN = Run(
    id=RunId("r1"),
    project=ProjectId("p1"),
    role="engineer",
    title="Fix – ü",
    model=ModelRef("openai", "a/b"),
    base_branch="main",
    base_commit="0" * 40,
    branch="studio/r1",
    head="1" * 40,
    created=datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC),
    approval=ApprovalMode.AUTO,
    limits=Limits(5, None, 10),
    fallbacks=(ModelRef("ollama", "x"),),
    state=RunState.WAITING,
    outcome=Outcome.WAITING,
)


def there_and_back(value: object, hint: object) -> object:
    return from_plain(json.loads(json.dumps(to_plain(value))), hint)


BALANCE = Balance(Budget(Scope.parse("run:r1"), Period.DAY, NanoUsd(5)), NanoUsd(2))


@pytest.mark.parametrize("value", [RUN, BALANCE, Project(ProjectId("p1"), "n", Path("/a b/ü"), RUN.created)])
def test_a_value_is_the_same_after_crossing(value: object) -> None:
    back = there_and_back(value, type(value))
    assert back == value
    assert type(back) is type(value)


def test_ids_and_enums_keep_their_types() -> None:
    back = there_and_back(RUN, Run)
    assert isinstance(back, Run)
    assert isinstance(back.id, RunId)
    assert isinstance(back.state, RunState)


@given(st.one_of(st.none(), st.text()))
def test_any_text_or_none_crosses(text: str | None) -> None:
    assert there_and_back(text, str | None) == text


@given(st.lists(st.text()).map(tuple))
def test_any_tuple_of_texts_crosses(words: tuple[str, ...]) -> None:
    assert there_and_back(words, tuple[str, ...]) == words


def test_what_has_no_plain_form_is_refused() -> None:
    with pytest.raises(TypeError, match="object cannot cross"):
        to_plain(object())
