"""What is written while an agent works waits, or interrupts it; it is sent once, also over a kill."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path

import pytest

from studio.app.chats import Sent
from studio.app.studio import Studio
from studio.domain.errors import UserError
from studio.domain.events import CheckpointOpened, MessagePosted, ToolAnswered, ToolStarted, TurnEnded
from studio.domain.ids import RunId
from studio.domain.messages import Speaker
from studio.domain.projects import Project
from studio.domain.queue import Hold
from studio.domain.runs import Outcome, RunState
from studio.domain.tools import ApprovalMode
from tests.fixtures.command_line import CommandLine, finish, told_until
from tests.fixtures.engine import first_event, turn_ended
from tests.fixtures.handed import HANDED
from tests.fixtures.repositories import make_repository
from tests.fixtures.scripts import Script, shell

pytestmark = pytest.mark.docker

UNTIL_TOLD = shell("touch begun; while [ ! -e go ]; do sleep 0.05; done")
SLEEP = shell("touch begun; sleep 300")


async def test_queued_messages_are_sent_in_order_once_the_agent_has_replied(
    studio_here: Studio, project: Project, script: Script
) -> None:
    sent = await _at_work(studio_here, project, script(UNTIL_TOLD, HANDED, HANDED, HANDED))
    await studio_here.queue.add(sent.run, "Second")
    third = await studio_here.queue.add(sent.run, "Third")
    _let_go(studio_here, sent.run)
    await turn_ended(studio_here, third)
    assert await _story(studio_here, sent.run) == ["Go", "handed_off", "Second", "handed_off", "Third", "handed_off"]


async def test_a_message_to_an_agent_at_work_is_told_how_it_can_wait(
    studio_here: Studio, project: Project, script: Script
) -> None:
    sent = await _at_work(studio_here, project, script(UNTIL_TOLD, HANDED))
    with pytest.raises(UserError, match="is working right now") as refused:
        await studio_here.chats.send(project.id, "Second", run=sent.run)
    assert refused.value.action.startswith("Add --queue to send it once the agent has stopped, or --interrupt")
    _let_go(studio_here, sent.run)


async def test_a_message_queued_when_nobody_works_is_sent_at_once(
    studio_here: Studio, project: Project, script: Script
) -> None:
    sent = await studio_here.chats.send(project.id, "Go", model=script(HANDED, HANDED))
    await turn_ended(studio_here, sent)
    queued = await studio_here.queue.add(sent.run, "Second")
    assert (await turn_ended(studio_here, queued)).outcome is Outcome.HANDED_OFF


async def test_a_message_taken_back_is_never_sent(studio_here: Studio, project: Project, script: Script) -> None:
    sent = await _at_work(studio_here, project, script(UNTIL_TOLD, HANDED, HANDED))
    gone = await studio_here.queue.add(sent.run, "Not this")
    kept = await studio_here.queue.add(sent.run, "This")
    await studio_here.queue.take_back(sent.run, gone.turn)
    _let_go(studio_here, sent.run)
    await turn_ended(studio_here, kept)
    assert await _story(studio_here, sent.run) == ["Go", "handed_off", "This", "handed_off"]


async def test_a_changed_message_is_sent_as_it_reads_then(
    studio_here: Studio, project: Project, script: Script
) -> None:
    sent = await _at_work(studio_here, project, script(UNTIL_TOLD, HANDED, HANDED))
    queued = await studio_here.queue.add(sent.run, "Seconf")
    await studio_here.queue.change(sent.run, queued.turn, "Second")
    _let_go(studio_here, sent.run)
    await turn_ended(studio_here, queued)
    assert await _story(studio_here, sent.run) == ["Go", "handed_off", "Second", "handed_off"]


async def test_a_message_that_was_sent_cannot_be_changed_any_more(
    studio_here: Studio, project: Project, script: Script
) -> None:
    sent = await _at_work(studio_here, project, script(UNTIL_TOLD, HANDED, HANDED))
    queued = await studio_here.queue.add(sent.run, "Second")
    _let_go(studio_here, sent.run)
    await turn_ended(studio_here, queued)
    with pytest.raises(UserError, match="was sent already"):
        await studio_here.queue.change(sent.run, queued.turn, "Too late")


async def test_after_a_stop_the_queue_waits_until_it_is_sent_by_hand(
    studio_here: Studio, project: Project, script: Script
) -> None:
    sent = await _at_work(studio_here, project, script(SLEEP, HANDED, HANDED))
    queued = await studio_here.queue.add(sent.run, "Second")
    await studio_here.chats.cancel(sent.run)
    (waiting,) = await studio_here.queue.all()
    assert waiting.run.state is RunState.IDLE
    assert waiting.queue.held is Hold.STOPPED
    await studio_here.queue.send_next(sent.run)
    assert (await turn_ended(studio_here, queued)).outcome is Outcome.HANDED_OFF
    assert await _story(studio_here, sent.run) == ["Go", "cancelled", "Second", "handed_off"]


async def test_the_queue_waits_while_the_agent_asks_and_goes_on_after_the_decision(
    studio_here: Studio, project: Project, script: Script
) -> None:
    model = script(UNTIL_TOLD, HANDED, HANDED)
    sent = await studio_here.chats.send(project.id, "Go", model=model, approval=ApprovalMode.ASK)
    asked = await first_event(studio_here, sent.run, CheckpointOpened)
    queued = await studio_here.queue.add(sent.run, "Second")
    assert (await studio_here.queue.of(sent.run)).held is Hold.QUESTION
    await studio_here.checkpoints.approve(asked.checkpoint)
    await first_event(studio_here, sent.run, ToolStarted)
    _let_go(studio_here, sent.run)
    await turn_ended(studio_here, queued)
    assert await _story(studio_here, sent.run) == ["Go", "waiting", "handed_off", "Second", "handed_off"]


async def test_an_interrupting_message_stops_a_command_and_goes_before_the_queue(
    studio_here: Studio, project: Project, script: Script
) -> None:
    sent = await _at_work(studio_here, project, script(SLEEP, HANDED, HANDED))
    queued = await studio_here.queue.add(sent.run, "Later")
    await studio_here.queue.interrupt(sent.run, "No, like this")
    await turn_ended(studio_here, queued)
    story = await _story(studio_here, sent.run)
    assert story == ["Go", "cancelled", "No, like this", "handed_off", "Later", "handed_off"]


async def test_the_agent_is_told_that_its_command_was_stopped_with_its_turn(
    studio_here: Studio, project: Project, script: Script
) -> None:
    sent = await _at_work(studio_here, project, script(SLEEP, HANDED))
    await turn_ended(studio_here, await studio_here.queue.interrupt(sent.run, "No, like this"))
    log = [e.event for e in await studio_here.chats.log(sent.run)]
    [answer] = [event for event in log if isinstance(event, ToolAnswered) and event.name == "shell"]
    assert answer.summary == "stopped"
    assert answer.text.startswith("This command was stopped together with the turn that began it;")


async def test_a_message_can_interrupt_an_agent_that_asks(
    studio_here: Studio, project: Project, script: Script
) -> None:
    sent = await studio_here.chats.send(project.id, "Go", model=script(SLEEP, HANDED), approval=ApprovalMode.ASK)
    await first_event(studio_here, sent.run, CheckpointOpened)
    await turn_ended(studio_here, sent)
    again = await studio_here.queue.interrupt(sent.run, "Not so")
    assert (await turn_ended(studio_here, again)).outcome is Outcome.HANDED_OFF
    assert not await studio_here.checkpoints.waiting()


async def test_the_rest_waits_when_the_turn_of_a_queued_message_fails(
    studio_here: Studio, project: Project, script: Script
) -> None:
    # The script has no reply for the second message.
    sent = await _at_work(studio_here, project, script(UNTIL_TOLD, HANDED))
    second = await studio_here.queue.add(sent.run, "Second")
    third = await studio_here.queue.add(sent.run, "Third")
    _let_go(studio_here, sent.run)
    assert (await turn_ended(studio_here, second)).outcome is Outcome.FAILED
    queue = await studio_here.queue.of(sent.run)
    assert [item.turn for item in queue.waiting] == [third.turn]
    assert queue.held is Hold.FAILED


QUEUE_POINTS = [
    "after_message_queued",
    "before_message_unqueued",
    "after_message_unqueued",
    "before_turn_ended",
    "after_turn_ended",
    "after_turn_started:2",
    "before_turn_ended:2",
]


@pytest.mark.parametrize("point", QUEUE_POINTS)
async def test_a_queued_message_is_sent_once_though_studio_is_killed(
    studio: CommandLine, tmp_path: Path, script: Script, point: str
) -> None:
    repository = make_repository(tmp_path / "shop", {"a.txt": "one\n"})
    serving, run = _serve_and_begin(studio, repository, script(UNTIL_TOLD, HANDED, HANDED, HANDED), point)
    queued = studio.start("run", "Second", "--run", run, "--queue", "--json")
    told_until(queued, "message_queued")
    (studio.home / "workspaces" / run / "files" / "go").touch()

    serving.communicate(timeout=60)
    sent = finish(queued)

    assert serving.returncode == -signal.SIGKILL
    assert sent.code == 0, sent.err
    assert sent.outcome["outcome"] == "replied"
    log = studio("runs", "log", run, "--json").document
    said = [item["text"] for item in log if item["kind"] == "message_posted" and item["speaker"] == "human"]
    assert said == ["Go", "Second"]
    assert sum(item["kind"] == "message_unqueued" for item in log) == 1


async def test_an_interruption_that_was_saved_holds_over_a_kill(
    studio: CommandLine, tmp_path: Path, script: Script
) -> None:
    repository = make_repository(tmp_path / "shop", {"a.txt": "one\n"})
    serving, run = _serve_and_begin(studio, repository, script(SLEEP, HANDED), "after_message_queued")
    sent = studio("run", "No, this", "--run", run, "--interrupt", "--json")
    serving.communicate(timeout=60)
    assert serving.returncode == -signal.SIGKILL
    assert sent.outcome["outcome"] == "replied", sent.err
    log = studio("runs", "log", run, "--json").document
    ends = [item["outcome"] for item in log if item["kind"] == "turn_ended"]
    assert ends == ["cancelled", "handed_off"]


def _serve_and_begin(
    studio: CommandLine, repository: Path, model: str, point: str
) -> tuple[subprocess.Popen[str], str]:
    """A process that does the work and dies at the point, and a run whose first command runs in it."""
    serving = studio.serve(STUDIO_FAULT_POINT=point)
    words = ("run", "Go", "--project", str(repository), "--model", model, "--approve", "auto", "--json")
    return serving, told_until(studio.start(*words), "tool_started")[-1]["run"]


def _let_go(studio: Studio, run: RunId) -> None:
    (studio.paths.workspaces / run / "files" / "go").touch()


async def _at_work(studio: Studio, project: Project, model: str) -> Sent:
    """The first message, once its command runs."""
    sent = await studio.chats.send(project.id, "Go", model=model, approval=ApprovalMode.AUTO)
    await first_event(studio, sent.run, ToolStarted)
    return sent


async def _story(studio: Studio, run: RunId) -> list[str]:
    """What people said, and how turns ended."""
    told = []
    for item in await studio.chats.log(run):
        match item.event:
            case MessagePosted(speaker=Speaker.HUMAN) as said:
                told.append(said.text)
            case TurnEnded() as ended:
                told.append(ended.outcome.value)
            case _:
                pass
    return told
