"""A list of runs says what is to happen of itself, and when nobody is there to do it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from studio.cli.runs import _name_left, _standing
from studio.domain.runs import RunState
from tests.fixtures.memory import a_project, a_run


class Studio:
    """A core that runs an engine, or none."""

    def __init__(self, *, works: bool) -> None:
        self.works = works
        self.parkings = SimpleNamespace(goes_on=self._goes_on)

    async def _goes_on(self) -> bool:
        return self.works


def a_run_in(state: RunState, **changes: Any) -> Any:
    return a_run(a_project(), state=state, **changes)


def test_a_run_whose_time_has_come_is_due_and_not_parked_until_a_time_that_has_passed() -> None:
    now = datetime.now(UTC)
    late = a_run_in(RunState.PARKED, parked_until=now - timedelta(seconds=30))
    early = a_run_in(RunState.PARKED, parked_until=now + timedelta(hours=1))

    assert _standing(late) == "parked, due"
    assert _standing(early).startswith("parked until ")


async def test_runs_that_nobody_works_on_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    left, done = a_run_in(RunState.WORKING), a_run_in(RunState.IDLE)
    studio: Any = Studio(works=False)

    await _name_left(studio, [left, done])

    told = capsys.readouterr().err
    assert told == f"No Studio works on {left.id}: that goes on once one does (the window, or studio serve).\n"


async def test_nothing_is_said_of_runs_that_go_on(capsys: pytest.CaptureFixture[str]) -> None:
    working, idle = a_run_in(RunState.WORKING), a_run_in(RunState.IDLE)
    here: Any = Studio(works=True)
    nowhere: Any = Studio(works=False)

    await _name_left(here, [working])
    await _name_left(nowhere, [idle])

    assert capsys.readouterr().err == ""
