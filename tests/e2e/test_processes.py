"""A process that an agent starts lives beside its turns, and no longer than its container."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from studio.app.studio import Studio
from studio.base.aio import in_thread
from studio.domain.errors import UserError
from studio.domain.events import ToolAnswered, TurnEnded
from studio.domain.ids import RunId
from studio.domain.projects import Project
from studio.domain.runs import Outcome
from studio.domain.tools import ApprovalMode
from tests.fixtures.command_line import CommandLine
from tests.fixtures.engine import events_of, first_event, opened, turn_ended
from tests.fixtures.repositories import make_repository
from tests.fixtures.scripts import DONE, Script, call, shell

pytestmark = pytest.mark.docker

COMMAND = "python3 -m http.server 8123"
START = call("process_start", command=COMMAND)
LOOK = call("process_output", process="p1")
STOP = call("process_stop", process="p1")
FETCH = "import urllib.request as u; print(u.urlopen('http://localhost:8123/').status)"
USE = shell(f'python3 -c "{FETCH}"')


@pytest.fixture
def project_files() -> dict[str, str]:
    return {"index.html": "<p>Shop</p>\n"}


async def test_a_server_started_in_one_turn_serves_the_next_and_is_stopped_there(
    studio_here: Studio, project: Project, script: Script
) -> None:
    model = script(START, DONE, USE, LOOK, STOP, DONE)
    sent = await studio_here.chats.send(project.id, "Serve it", model=model, approval=ApprovalMode.AUTO)
    await turn_ended(studio_here, sent)
    assert [one.exit_code for one in await studio_here.processes.list(sent.run)] == [None]

    await turn_ended(studio_here, await studio_here.chats.send(project.id, "Look, then stop it", run=sent.run))

    started, used, looked, stopped = await _answers(studio_here, sent.run)
    assert (started.ok, looked.ok, stopped.ok) == (True, True, True)
    assert used.text.startswith("200")
    assert '"GET / HTTP/1.1" 200' in looked.text
    assert [one.ended for one in await studio_here.processes.list(sent.run)] == [True]


async def test_a_start_waits_for_a_person_as_a_command_does(
    studio_here: Studio, project: Project, script: Script
) -> None:
    sent = await studio_here.chats.send(project.id, "Serve it", model=script(START, DONE), approval=ApprovalMode.ASK)
    assert (await turn_ended(studio_here, sent)).outcome is Outcome.WAITING
    (question,) = await studio_here.checkpoints.waiting()
    assert (question.act, question.title) == (COMMAND, "Run this command? It runs code of the project.")
    assert await studio_here.processes.list(sent.run) == ()

    await turn_ended(studio_here, await studio_here.checkpoints.approve(question.id))

    assert [one.command for one in await studio_here.processes.list(sent.run)] == [COMMAND]


async def test_a_run_that_is_discarded_takes_its_processes_along(
    studio_here: Studio, project: Project, script: Script
) -> None:
    sent = await studio_here.chats.send(project.id, "Go", model=script(START, DONE), approval=ApprovalMode.AUTO)
    await turn_ended(studio_here, sent)

    await studio_here.review.discard(sent.run)

    assert await studio_here.processes.list(sent.run) == ()
    with pytest.raises(UserError, match="container is not up"):
        await studio_here.processes.stop(sent.run, "p1")


async def test_a_person_sees_what_runs_and_stops_it_from_the_command_line(
    studio_here: Studio, project: Project, script: Script
) -> None:
    sent = await studio_here.chats.send(project.id, "Go", model=script(START, DONE), approval=ApprovalMode.AUTO)
    await turn_ended(studio_here, sent)
    elsewhere = CommandLine(studio_here.paths.home)

    listed = await in_thread(elsewhere, "runs", "processes", sent.run, "--json")
    stopped = await in_thread(elsewhere, "runs", "processes", sent.run, "--stop", "p1")

    assert [(one["command"], one["ended"]) for one in listed.document] == [(COMMAND, False)]
    assert (stopped.code, stopped.out.count(COMMAND)) == (0, 1)
    assert [one.ended for one in await studio_here.processes.list(sent.run)] == [True]


async def test_a_killed_studio_leaves_no_process_and_says_so_to_the_agent(
    tmp_path: Path, studio: CommandLine, script: Script
) -> None:
    repository = make_repository(tmp_path / "killed", {"a.txt": "one\n"})
    words = ("--project", str(repository), "--model", script(START, LOOK, DONE), "--approve", "auto")
    # The second model call is where the process dies, with the server running.
    killed = await in_thread(lambda: studio("run", "Go", *words, STUDIO_FAULT_POINT="before_tool_answered:2"))
    assert killed.code == -signal.SIGKILL

    async with opened(studio.home) as reopened:
        (run,) = await reopened.chats.runs()
        await first_event(reopened, run.id, TurnEnded)
        started, looked = await _answers(reopened, run.id)
        assert (started.ok, looked.ok) == (True, False)
        assert "one of an earlier container has ended with it" in looked.text


async def test_an_agent_that_kills_all_it_can_loses_its_container_and_the_next_message_goes_on(
    studio_here: Studio, project: Project, script: Script
) -> None:
    model = script(START, shell("kill -9 -1"), LOOK, DONE)
    sent = await studio_here.chats.send(project.id, "Go", model=model, approval=ApprovalMode.AUTO)
    assert (await turn_ended(studio_here, sent)).reason.startswith("The sandbox's supervisor ended unexpectedly.")

    again = await turn_ended(studio_here, await studio_here.chats.send(project.id, "Go on", run=sent.run))

    assert again.outcome is Outcome.REPLIED
    _, killed, looked = await _answers(studio_here, sent.run)
    assert "stopped together with the turn that began it" in killed.text
    assert "one of an earlier container has ended with it" in looked.text


async def _answers(studio: Studio, run: RunId) -> list[ToolAnswered]:
    return [event for event in await events_of(studio, run) if isinstance(event, ToolAnswered)]
