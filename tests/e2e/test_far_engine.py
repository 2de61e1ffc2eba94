"""A container engine that does not see this machine's folders: the files of a run are carried there, and home."""

from __future__ import annotations

import asyncio
import os
import pty
import subprocess
import urllib.request
from collections.abc import Sequence
from pathlib import Path

import pytest

from studio.app.studio import Studio
from studio.domain.events import ServerStarted, SnapshotTaken, ToolAnswered
from studio.domain.ids import RunId
from studio.domain.previews import PreviewStage
from studio.domain.runs import Outcome
from studio.domain.tools import ApprovalMode
from tests.fixtures.engine import events_of, opened, turn_ended
from tests.fixtures.handed import HANDED
from tests.fixtures.mcp_server import SOURCE
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


SERVED = {
    "index.html": "<p>as committed</p>\n",
    ".studio/mcp.toml": '[servers.docs]\ncommand = "python3"\nargs = ["docs_server.py"]\n',
    # What it is told in the workspace it writes there again.
    "docs_server.py": SOURCE.replace('file.write("here")', 'file.write(open("/workspace/note.txt").read())'),
}
AT_ONCE = {
    "calls": [
        {"name": "write", "arguments": {"path": "note.txt", "content": "a note\n"}},
        {"name": "mcp_docs_where", "arguments": {}},
        {"name": "read", "arguments": {"path": "made-by-server.txt"}},
    ]
}


async def served(url: str, words: str) -> str:
    """The page, once it has these words."""

    def page() -> str:
        with urllib.request.urlopen(url, timeout=20) as answer:
            return str(answer.read().decode())

    while words not in (found := await asyncio.to_thread(page)):
        await asyncio.sleep(0.05)
    return found


def typed(argv: Sequence[str], environment: dict[str, str], line: str) -> str:
    """What a person sees who opens this terminal and types a line, and then `exit`."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(argv, env={**os.environ, **environment}, stdin=theirs, stdout=theirs, stderr=theirs) as shell:
        os.close(theirs)
        shown = b""
        try:
            while b"$ " not in shown:
                shown += os.read(ours, 4096)
            os.write(ours, f"{line}; exit\n".encode())
            while data := os.read(ours, 4096):
                shown += data
        except OSError:  # its shell has ended
            pass
        finally:
            shell.terminate()
            os.close(ours)
    return shown.decode()


async def test_preview_terminal_and_servers_work_through_an_engine_that_does_not_see_the_files(
    tmp_path: Path, far_engine: PrivateEngine, script: Script
) -> None:
    repository, home = make_repository(tmp_path / "shop", SERVED), tmp_path / "home"
    where = {"DOCKER_HOST": far_engine.url, "STUDIO_HOME": str(home)}
    async with opened(home, where) as studio:
        (files_line,) = [check async for check in studio.doctor.checks() if check.name == "files"]
        assert files_line.ok
        assert files_line.sentence.startswith("Agents' files are carried to the container engine and home again")

        project = await studio.projects.add(repository)
        model = script(AT_ONCE, HANDED)
        sent = await studio.chats.send(project.id, "Go", model=model, approval=ApprovalMode.AUTO)
        ended = await turn_ended(studio, sent)
        assert (ended.outcome, ended.reason) == (Outcome.HANDED_OFF, "")
        assert "a note" in (await answers(studio, sent.run))[2]
        assert [event.name for event in await events_of(studio, sent.run) if isinstance(event, ServerStarted)] == [
            "docs"
        ]

        state = await studio.previews.start(sent.run)
        while state.stage is not PreviewStage.UP:
            state = await studio.previews.look(sent.run, 20)
        preview = await studio.previews.open(sent.run, state.port)
        await served(preview.url, "as committed")
        files = studio.paths.workspaces / sent.run / "files"
        await asyncio.to_thread((files / "index.html").write_text, "<p>as the developer has it</p>\n")
        await served(preview.url, "as the developer has it")

        argv = await studio.terminals.command(sent.run)
        shown = await asyncio.to_thread(typed, argv, where, "cat index.html && echo typed > by-hand.txt")
        assert "as the developer has it" in shown
        while not (files / "by-hand.txt").exists():
            await asyncio.sleep(0.05)

        await studio.review.discard(sent.run)
        await studio.projects.remove(project.name)
        assert far_engine.docker("ps", "--all", "--quiet") == ""
