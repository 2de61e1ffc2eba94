"""A role hands its result over: typed, kept in the log, and asked for once by code where it was forgotten."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest

from studio.domain.events import HandedOff, HandOverRequested, TurnEnded
from tests.fixtures.command_line import CommandLine
from tests.fixtures.engine import events_of, first_event, opened
from tests.fixtures.repositories import make_repository

pytestmark = pytest.mark.docker

READ = {"calls": [{"name": "read", "arguments": {"path": "a.txt"}}]}
WRITE = {"calls": [{"name": "write", "arguments": {"path": "a.txt", "content": "two\n"}}]}
RESULT = {"verdict": "holds", "checks": ["read a.txt: it says one"], "faults": ["none"]}
TOLD = "You stopped without handing over"


def hand_off(**arguments: object) -> dict[str, object]:
    return {"text": "It holds.", "calls": [{"name": "hand_off", "arguments": arguments}]}


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return make_repository(tmp_path / "shop", {"a.txt": "one\n"})


def words(repository: Path, *replies: object, role: str = "tester") -> tuple[str, ...]:
    script = repository.parent / "replies.json"
    script.write_text(json.dumps({"replies": replies}))
    return "run", "Test it", "--project", str(repository), "--role", role, "--model", f"scripted/{script}", "--json"


def test_a_result_ends_the_turn_and_is_told_with_its_outcome(studio: CommandLine, repository: Path) -> None:
    given = hand_off(result=RESULT, next_role="reviewer", note="Begin with a.txt.")
    ran = studio(*words(repository, READ, given))

    assert (ran.code, ran.outcome["outcome"], ran.outcome["steps"]) == (0, "replied", 2), ran.err
    assert ran.outcome["handoff"] == {"to": "reviewer", "note": "Begin with a.txt.", "result": RESULT}
    [handed] = [line for line in ran.lines if line["kind"] == "handed_off"]
    assert (handed["role"], handed["result"]) == ("tester", RESULT)
    assert [line["outcome"] for line in ran.lines if line["kind"] == "turn_ended"] == ["handed_off"]

    log = studio("runs", "log", ran.outcome["run"])
    assert "Handed over to the reviewer:\n  verdict: holds\n" in log.out
    more = studio("run", "And now?", "--run", ran.outcome["run"], "--json")
    assert more.outcome["handoff"] is None, more.err


def test_a_person_reads_the_result_field_by_field(studio: CommandLine, repository: Path) -> None:
    ran = studio(*words(repository, READ, hand_off(result=RESULT))[:-1])
    assert ran.code == 0, ran.err
    assert "Handed over:\n  verdict: holds\n  checks: \n    - read a.txt: it says one\n" in ran.out
    assert "handed off · 2 steps" in ran.err
    assert "go on: studio run" not in ran.err


def test_a_person_is_told_how_the_next_role_goes_on(studio: CommandLine, repository: Path) -> None:
    ran = studio(*words(repository, READ, hand_off(result=RESULT, next_role="reviewer"))[:-1])
    assert "Let the reviewer go on: studio run MESSAGE --project shop --role reviewer\n" in ran.err
    replies = repository.parent / "next.json"
    replies.write_text(json.dumps({"replies": [{"text": "I review."}]}))
    model = ("--model", f"scripted/{replies}")
    went_on = studio("run", "Review it", "--project", "shop", "--role", "reviewer", *model)
    assert "handoff from tester" in went_on.err


def test_a_wrong_result_is_answered_and_can_be_mended(studio: CommandLine, repository: Path) -> None:
    ran = studio(*words(repository, READ, hand_off(result={"verdict": "perhaps"}), hand_off(result=RESULT)))
    assert ran.outcome["handoff"]["result"] == RESULT, ran.err
    refused = next(line for line in ran.lines if line["kind"] == "tool_answered" and line["name"] == "hand_off")
    assert not refused["ok"]
    assert "- result.verdict: Input should be 'holds', 'does not hold' or 'could not be tested'" in refused["text"]
    assert "- result.checks: Field required" in refused["text"]


def test_an_agent_that_forgets_is_told_once_and_can_hand_over(studio: CommandLine, repository: Path) -> None:
    heard = {"contains": [TOLD, "verdict, checks, faults"], **hand_off(result=RESULT)}
    ran = studio(*words(repository, READ, {"text": "It holds."}, heard))
    assert ran.outcome["handoff"]["result"] == RESULT, ran.err
    assert ran.kinds().count("hand_over_requested") == 1


def test_one_that_does_not_heed_it_ends_and_its_end_says_so(studio: CommandLine, repository: Path) -> None:
    done = {"text": "It holds."}
    ran = studio(*words(repository, READ, done, {"contains": [TOLD], **done}))
    assert (ran.code, ran.outcome["outcome"], ran.outcome["steps"]) == (0, "replied", 3), ran.err
    assert ran.outcome["reason"] == "The tester stopped without handing over its result, also after it was told to."
    assert ran.outcome["handoff"] is None


def test_an_answer_that_took_no_work_owes_nothing(studio: CommandLine, repository: Path) -> None:
    ran = studio(*words(repository, {"text": "Yes, with pytest."}))
    assert (ran.outcome["steps"], ran.outcome["reason"]) == (1, None), ran.err


def test_an_engineer_may_look_and_answer_without(studio: CommandLine, repository: Path) -> None:
    look = {"calls": [{"name": "shell", "arguments": {"command": "cat a.txt"}}]}
    ran = studio(*words(repository, READ, look, {"text": "It says one."}, role="engineer"), "--approve", "auto")
    assert (ran.outcome["steps"], ran.outcome["reason"]) == (3, None), ran.err


def test_an_engineer_that_changed_a_file_is_told_once_and_can_hand_over(studio: CommandLine, repository: Path) -> None:
    done = {"summary": "It says two.", "checks": ["none: read it"]}
    heard = {"contains": [TOLD, "summary, checks"], **hand_off(result=done)}
    ran = studio(*words(repository, WRITE, {"text": "It says two."}, heard, role="engineer"))
    assert ran.outcome["handoff"]["result"] == done, ran.err
    assert ran.kinds().count("hand_over_requested") == 1


def test_an_engineer_is_asked_what_it_did_without_owing_it_again(studio: CommandLine, repository: Path) -> None:
    done = {"summary": "It says two.", "checks": ["none: read it"]}
    ran = studio(*words(repository, WRITE, hand_off(result=done), READ, {"text": "Two."}, role="engineer"))
    more = studio("run", "What does it say now?", "--run", ran.outcome["run"], "--json")
    assert (more.outcome["steps"], more.outcome["reason"]) == (2, None), more.err


def test_what_a_person_changed_by_hand_is_no_work_of_an_engineer(studio: CommandLine, repository: Path) -> None:
    done = {"summary": "It says two.", "checks": ["none: read it"]}
    ran = studio(*words(repository, WRITE, hand_off(result=done), READ, {"text": "Mine."}, role="engineer"))
    workspace = next((studio.home).rglob("files/a.txt"))
    workspace.write_text("by hand\n")
    more = studio("run", "What does it say now?", "--run", ran.outcome["run"], "--json")
    assert "snapshot_taken" in more.kinds()
    assert (more.outcome["steps"], more.outcome["reason"]) == (2, None), more.err


@pytest.mark.parametrize("point", ["after_tool_answered:2", "before_handed_off", "after_hand_over_requested"])
async def test_a_kill_in_between_loses_and_doubles_nothing(studio: CommandLine, repository: Path, point: str) -> None:
    forgot = ({"text": "It holds."},) if point == "after_hand_over_requested" else ()
    killed = studio(*words(repository, READ, *forgot, hand_off(result=RESULT)), STUDIO_FAULT_POINT=point)
    assert killed.code == -signal.SIGKILL

    async with opened(studio.home) as reopened:
        (run,) = await reopened.chats.runs()
        await first_event(reopened, run.id, TurnEnded)
        log = await events_of(reopened, run.id)
    assert [event.result for event in log if isinstance(event, HandedOff)] == [RESULT]
    assert sum(isinstance(event, HandOverRequested) for event in log) == len(forgot)
