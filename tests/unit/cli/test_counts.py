"""What is counted for people is counted in words that fit: one step, two steps."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from studio.cli.follow import _Words
from studio.domain.events import Recorded, TurnEnded
from studio.domain.ids import ProjectId, RunId
from studio.domain.runs import Outcome


@pytest.mark.parametrize(("steps", "words"), [(1, "replied · 1 step · 0 tokens"), (2, "replied · 2 steps · 0 tokens")])
def test_the_last_line_of_a_turn_counts_its_steps(capsys: pytest.CaptureFixture[str], steps: int, words: str) -> None:
    ended = TurnEnded("t1", Outcome.REPLIED, steps, "studio/x")
    _Words("shop", hint=False).end(Recorded(1, datetime.now(UTC), ProjectId("p1"), RunId("r1"), ended), ended, "")
    assert words in capsys.readouterr().err
