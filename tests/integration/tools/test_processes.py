"""What a model reads of the processes it starts."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.domain.ids import CallId
from studio.domain.messages import ToolCall
from studio.domain.tools import ToolOutcome
from studio.sandbox.box import Sandbox
from studio.tools.hands import Hands
from studio.tools.runner import run_call
from studio.tools.table import TOOLS
from studio.workspace.files import Folder

pytestmark = pytest.mark.docker


@pytest.fixture
def hands(sandbox: Sandbox, workspace: Path) -> Hands:
    return Hands(Folder(workspace), sandbox, lambda text: None)


async def call(hands: Hands, name: str, **arguments: object) -> ToolOutcome:
    return await run_call(TOOLS, ToolCall(CallId.new(), name, dict(arguments)), hands)


async def test_a_start_names_the_process_and_how_to_hear_more(hands: Hands) -> None:
    started = await call(hands, "process_start", command="echo ready; exec sleep 4011")
    name = started.summary.removesuffix(" runs")

    assert started.ok
    assert started.text.startswith("ready\n[")
    assert f"[{name} has been running for" in started.text
    assert "Ask with since=6 for what comes after.]" in started.text


async def test_a_start_that_fails_at_once_is_a_failed_call_with_the_reason(hands: Hands) -> None:
    failed = await call(hands, "process_start", command="npm-of-nowhere run dev")

    assert (failed.ok, failed.summary) == (False, "ended at once, exit code 127")
    assert "npm-of-nowhere: command not found" in failed.text


async def test_a_look_without_a_name_lists_what_there_is(hands: Hands) -> None:
    assert (await call(hands, "process_output")).text == "No process was started in this container."
    await call(hands, "process_start", command="sleep 4012")
    await call(hands, "process_start", command="exit 0")

    listed = await call(hands, "process_output")

    assert listed.summary == "1 running"
    assert "Command: sleep 4012" in listed.text
    assert "has ended with exit code 0" in listed.text


async def test_a_stopped_process_is_said_to_be_stopped(hands: Hands) -> None:
    name = (await call(hands, "process_start", command="sleep 4013")).summary.removesuffix(" runs")

    stopped = await call(hands, "process_stop", process=name)

    assert (stopped.ok, stopped.summary) == (True, f"{name} was stopped")
    assert "was stopped after" in (await call(hands, "process_output", process=name)).text


async def test_a_process_that_is_not_there_is_answered_with_what_is(hands: Hands) -> None:
    missing = await call(hands, "process_output", process="server\u202e\n" * 5)

    assert not missing.ok
    assert "None was started in this container" in missing.text


async def test_a_flood_of_output_is_answered_within_bounds(hands: Hands) -> None:
    name = (await call(hands, "process_start", command="yes 'a line \u202e of many'")).text.partition("[")[2].split()[0]

    seen = await call(hands, "process_output", process=name)

    assert len(seen.text) < 31_000
    assert "\u202e" not in seen.text
    assert "characters left out" in seen.text
