"""A model's signed thoughts through a whole chat: the log, a restart, a fork, another model, and a replay.

One run is told, and the facts of it one by one. Every request is looked at as it came over the wire.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from studio.app.studio import Studio
from studio.domain.events import MessagePosted
from studio.domain.ids import RunId
from studio.domain.messages import Speaker
from studio.domain.runs import Outcome
from studio.domain.tools import ApprovalMode
from tests.fixtures.engine import events_of, opened, turn_ended
from tests.fixtures.hostile_provider import Hostile, hostile
from tests.fixtures.repositories import make_repository
from tests.fixtures.wire_samples import anthropic_stream

pytestmark = pytest.mark.docker

SONNET, OPUS = "anthropic/claude-sonnet-4-5", "anthropic/claude-opus-4-5"
FIRST = {"type": "thinking", "thinking": "Read it first.", "signature": "Zmlyc3Q="}
LATER = {"type": "thinking", "thinking": "Sure of it.", "signature": "bGF0ZXI="}
READ = {"type": "tool_use", "id": "t1", "name": "read", "input": {"path": "a.txt"}}


def says(text: str) -> dict[str, Any]:
    return {"type": "text", "text": text}


REPLIES: tuple[list[dict[str, Any]], ...] = (
    [FIRST, READ],
    [says("It says one.")],
    [LATER, says("Yes.")],
    [says("Ja.")],
    [says("Oui.")],
)


@asynccontextmanager
async def provider() -> AsyncIterator[Hostile]:
    """Gives one reply after the other."""
    replies = [anthropic_stream(blocks) for blocks in REPLIES]

    async def behave(writer: asyncio.StreamWriter) -> None:
        writer.write(
            b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n" + replies.pop(0)
        )
        await writer.drain()

    async with hostile(behave) as server:
        yield server


def sent(request: bytes) -> dict[str, Any]:
    """What was asked."""
    body: dict[str, Any] = json.loads(request.partition(b"\r\n\r\n")[2])
    return body


def thoughts(request: bytes) -> list[dict[str, Any]]:
    """The signed thoughts in it, in order."""
    return [block for said in sent(request)["messages"] for block in said["content"] if block["type"] == "thinking"]


async def go_on(studio: Studio, run: RunId, text: str, model: str) -> None:
    """One more turn."""
    project = (await studio.projects.list())[0]
    message = await studio.chats.send(project.id, text, run, model=model)
    assert (await turn_ended(studio, message)).outcome is Outcome.REPLIED


async def test_signed_thoughts_go_with_their_model_and_with_no_other(tmp_path: Path) -> None:
    repository = make_repository(tmp_path / "shop", {"a.txt": "one\n"})
    async with provider() as server:
        told = {"ANTHROPIC_API_KEY": "test-key", "ANTHROPIC_BASE_URL": server.url, "STUDIO_THINKING_TOKENS": "4000"}
        async with opened(tmp_path / "home", told) as studio:
            project = await studio.projects.add(repository)
            begun = await studio.chats.send(project.id, "What does it say?", model=SONNET, approval=ApprovalMode.AUTO)
            assert (await turn_ended(studio, begun)).outcome is Outcome.REPLIED
            run = begun.run
        # Another process: all that is known comes from the log.
        async with opened(tmp_path / "home", told) as studio:
            await go_on(studio, run, "Sure?", SONNET)
            fork = (await studio.forks.fork(run, "1")).id
            await go_on(studio, fork, "Auf Deutsch?", SONNET)
            await go_on(studio, run, "En français?", OPUS)
            events = await events_of(studio, run)
            came = [await studio.replays.replay(each) for each in (run, fork)]

    begin, step, later, forked, other = server.requests
    said = [event for event in events if isinstance(event, MessagePosted) and event.speaker is Speaker.AGENT]
    assert [event.thinking for event in said] == ["Read it first.", "", "Sure of it.", ""]
    assert said[0].opaque["model"] == "claude-sonnet-4-5"

    assert [sent(each).get("thinking") for each in (begin, step, later, forked, other)] == [
        {"type": "enabled", "budget_tokens": 4000}
    ] * 5
    assert thoughts(begin) == []
    assert thoughts(step) == [FIRST]
    assert thoughts(later) == [FIRST]
    assert thoughts(forked) == [FIRST]
    assert thoughts(other) == []
    assert b"Zmlyc3Q=" not in other
    assert b"bGF0ZXI=" not in other
    assert [(each.difference, each.recorded == each.replayed) for each in came] == [("", True)] * 2
