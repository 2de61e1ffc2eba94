"""Each call gets its one answer, on a real log; a call that reached for a container would fail loudly."""

from __future__ import annotations

from dataclasses import replace

import pytest

from studio.agents.calls import Waiting
from studio.domain.events import CheckpointOpened
from studio.domain.ids import CallId
from studio.domain.messages import FinishReason, ToolCall
from studio.domain.roles import Limits
from studio.store import event_log
from tests.unit.agents.story import Story


def write(name: str) -> ToolCall:
    return ToolCall(CallId.new(), "write", {"path": name, "content": "x"})


async def test_an_approval_of_another_act_lets_nothing_run(story: Story) -> None:
    call = ToolCall(CallId.new(), "shell", {"command": "rm -rf build"})
    await story.ask(call)
    await story.approve(call.id, "ls")

    answer = (await story.answers())[call.id]

    assert not answer.ok
    assert "approval was given for something else" in answer.text


@pytest.mark.parametrize(
    ("command", "kind", "title"),
    [
        ("rm -rf build", "delete", "Run this command? It deletes files or changes."),
        ("echo x | sh", "unknown", "Run this command? What it does cannot be told: sh runs whatever it is fed."),
    ],
)
async def test_a_question_about_a_command_says_what_it_does_and_the_log_keeps_it(
    story: Story, command: str, kind: str, title: str
) -> None:
    await story.ask(ToolCall(CallId.new(), "shell", {"command": command}))

    with pytest.raises(Waiting) as waiting:
        await story.answers()
    question = waiting.value.question
    async with story.recorder.unit(story.run.project, story.run.id) as unit:
        await story.checkpoints.open(unit, question)

    assert (question.title, question.act, question.why) == (title, command, "I try this.")
    assert await story.checkpoints.get(question.id) == question
    async with story.database.reading() as connection:
        opened = (await event_log.since(connection, 0, run=story.run.id))[-1].event
    assert isinstance(opened, CheckpointOpened)
    assert (opened.title, opened.command_class) == (title, kind)


async def test_a_command_that_only_reads_is_run_without_a_question(story: Story) -> None:
    call = ToolCall(CallId.new(), "shell", {"command": "ls -l | head"})
    await story.ask(call)
    # There is no container to run it in; that it was to be run is in the log.
    with pytest.raises(AttributeError, match="exec"):
        await story.answers()
    assert call.id in (await story.journal.history(story.run)).started
    assert await story.checkpoints.waiting() == ()


@pytest.mark.parametrize("finish", [FinishReason.LENGTH, FinishReason.FILTERED])
async def test_the_last_call_of_a_reply_that_was_cut_is_not_run(story: Story, finish: FinishReason) -> None:
    whole, last = write("whole.txt"), write("last.txt")
    await story.ask(whole, last, finish=finish)

    answers = await story.answers()

    assert (answers[whole.id].ok, answers[last.id].ok) == (True, False)
    assert "ended before it was complete" in answers[last.id].text
    assert [path.name for path in story.folder.iterdir()] == ["whole.txt"]


async def test_the_last_call_of_a_whole_reply_is_run(story: Story) -> None:
    call = write("whole.txt")
    await story.ask(call)
    assert (await story.answers())[call.id].ok
    assert [path.name for path in story.folder.iterdir()] == ["whole.txt"]


@pytest.mark.parametrize("name", ["write", "shell", "ask"])
async def test_no_call_is_run_or_asked_about_once_the_time_is_used_up(story: Story, name: str) -> None:
    arguments = {
        "write": {"path": "late.txt", "content": "x"},
        "shell": {"command": "touch late.txt"},
        "ask": {"question": "Which?"},
    }[name]
    call = ToolCall(CallId.new(), name, dict(arguments))
    story.run = replace(story.run, limits=Limits(100, 0.0, None))
    await story.ask(call)

    answer = (await story.answers())[call.id]

    assert not answer.ok
    assert "time for this message is used up" in answer.text
    assert list(story.folder.iterdir()) == []
    assert await story.checkpoints.waiting() == ()
