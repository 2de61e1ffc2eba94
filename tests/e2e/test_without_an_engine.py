"""A machine without a container engine: agents work in bubblewrap, or read and propose where there is none either."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from studio.app.studio import Studio
from studio.domain.events import (
    AidSkipped,
    EngineBack,
    GuidanceRead,
    Recorded,
    SandboxStarted,
    SnapshotTaken,
    ToolAnswered,
)
from studio.domain.projects import Project
from studio.domain.runs import Outcome
from studio.domain.tools import ApprovalMode
from tests.fixtures.engine import events_of, opened, turn_ended
from tests.fixtures.scripts import DONE, Script, call, shell


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """The only programs that Studio finds, Git alone at first."""
    folder = tmp_path / "programs"
    folder.mkdir()
    (folder / "git").symlink_to(str(shutil.which("git")))
    return folder


@pytest.fixture
async def studio_here(tmp_path: Path, programs: Path) -> AsyncIterator[Studio]:
    """Studio on a machine with nothing but Git."""
    bare = {"STUDIO_SANDBOX_ENGINE": "bubblewrap", "PATH": str(programs)}
    async with opened(tmp_path / "home", bare) as studio:
        yield studio


async def test_an_agent_reads_and_is_told_that_it_can_only_propose(
    studio_here: Studio, project: Project, script: Script
) -> None:
    model = script(call("read", path="a.txt"), shell("touch ran"), call("write", path="a.txt", content="two"), DONE)
    sent = await studio_here.chats.send(project.id, "Look", model=model, approval=ApprovalMode.AUTO)

    ended = await turn_ended(studio_here, sent)

    events = await events_of(studio_here, sent.run)
    answers = [event for event in events if isinstance(event, ToolAnswered)]
    assert ended.outcome is Outcome.REPLIED
    assert [answer.ok for answer in answers] == [True, False, False]
    assert "one" in answers[0].text
    assert any("propose" in event.text for event in events if isinstance(event, GuidanceRead))
    assert not [event for event in events if isinstance(event, SnapshotTaken | SandboxStarted)]
    assert (await studio_here.replays.replay(sent.run)).same


async def test_a_person_is_told_once_why_nothing_runs_and_what_to_install(
    studio_here: Studio, project: Project, script: Script
) -> None:
    model = script(DONE, DONE)
    sent = await studio_here.chats.send(project.id, "Look", model=model)
    await turn_ended(studio_here, sent)
    again = await studio_here.chats.send(project.id, "Look again", run=sent.run)
    await turn_ended(studio_here, again)

    (told,) = [event for event in await events_of(studio_here, sent.run) if isinstance(event, AidSkipped)]
    assert "Neither a container engine nor bubblewrap is installed" in told.reason
    assert "apt install bubblewrap" in told.action
    engine = [check async for check in studio_here.doctor.checks() if check.name == "container engine"]
    assert not engine[0].ok
    assert "apt install bubblewrap" in engine[0].action


@pytest.mark.bubblewrap
async def test_once_bubblewrap_is_installed_the_same_run_works_and_says_that_its_walls_are_weaker(
    studio_here: Studio, project: Project, script: Script, programs: Path
) -> None:
    model = script(DONE, shell("echo two > a.txt"), DONE)
    sent = await studio_here.chats.send(project.id, "Look", model=model, approval=ApprovalMode.AUTO)
    await turn_ended(studio_here, sent)

    (programs / "bwrap").symlink_to(str(shutil.which("bwrap")))
    async for item in studio_here.feed.follow(0):
        if isinstance(item, Recorded) and isinstance(item.event, EngineBack):
            break
    again = await studio_here.chats.send(project.id, "Change it", run=sent.run)
    await turn_ended(studio_here, again)

    events = await events_of(studio_here, sent.run)
    (started,) = [event for event in events if isinstance(event, SandboxStarted)]
    (taken,) = [event for event in events if isinstance(event, SnapshotTaken)]
    assert "weaker" in started.weaker
    assert taken.files == ("a.txt",)
