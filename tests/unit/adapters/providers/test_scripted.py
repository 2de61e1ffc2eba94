from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from studio.adapters.providers import scripted
from studio.adapters.providers.config import ProviderConfig
from studio.contracts.chat_model import ChatModel
from studio.domain.errors import ProviderError, ProviderFault
from studio.domain.ids import CallId
from studio.domain.messages import ChatMessage, FinishReason, Speaker, ToolAnswer
from studio.domain.usage import Usage
from tests.fixtures.providers import Asking, failing, nothing

HUMAN = ChatMessage(Speaker.HUMAN, "Fix the test.")
AGENT = ChatMessage(Speaker.AGENT, "Done.")
AGENT_CALL = CallId("c00000001")

Writing = Callable[..., str]


@pytest.fixture
def model() -> ChatModel:
    """A model as a fresh process would make it."""
    return scripted.make(ProviderConfig("scripted"))


@pytest.fixture
def script(tmp_path: Path) -> Writing:
    """Writes a script and returns its path."""

    def write(*replies: dict[str, Any]) -> str:
        path = tmp_path / "replies.json"
        path.write_text(json.dumps({"replies": replies}), encoding="utf-8")
        return str(path)

    return write


async def test_reply_follows_from_the_agent_messages_so_far(script: Writing, ask: Asking) -> None:
    path = script({"text": "one"}, {"text": "two"}, {"text": "three"})
    histories = [(HUMAN,), (HUMAN, AGENT, HUMAN), (HUMAN, AGENT, HUMAN, AGENT, HUMAN)]

    said = [
        (await scripted.make(ProviderConfig("scripted")).complete(ask(*history, model=path), nothing)).text
        for history in histories
    ]

    assert said == ["one", "two", "three"]


async def test_same_request_gets_the_same_reply_again(model: ChatModel, script: Writing, ask: Asking) -> None:
    path = script({"text": "one"}, {"text": "two"})

    said = [(await model.complete(ask(HUMAN, model=path), nothing)).text for _ in range(3)]

    assert said == ["one", "one", "one"]


async def test_every_field_of_a_reply_is_given(model: ChatModel, script: Writing, ask: Asking) -> None:
    call = {"name": "read", "arguments": {"path": "a.py"}}
    usage = {"input": 900, "output": 40, "cache_read": 500, "cache_write": 7}
    path = script({"text": "I look.", "thinking": "Hm.", "calls": [call], "usage": usage, "chunk": 4})
    heard: list[tuple[str, str]] = []

    reply = await model.complete(ask(model=path), lambda kind, text: heard.append((kind, text)))

    assert heard == [("thinking", "Hm."), ("text", "I lo"), ("text", "ok.")]
    assert (reply.text, reply.thinking, reply.finish) == ("I look.", "Hm.", FinishReason.TOOL_CALLS)
    assert [(call.name, call.arguments) for call in reply.calls] == [("read", {"path": "a.py"})]
    assert reply.usage == Usage(900, 40, 500, 7)


async def test_unreadable_arguments_can_be_scripted(model: ChatModel, script: Writing, ask: Asking) -> None:
    path = script({"calls": [{"name": "read", "raw": '{"path": '}]})

    reply = await model.complete(ask(model=path), nothing)

    assert [(call.arguments, call.raw) for call in reply.calls] == [(None, '{"path": ')]


async def test_script_that_runs_out_fails_loudly(model: ChatModel, script: Writing, ask: Asking) -> None:
    path = script({"text": "one"})

    error = await failing(model, ask(HUMAN, AGENT, HUMAN, model=path))

    assert error.fault is ProviderFault.SCRIPT_ENDED
    assert "has 1 replies and is asked for number 2" in error.sentence


async def test_expected_words_are_looked_for_in_message_and_answers(
    model: ChatModel, script: Writing, ask: Asking
) -> None:
    path = script({"text": "one"}, {"contains": ["2 passed", "in 0.1s"], "text": "Good."})

    def after(output: str) -> tuple[ChatMessage, ...]:
        return HUMAN, AGENT, ChatMessage(Speaker.HUMAN, answers=(ToolAnswer(AGENT_CALL, True, output),))

    reply = await model.complete(ask(*after("2 passed in 0.1s"), model=path), nothing)
    error = await failing(model, ask(*after("1 failed in 0.1s"), model=path))

    assert reply.text == "Good."
    assert error.fault is ProviderFault.BAD_REQUEST
    assert "expects “2 passed” but was told: 1 failed" in error.sentence


async def test_failure_is_scripted_for_so_many_times(model: ChatModel, script: Writing, ask: Asking) -> None:
    path = script({"text": "Half a reply.", "error": {"fault": "overloaded", "times": 1, "retry_after": 3, "after": 4}})
    heard: list[str] = []

    with pytest.raises(ProviderError) as caught:
        await model.complete(ask(model=path), lambda kind, text: heard.append(text))
    reply = await model.complete(ask(model=path), nothing)

    assert (caught.value.fault, caught.value.retry_after) == (ProviderFault.OVERLOADED, 3)
    assert heard == ["Half"]
    assert reply.text == "Half a reply."


async def test_absent_script_is_named(model: ChatModel, tmp_path: Path, ask: Asking) -> None:
    error = await failing(model, ask(model=str(tmp_path / "gone.json")))

    assert error.fault is ProviderFault.UNKNOWN_MODEL
    assert "gone.json cannot be read: No such file or directory" in error.sentence


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "is no JSON"),
        ("[]", "needs a list of objects named “replies”"),
        ('{"replies": ["hello"]}', "needs a list of objects"),
        ('{"replies": [{"txet": "hello"}]}', "wrong in reply 1: unknown fields txet"),
        ('{"replies": [{"text": 5}]}', "text"),
        ('{"replies": [{"usage": {"inptu": 5}}]}', "usage"),
        ('{"replies": [{"calls": [{"arguments": {}}]}]}', "calls"),
        ('{"replies": [{"error": {"fault": "explosion"}}]}', "explosion"),
        ('{"replies": [{"finish": "tired"}]}', "tired"),
    ],
)
async def test_wrong_script_says_what_is_wrong(
    text: str, said: str, model: ChatModel, tmp_path: Path, ask: Asking
) -> None:
    path = tmp_path / "wrong.json"
    path.write_text(text, encoding="utf-8")

    error = await failing(model, ask(model=str(path)))

    assert error.fault is ProviderFault.BAD_REQUEST
    assert said in error.sentence
