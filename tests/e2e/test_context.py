"""What an agent keeps before its eyes over long work, as a person meets it on the command line."""

from __future__ import annotations

import hashlib
import json
import signal
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from studio.domain.codec import to_payload
from studio.domain.events import TurnEnded
from tests.fixtures.aimock import Fixture, ModelServer, calling, conversation, saying
from tests.fixtures.command_line import CommandLine
from tests.fixtures.engine import events_of, first_event, opened
from tests.fixtures.repositories import make_repository
from tests.fixtures.scripts import call, scripted, shell

pytestmark = pytest.mark.docker


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return make_repository(tmp_path / "shop", {"a.txt": "one\n"})


def test_a_long_output_is_shown_by_its_ends_and_read_again_in_another_process(
    studio: CommandLine, repository: Path
) -> None:
    whole = "\n".join(map(str, range(1, 20_001))) + "\n[exit code 0]"
    handle = f"output:{hashlib.sha256(whole.encode()).hexdigest()[:16]}"
    model = scripted(
        repository.parent,
        shell("seq 1 20000"),
        {"contains": ["1\n2\n3\n", f'read_output("{handle}", start_line=', "20000\n[exit code 0]"], "text": "Long."},
        call("read_output", output=handle, start_line=10_000, lines=2),
        {"contains": ["10000\t10000\n10001\t10001\n… 10000 more lines"], "text": "Read."},
    )
    ran = studio("run", "Count", "--project", str(repository), "--model", model, "--approve", "auto", "--json")
    assert ran.code == 0, ran.err
    answered = next(line for line in ran.lines if line["kind"] == "tool_answered")
    assert len(answered["text"]) <= 12_000

    more = studio("run", "Look at the middle", "--run", ran.outcome["run"], "--json")
    assert more.code == 0, more.err


COUNTING = [shell(f"seq {number} {number + 1500}") for number in range(0, 12_000, 1000)]
SMALL = {"STUDIO_CONTEXT_TOKENS": "16000", "STUDIO_MAX_OUTPUT_TOKENS": "2000"}


def test_long_work_goes_on_within_a_small_window_and_says_when_older_steps_are_shortened(
    studio: CommandLine, repository: Path
) -> None:
    model = scripted(repository.parent, *COUNTING, {"text": "Counted."})
    ran = studio("run", "Count", "--project", str(repository), "--model", model, "--approve", "auto", **SMALL)
    assert ran.code == 0, ran.err
    assert "Counted." in ran.out
    assert "older steps are told in one line each from here on" in ran.err


@pytest.mark.parametrize("point", ["before_context_compacted", "after_context_compacted"])
async def test_a_kill_around_a_compaction_changes_nothing_of_what_follows(
    studio: CommandLine, repository: Path, point: str
) -> None:
    model = scripted(repository.parent, *COUNTING, {"text": "Counted."})
    words = ("run", "Count", "--project", str(repository), "--model", model, "--approve", "auto", "--json")
    whole = studio(*words, **SMALL)
    assert whole.code == 0, whole.err
    assert studio(*words, STUDIO_FAULT_POINT=point, **SMALL).code == -signal.SIGKILL

    async with opened(studio.home, SMALL) as reopened:
        run = (await reopened.chats.runs())[0]
        await first_event(reopened, run.id, TurnEnded)
        log = [to_payload(event) | {"kind": event.kind} for event in await events_of(reopened, run.id)]
    assert log[-1]["outcome"] == "replied", log[-1]
    assert sizes(log) == sizes(whole.lines) != []


CALLING = [calling("shell", {"command": f"seq {number} {number + 999}"}) for number in range(1000, 5000, 1000)]
TOO_LONG = {"error": {"message": "prompt is too long: 213000 tokens", "type": "invalid_request_error"}, "status": 400}


@pytest.mark.parametrize("model", ["anthropic/claude-sonnet-4-5", "openai/gpt-5"])
def test_a_context_that_the_provider_itself_refuses_is_shortened_and_sent_once_more(
    studio: CommandLine,
    repository: Path,
    model_server: Callable[[Sequence[Fixture]], ModelServer],
    model: str,
) -> None:
    refused = {"match": {"turnIndex": len(CALLING)}, "response": TOO_LONG}
    shorter = {"match": {"userMessage": "A note from Studio"}, "response": saying("Counted.")}
    server = model_server([shorter, *conversation(*CALLING), refused])
    words = ("run", "Count", "--project", str(repository), "--model", model, "--approve", "auto")
    ran = studio(*words, **server.environment())
    assert ran.code == 0, ran.err
    assert "Counted." in ran.out
    assert "older steps are told in one line each from here on" in ran.err
    *_, long, short = [len(json.dumps(request["body"]["messages"])) for request in server.requests()]
    assert short < long / 2


def test_a_context_that_the_provider_refuses_twice_ends_the_turn_with_what_to_do(
    studio: CommandLine, repository: Path, model_server: Callable[[Sequence[Fixture]], ModelServer]
) -> None:
    refused = {"match": {"turnIndex": len(CALLING)}, "response": TOO_LONG}
    again = {"match": {"userMessage": "A note from Studio"}, "response": TOO_LONG}
    server = model_server([again, *conversation(*CALLING), refused])
    words = ("run", "Count", "--project", str(repository), "--model", "openai/gpt-5", "--approve", "auto", "--json")
    ran = studio(*words, **server.environment())
    assert (ran.code, ran.outcome["outcome"]) == (5, "failed")
    assert "Older steps were shortened once more, and it was refused again." in ran.outcome["reason"]
    assert len(server.requests()) == len(CALLING) + 2


def test_a_message_that_alone_is_too_long_for_the_provider_is_sent_once(
    studio: CommandLine, repository: Path, model_server: Callable[[Sequence[Fixture]], ModelServer]
) -> None:
    server = model_server([{"match": {"turnIndex": 0}, "response": TOO_LONG}])
    words = ("run", "Count", "--project", str(repository), "--model", "openai/gpt-5", "--approve", "auto", "--json")
    ran = studio(*words, **server.environment())
    assert "Nothing in it can be shortened further." in ran.outcome["reason"]
    assert len(server.requests()) == 1


def sizes(events: list[dict[str, Any]]) -> list[tuple[int, int]]:
    compacted = [event for event in events if event["kind"] == "context_compacted"]
    return [(event["messages"], event["steps"]) for event in compacted]
