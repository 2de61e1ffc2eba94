"""A container engine that does not see this machine's folders: the files of a run are carried there, and home."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from studio.app.studio import Studio
from studio.domain.events import SnapshotTaken, ToolAnswered
from studio.domain.ids import RunId
from studio.domain.runs import Outcome
from studio.domain.tools import ApprovalMode
from tests.fixtures.engine import events_of, opened, turn_ended
from tests.fixtures.handed import HANDED
from tests.fixtures.private_engine import PrivateEngine
from tests.fixtures.repositories import make_repository
from tests.fixtures.scripts import Script, call, shell

pytestmark = [pytest.mark.docker, pytest.mark.timeout(300)]

FILES = {"a.txt": "one\n", ".gitignore": "kept-out\n", ".worktreeinclude": "kept-out\n", "old.txt": "old\n"}


async def answers(studio: Studio, run: RunId) -> list[str]:
    return [event.text for event in await events_of(studio, run) if isinstance(event, ToolAnswered)]


async def test_an_agent_works_on_its_files_through_an_engine_that_does_not_see_them(
    tmp_path: Path, far_engine: PrivateEngine, script: Script
) -> None:
    repository = make_repository(tmp_path / "shop", FILES)
    (repository / "kept-out").write_text("a secret of the developer's\n")
    model = script(
        call("write", path="made/by-tool.txt", content="by a tool\n"),
        shell("cat a.txt made/by-tool.txt kept-out && rm old.txt && echo by a command > by-command.txt"),
        call("read", path="by-command.txt"),
        HANDED,
        shell("cat edited.txt by-command.txt && git log --format=%s"),
        HANDED,
    )
    async with opened(tmp_path / "home", {"DOCKER_HOST": far_engine.url}) as studio:
        project = await studio.projects.add(repository)
        sent = await studio.chats.send(project.id, "Go", model=model, approval=ApprovalMode.AUTO)
        ended = await turn_ended(studio, sent)

        assert (ended.outcome, ended.reason) == (Outcome.HANDED_OFF, "")
        said = await answers(studio, sent.run)
        assert "one\nby a tool\na secret" in said[1]
        assert "by a command" in said[2]
        taken = [event for event in await events_of(studio, sent.run) if isinstance(event, SnapshotTaken)]
        assert {name for event in taken for name in event.files} == {"made/by-tool.txt", "by-command.txt", "old.txt"}

        files = studio.paths.workspaces / sent.run / "files"
        assert not (files / "old.txt").exists()
        await asyncio.to_thread((files / "edited.txt").write_text, "by the developer\n")
        again = await studio.chats.send(project.id, "Go on", run=sent.run)
        await turn_ended(studio, again)
        assert "by the developer\nby a command" in (await answers(studio, sent.run))[4]

        await studio.review.discard(sent.run)
        await studio.projects.remove(project.name)
        assert far_engine.docker("ps", "--all", "--quiet") == ""
        assert far_engine.docker("volume", "ls", "--quiet") == ""
