"""A person looks after the sandboxes of runs."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from studio.adapters.docker.engine import DockerEngine
from studio.app.studio import Studio
from studio.domain.errors import UserError
from studio.domain.events import SandboxStarted, SandboxStopped, ToolAnswered
from studio.domain.projects import Project
from studio.domain.sandboxes import SandboxState
from studio.domain.tools import ApprovalMode
from studio.sandbox import labels
from tests.fixtures.command_line import CommandLine
from tests.fixtures.engine import events_of, first_event, opened, turn_ended
from tests.fixtures.repositories import make_repository
from tests.fixtures.scripts import DONE, Script, scripted, shell

pytestmark = pytest.mark.docker


def test_a_sandbox_is_seen_and_stopped_from_the_command_line(studio: CommandLine, tmp_path: Path) -> None:
    shop = make_repository(tmp_path / "shop", {"a.txt": "one\n"})
    studio.serve()
    run = studio("run", "Hi", "--project", str(shop), "--model", scripted(tmp_path, DONE), "--json").outcome["run"]

    (used,) = studio("sandbox", "stats", "--json").document
    assert (used["run"], used["project"], used["state"]) == (run, "shop", "running")
    assert 0 < used["memory_bytes"] < used["memory_limit"]

    assert studio("sandbox", "stop", run).code == 0
    assert studio.containers() == []
    again = studio("sandbox", "stop", run)
    said = f"studio: Run {run} has no sandbox now.\n        Start one: studio sandbox start {run}\n"
    assert (again.code, again.err) == (2, said)


def test_who_asks_for_a_sandbox_that_nobody_keeps_up_is_told_so_and_where_its_words_are(
    studio: CommandLine, tmp_path: Path
) -> None:
    shop = make_repository(tmp_path / "shop", {"a.txt": "one\n"})
    run = studio("run", "Hi", "--project", str(shop), "--model", scripted(tmp_path, DONE), "--json").outcome["run"]

    for verb, its_words in (("logs", True), ("stop", False)):
        told = studio("sandbox", verb, run)
        assert told.code == 2
        assert f"Run {run} has no sandbox: no Studio is running" in told.err
        assert (f"studio runs log {run}" in told.err) is its_words

    again = studio("sandbox", "restart", run)
    assert (again.code, again.out) == (0, f"The sandbox of {run} was started anew.\n")
    assert "It ends with this command" in again.err


async def test_a_restart_gives_a_run_another_container_with_the_same_files(
    studio_here: Studio, project: Project, script: Script
) -> None:
    model = script(shell("echo two > b.txt"), DONE, shell("cat b.txt"), DONE)
    sent = await studio_here.chats.send(project.id, "Write", model=model, approval=ApprovalMode.AUTO)
    await turn_ended(studio_here, sent)
    (before,) = await studio_here.sandboxes.list()

    after = await studio_here.sandboxes.restart(sent.run)

    assert after.container != before.container
    assert after.state is SandboxState.RUNNING
    assert await studio_here.sandboxes.logs(sent.run) == {"sandbox": ""}
    stopped = await first_event(studio_here, sent.run, SandboxStopped)
    assert (stopped.container, stopped.reason) == (before.container, "a person restarted it")
    await turn_ended(studio_here, await studio_here.chats.send(project.id, "Read", run=sent.run))
    containers = [event.container for event in await events_of(studio_here, sent.run) if type(event) is SandboxStarted]
    assert containers == [before.container, after.container]


async def test_a_sandbox_that_an_agent_works_in_is_not_stopped_by_hand(
    studio_here: Studio, project: Project, script: Script
) -> None:
    sent = await studio_here.chats.send(
        project.id, "Wait", model=script(shell("sleep 100"), DONE), approval=ApprovalMode.AUTO
    )
    await first_event(studio_here, sent.run, SandboxStarted)

    with pytest.raises(UserError, match="is working in it"):
        await studio_here.sandboxes.stop(sent.run)

    await studio_here.chats.cancel(sent.run)
    await turn_ended(studio_here, sent)


async def test_the_second_run_of_a_project_gets_the_sandbox_that_waits_for_it(
    tmp_path: Path, engine: DockerEngine, script: Script
) -> None:
    home = tmp_path / "home"
    async with opened(home, {"STUDIO_SANDBOX_POOL": "1"}) as studio:
        project = await studio.projects.add(make_repository(tmp_path / "shop", {"a.txt": "one\n"}))
        await turn_ended(studio, await studio.chats.send(project.id, "Hi", model=script(DONE, name="first")))
        while not await studio.sandboxes.ready():
            await asyncio.sleep(0.2)  # it is begun a few seconds after the first, and no event tells of it
        (waiting,) = await engine.containers({labels.SLOT: (await studio.sandboxes.ready())[project.id][0]})
        model = script(shell("cat a.txt"), DONE, name="second")

        sent = await studio.chats.send(project.id, "Look", model=model, approval=ApprovalMode.AUTO)
        await turn_ended(studio, sent)

        started = await first_event(studio, sent.run, SandboxStarted)
        assert started.container == waiting.id
        answered = await first_event(studio, sent.run, ToolAnswered)
        assert answered.text.startswith("one\n")
