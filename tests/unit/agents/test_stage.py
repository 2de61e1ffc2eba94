from __future__ import annotations

from datetime import UTC, datetime

import pytest

from studio.agents.replay.record import Record
from studio.agents.replay.stage import Break, Stage
from studio.domain.errors import LimitReached
from studio.domain.events import Recorded, StepStarted, TurnEnded
from studio.domain.ids import ProjectId, RunId
from studio.domain.models import ModelRef
from studio.domain.runs import Outcome, Run

NOW = datetime(2026, 1, 1, tzinfo=UTC)
RUN = Run(RunId("r1"), ProjectId("p1"), "engineer", "Go", ModelRef("ollama", "q"), "main", "a", "b", "a", NOW)
AT_LIMIT = TurnEnded("t1", Outcome.LIMIT, 3, "b", reason="All steps were used.")


def stage() -> Stage:
    """Where a turn is recorded to have ended at a limit."""
    return Stage(Record(RUN, (Recorded(7, NOW, RUN.project, RUN.id, AT_LIMIT),)))


def test_a_turn_that_goes_on_where_a_limit_ended_it_goes_another_way() -> None:
    at = stage()
    with pytest.raises(BaseException):  # noqa: B017, PT011  # what breaks a turn off is no error of its own
        at.admit((StepStarted.kind,))
    assert at.broken is Break.DIVERGED
    assert at.difference == "The turn went another way: it made step_started, but event 7 of the log is turn_ended."


def test_a_limit_that_cut_a_call_to_a_model_is_taken_from_the_record() -> None:
    assert isinstance(stage().halt("it asked a model"), LimitReached)
