"""An agent that goes in circles is told so once, and then stopped; one that works or waits is left alone."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from studio.domain.events import AgentNudged, TurnEnded, UsageRecorded
from studio.domain.runs import Outcome
from tests.fixtures.command_line import CommandLine
from tests.fixtures.engine import events_of, first_event, opened
from tests.fixtures.handed import HANDED
from tests.fixtures.repositories import make_repository
from tests.fixtures.scripts import call, scripted, shell

pytestmark = pytest.mark.docker

TOLD = "A note from Studio, not from the developer"
READ = call("read", path="a.txt")
HEARD = {"contains": [TOLD, "same each time"], **READ}
"""What a model says that was told; it fails when it was not."""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return make_repository(tmp_path / "shop", {"a.txt": "one\n"})


def words(repository: Path, *replies: object) -> tuple[str, ...]:
    model = scripted(repository.parent, *replies)
    return "run", "Go", "--project", str(repository), "--model", model, "--approve", "auto", "--json"


def test_a_thousand_identical_calls_end_after_few_steps(studio: CommandLine, repository: Path) -> None:
    ran = studio(*words(repository, READ, READ, READ, HEARD, *[READ] * 996))

    assert (ran.code, ran.outcome["outcome"], ran.outcome["steps"]) == (4, "limit", 6), ran.err
    assert "goes in circles" in ran.outcome["reason"]
    assert "“read a.txt” 3 times" in ran.outcome["reason"]
    assert "Send a message that says what to do differently" in ran.err
    assert ran.kinds().count("agent_nudged") == 1

    log = studio("runs", "log", ran.outcome["run"])
    assert log.out.count(TOLD) == 1
    more = studio("run", "Look elsewhere", "--run", ran.outcome["run"], "--json")
    assert (more.outcome["steps"], more.kinds().count("agent_nudged")) == (6, 1), more.err


def test_an_agent_that_heeds_what_it_is_told_goes_on(studio: CommandLine, repository: Path) -> None:
    # Without --json, as people read it.
    ran = studio(*words(repository, READ, READ, READ, HEARD, READ, HANDED)[:-1])
    assert ran.code == 0, ran.err
    assert ran.err.count("told that it repeats itself: it did “read a.txt” 3 times") == 1


@pytest.mark.parametrize(
    "point", ["after_tool_answered:2", "before_agent_nudged", "after_agent_nudged", "after_tool_answered:5"]
)
async def test_a_kill_in_between_changes_neither_count_nor_what_is_told(
    studio: CommandLine, repository: Path, point: str
) -> None:
    killed = studio(*words(repository, READ, READ, READ, HEARD, READ, READ, READ), STUDIO_FAULT_POINT=point)
    assert killed.code == -signal.SIGKILL

    async with opened(studio.home) as reopened:
        (run,) = await reopened.chats.runs()
        ended = await first_event(reopened, run.id, TurnEnded)
        log = await events_of(reopened, run.id)
    assert (ended.outcome, "goes in circles" in ended.reason) == (Outcome.LIMIT, True), ended.reason
    assert sum(isinstance(event, UsageRecorded) for event in log) == 6
    assert sum(isinstance(event, AgentNudged) for event in log) == 1


def test_working_and_waiting_are_no_circles(studio: CommandLine, repository: Path) -> None:
    tests = shell("grep -c two a.txt; echo failed; false")
    edits = [call("write", path="b.txt", content=f"try {number}\n") for number in range(4)]
    tries = [reply for edit in edits for reply in (edit, tests)]
    begun = shell("(for n in 1 2 3 4 5 6 7 8 9; do echo $n >> /tmp/log; sleep 1; done) > /dev/null 2>&1 &")
    poll = shell("sleep 1.1; tail -1 /tmp/log")
    ran = studio(*words(repository, *tries, begun, *[poll] * 4, HANDED))
    assert (ran.code, ran.kinds().count("agent_nudged")) == (0, 0), ran.err
    assert ran.kinds().count("snapshot_taken") == 4
