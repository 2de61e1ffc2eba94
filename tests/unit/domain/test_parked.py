"""What is said of a turn that is parked."""

import pytest

from studio.agents.parking import GOES_ON
from studio.domain.events import TurnEnded
from studio.domain.parked import next_action
from studio.domain.runs import Outcome


@pytest.mark.parametrize("action", ["", "Start it (ollama serve), or set OLLAMA_HOST."])
def test_what_to_do_about_the_reason_is_told_apart_from_the_waiting(action: str) -> None:
    told = GOES_ON.format(action=action, run="r1").lstrip()
    assert next_action(TurnEnded("t", Outcome.PARKED, 0, "b", action=told)) == action
