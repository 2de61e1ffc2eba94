"""A reply that was given before is given again to the very same request, and to no other."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from studio.base.redact import Redactor
from studio.contracts.chat_model import ModelReply, ModelRequest
from studio.domain.ids import CallId, ProjectId, RunId
from studio.domain.images import image_of
from studio.domain.messages import ChatMessage, FinishReason, Speaker, ToolAnswer, ToolCall
from studio.domain.models import ModelRef
from studio.domain.money import NanoUsd
from studio.domain.tools import Risk, ToolSpec
from studio.domain.usage import Usage
from studio.events.hub import Hub
from studio.events.recorder import Recorder
from studio.router.answers import Answers, AskedBy, Bounds
from studio.router.router import Completion
from studio.store import projects
from studio.store.database import Database
from tests.fixtures.images import png
from tests.fixtures.memory import a_project
from tests.unit.router.conftest import ScriptedClock

DAY = 86_400.0
MODEL = ModelRef("anthropic", "claude")
SECRET = "sk-very-secret-7"
READ = ToolSpec("read", "Reads a file.", {"type": "object"}, Risk.READ)


def asking(*messages: ChatMessage, by: AskedBy, **more: Any) -> ModelRequest:
    """A request as the run `by` makes it: its branch stands in it."""
    said = messages or (ChatMessage(Speaker.HUMAN, "What is a till?"),)
    return ModelRequest("claude", f"Be kind. Your branch is {by.names[0]}.", said, (READ,), **more)


def done(text: str = "A drawer.", **more: Any) -> Completion:
    """A reply that cost a dollar."""
    reply = ModelReply(text, **{"calls": (), "finish": FinishReason.STOP, "usage": Usage(100, 10), **more})
    return Completion(reply, MODEL, NanoUsd(10**9), 1200.0)


class Kept:
    """Answers of one project on a real database, and runs of it that ask."""

    def __init__(self, database: Database, clock: ScriptedClock, project: ProjectId) -> None:
        self.database = database
        self.clock = clock
        self.project = project

    def answers(self, room: int = 1 << 20, days: int = 30, redactor: Redactor | None = None) -> Answers:
        """The answers with these bounds."""
        redactor = redactor or Redactor(())
        recorder = Recorder(self.database, Hub(redactor), self.clock, redactor)
        return Answers(self.database, recorder, self.clock, Bounds(room, days))

    def run(self, project: ProjectId | None = None) -> AskedBy:
        """Another run."""
        run = RunId.new()
        return AskedBy(project or self.project, run, (f"studio/{run}-what-is-a-till", run))


@pytest.fixture
async def kept(tmp_path: Path, clock: ScriptedClock) -> AsyncIterator[Kept]:
    """No answers yet."""
    database = await Database.open(tmp_path / "studio.db")
    shop = a_project("shop")
    async with database.transaction() as connection:
        await projects.add(connection, shop)
    yield Kept(database, clock, shop.id)
    await database.close()


async def test_another_run_that_asks_the_same_is_given_the_reply_for_nothing(kept: Kept) -> None:
    answers, first, second = kept.answers(), kept.run(), kept.run()
    await answers.keep(first, asking(by=first), done(thinking="Hm.", opaque={"provider": "anthropic"}))

    found = await answers.find(second, MODEL, asking(by=second, idle_seconds=5, total_seconds=7))

    assert found is not None
    assert found.reply == done(thinking="Hm.", opaque={"provider": "anthropic"}, usage=Usage()).reply
    assert (found.cached, found.cost_nusd, found.saved_nusd, found.held) == (True, 0, 10**9, None)


async def test_the_run_that_got_a_reply_is_given_another_one_when_it_asks_again(kept: Kept) -> None:
    answers, run = kept.answers(), kept.run()
    await answers.keep(run, asking(by=run), done())
    assert await answers.find(run, MODEL, asking(by=run)) is None


OTHERS: dict[str, dict[str, Any]] = {
    "system": {"system": "Be brief."},
    "message": {"messages": (ChatMessage(Speaker.HUMAN, "What is a tally?"),)},
    "speaker": {"messages": (ChatMessage(Speaker.SYSTEM, "What is a till?"),)},
    "tool": {"tools": (replace(READ, description="Reads."),)},
    "no tool": {"tools": ()},
    "reply length": {"max_output_tokens": 100},
    "thinking": {"thinking": 4000},
    "what is left out": {"left_out": 2},
    "picture": {"pictures": {image_of(png(2, 2)).hash: png(2, 2)}},
}


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
async def test_a_request_that_differs_anywhere_is_another_one(kept: Kept, other: dict[str, Any]) -> None:
    answers, first, second = kept.answers(), kept.run(), kept.run()
    await answers.keep(first, asking(by=first), done())
    assert await answers.find(second, MODEL, replace(asking(by=second), **other)) is None
    assert await answers.find(second, MODEL, asking(by=second)) is not None


async def test_neither_another_model_nor_another_project_is_given_it(kept: Kept) -> None:
    answers, first, second = kept.answers(), kept.run(), kept.run()
    stranger = kept.run(ProjectId.new())
    await answers.keep(first, asking(by=first), done())
    assert await answers.find(second, ModelRef("openai", "claude"), asking(by=second)) is None
    assert await answers.find(stranger, MODEL, asking(by=stranger)) is None


async def test_calls_come_back_under_fresh_ids_and_what_follows_them_is_found_too(kept: Kept) -> None:
    answers, first, second = kept.answers(), kept.run(), kept.run()

    def after(by: AskedBy, reply: ModelReply) -> ModelRequest:
        said = ChatMessage(Speaker.AGENT, reply.text, reply.calls, opaque=reply.opaque)
        told = tuple(ToolAnswer(call.id, True, f"The whole is in {call.id}.") for call in reply.calls)
        return asking(ChatMessage(Speaker.HUMAN, "Look"), said, ChatMessage(Speaker.HUMAN, answers=told), by=by)

    calls = tuple(ToolCall(CallId.new(), "read", {"path": path}) for path in ("a.txt", "b.txt"))
    reply = done("I look.", calls=calls, finish=FinishReason.TOOL_CALLS, opaque={"extra": {calls[0].id: "signed"}})
    await answers.keep(first, asking(by=first), reply)
    await answers.keep(first, after(first, reply.reply), done(f"Both are on {first.names[0]}."))

    found = await answers.find(second, MODEL, asking(by=second))
    assert found is not None
    again = found.reply
    assert [(call.name, call.arguments) for call in again.calls] == [(call.name, call.arguments) for call in calls]
    assert not {call.id for call in again.calls} & {call.id for call in calls}
    assert again.opaque == {"extra": {again.calls[0].id: "signed"}}
    last = await answers.find(second, MODEL, after(second, again))
    assert last is not None
    assert last.reply.text == f"Both are on {second.names[0]}."


@pytest.mark.parametrize("finish", [FinishReason.LENGTH, FinishReason.FILTERED, FinishReason.PAUSED])
async def test_a_reply_that_was_cut_is_not_kept(kept: Kept, finish: FinishReason) -> None:
    answers, first, second = kept.answers(), kept.run(), kept.run()
    await answers.keep(first, asking(by=first), done(finish=finish))
    assert await answers.find(second, MODEL, asking(by=second)) is None


async def test_a_reply_that_holds_a_secret_is_not_kept(kept: Kept) -> None:
    answers, first, second = kept.answers(redactor=Redactor((SECRET,))), kept.run(), kept.run()
    await answers.keep(first, asking(by=first), done(f"The key is {SECRET}."))
    assert await answers.find(second, MODEL, asking(by=second)) is None
    assert SECRET.encode() not in b"".join(path.read_bytes() for path in Path(kept.database.path).parent.glob("*"))


async def test_a_reply_is_forgotten_after_its_days(kept: Kept) -> None:
    answers, first, second = kept.answers(days=2), kept.run(), kept.run()
    await answers.keep(first, asking(by=first), done())
    await kept.clock.sleep(2 * DAY)
    assert await answers.find(second, MODEL, asking(by=second)) is not None
    await kept.clock.sleep(1)
    assert await answers.find(second, MODEL, asking(by=second)) is None


async def test_where_room_ends_the_oldest_replies_go(kept: Kept) -> None:
    answers, first, second = kept.answers(room=2500), kept.run(), kept.run()
    questions = [ChatMessage(Speaker.HUMAN, f"Question {number}") for number in range(4)]
    for question in questions:
        await kept.clock.sleep(1)
        await answers.keep(first, asking(question, by=first), done("x" * 1000))

    found = [await answers.find(second, MODEL, asking(question, by=second)) for question in questions]

    assert [each is not None for each in found] == [False, False, True, True]


async def test_without_room_nothing_is_kept(kept: Kept) -> None:
    first, second = kept.run(), kept.run()
    await kept.answers(room=0).keep(first, asking(by=first), done())
    assert await kept.answers().find(second, MODEL, asking(by=second)) is None
