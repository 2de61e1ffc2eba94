"""An id is compared as the text that it is: nobody asks SQLAlchemy's object mapper about it."""

from __future__ import annotations

import pytest
from sqlalchemy import inspection, select

from studio.domain.ids import ProjectId
from studio.store import projects
from studio.store.tables import metadata


def test_an_id_is_bound_without_a_question_of_what_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    assert projects.__name__  # which makes its table
    ids = metadata.tables["projects"].c.id
    asked: list[object] = []
    monkeypatch.setattr(inspection, "inspect", lambda value, *_: asked.append(value))

    text = str(select(ids).where(ids == ProjectId("p1"), ids.in_([ProjectId("p2")])))

    assert "WHERE projects.id = :id_1" in text
    assert asked == []
