"""An app is started behind, found on the port that it serves its page on, and told of when it ends."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, ClassVar, cast

import pytest

from studio.domain.previews import Launch, PreviewStage, PreviewState
from studio.domain.services import ServiceState, ServiceView
from studio.sandbox.box import Sandbox
from studio.sandbox.serving import Serving

pytestmark = pytest.mark.docker

STATIC = Launch("Static site", "cd /workspace && exec python3 -m http.server 8000", "", (8000,))
SPEECHLESS = (
    "python3 -c 'import socket,time; s=socket.socket(); s.bind((\"127.0.0.1\", 5432)); s.listen(); time.sleep(99)'"
)


async def until(serving: Serving, stage: PreviewStage) -> PreviewState:
    """How it stands once it got so far; the suite's own patience ends the wait."""
    state = await serving.look(5.0)
    while state.stage is not stage:
        await asyncio.sleep(0.05)
        state = await serving.look(5.0)
    return state


async def test_an_app_that_is_started_is_up_on_the_port_it_says(sandbox: Sandbox, workspace: Path) -> None:
    (workspace / "index.html").write_text("<p>Three pears</p>")
    serving = Serving(sandbox)
    assert (await serving.look(0.0)).stage is PreviewStage.IDLE

    await serving.start(STATIC)
    state = await until(serving, PreviewStage.UP)

    assert (state.port, state.ports, state.kind) == (8000, (8000,), "Static site")
    assert sandbox.processes.title(state.process) == "app"
    assert state.command == STATIC.command


async def test_starting_the_app_again_leaves_it_alone_and_starting_another_ends_it(sandbox: Sandbox) -> None:
    serving = Serving(sandbox)
    await serving.start(STATIC)
    first = await until(serving, PreviewStage.UP)
    await serving.start(STATIC)
    assert (await until(serving, PreviewStage.UP)).process == first.process
    await serving.start(STATIC, again=True)
    assert (await until(serving, PreviewStage.UP)).process != first.process

    await serving.start(Launch("", "exec python3 -m http.server 8100", ""))

    assert (await until(serving, PreviewStage.UP)).ports == (8100,)


async def test_a_command_that_begins_as_the_running_one_is_another(sandbox: Sandbox) -> None:
    serving = Serving(sandbox)
    await serving.start(STATIC)
    first = await until(serving, PreviewStage.UP)

    await serving.start(Launch("", f"{STATIC.command} --bind 127.0.0.1", ""))

    second = await until(serving, PreviewStage.UP)
    assert second.process != first.process
    assert second.command.endswith("--bind 127.0.0.1")


async def test_an_app_that_ends_is_told_with_its_code_and_last_words(sandbox: Sandbox) -> None:
    serving = Serving(sandbox)
    await serving.start(Launch("Express", "echo 'Cannot find module express' >&2; exit 3", ""))

    state = await until(serving, PreviewStage.ENDED)

    assert (state.exit_code, state.said) == (3, "Cannot find module express\n")


async def test_bash_counts_the_lines_of_a_command_and_no_others(sandbox: Sandbox) -> None:
    serving = Serving(sandbox)
    await serving.start(Launch("", "cd /workspace && no-such-program", "", line="no-such-program"))

    state = await until(serving, PreviewStage.ENDED)

    assert (state.exit_code, state.command) == (127, "no-such-program")
    assert "line 7" not in state.said


async def test_a_port_that_speaks_no_http_is_not_taken_for_a_page(sandbox: Sandbox) -> None:
    serving = Serving(sandbox)
    await serving.start(Launch("", SPEECHLESS, ""))
    while not (state := await serving.look(5.0)).silent:
        await asyncio.sleep(0.05)

    assert (state.stage, state.silent) == (PreviewStage.STARTING, (5432,))


async def test_what_an_agent_serves_is_found_behind_a_database(sandbox: Sandbox) -> None:
    await sandbox.processes.start(SPEECHLESS, 0)
    page = (await sandbox.processes.start("exec python3 -m http.server 9000", 0)).process.name
    await sandbox.processes.listen(page, 9000, (), 20.0)

    other = (await sandbox.processes.start("exec python3 -m http.server 9100", 0)).process.name
    await sandbox.processes.listen(other, 9100, (), 20.0)

    state = await Serving(sandbox).look(0.0)
    declared = await Serving(sandbox, (9100,)).look(0.0)

    assert (state.stage, state.port) == (PreviewStage.UP, 9000)
    assert declared.port == 9100


class Beside:
    """Services of which one serves a page."""

    views = (ServiceView("api", ServiceState.READY, (8000,)),)
    running: ClassVar[dict[str, str]] = {}

    async def end(self, most: float = 0.0) -> None:
        """Ends with the sandbox."""


async def test_what_a_service_beside_serves_is_not_the_app_unless_the_project_says_so(sandbox: Sandbox) -> None:
    await Serving(sandbox).start(STATIC)
    await until(Serving(sandbox), PreviewStage.UP)
    sandbox.pod = cast(Any, Beside())

    assert (await Serving(sandbox).look(0.0)).stage is PreviewStage.IDLE
    assert (await Serving(sandbox).beside()).port == 8000
    assert (await Serving(sandbox, (8000,)).look(0.0)).port == 8000
