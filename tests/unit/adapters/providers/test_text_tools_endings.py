"""However a reply ends in which calls are text, none is run that did not come whole."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest

from studio.adapters.providers.text_tools import TextTools
from studio.contracts.chat_model import ModelReply, ModelRequest, OnDelta
from studio.domain.errors import ProviderError, ProviderFault
from studio.domain.fitness import ToolForm
from studio.domain.messages import ChatMessage, FinishReason, Speaker
from studio.domain.models import ModelCard
from studio.domain.tools import Risk, ToolSpec
from studio.domain.usage import Usage
from tests.fixtures.providers import nothing

SHELL = ToolSpec("shell", "Runs a command.", {"type": "object", "properties": {}}, Risk.EXECUTE)
REQUEST = ModelRequest("plain", "You help.", (ChatMessage(Speaker.HUMAN, "Go."),), (SHELL,), tool_form=ToolForm.TEXT)
USED = Usage(100, 20)


@dataclass
class Writes:
    """A scripted model that writes a text with a call in it, thinks before, and ends as it is told."""

    text: str
    ending: FinishReason | None

    async def complete(self, request: ModelRequest, on_delta: OnDelta) -> ModelReply:
        """Breaks off without an ending."""
        fence = re.search(r"^```call-\w+", request.system, re.MULTILINE)
        assert fence is not None
        text = self.text.replace("FENCE", fence[0])
        on_delta("thinking", "Hm.")
        for letter in text:
            on_delta("text", letter)
        if self.ending is None:
            raise ProviderError(ProviderFault.BROKEN_STREAM, "It broke.")
        return ModelReply(text, (), self.ending, USED, thinking="Hm.")

    async def count_tokens(self, request: ModelRequest) -> int | None:
        """None."""
        return None

    async def list_models(self) -> tuple[ModelCard, ...]:
        """None."""
        return ()

    async def close(self) -> None:
        """Nothing is held."""


async def nothing_measured(model: str) -> ToolForm | None:
    return None


async def test_a_stream_that_breaks_behind_a_whole_call_gives_no_call() -> None:
    model = TextTools(Writes('FENCE shell\n{"command": "ls"}\n```\n', None), nothing_measured)
    with pytest.raises(ProviderError) as caught:
        await model.complete(REQUEST, nothing)
    assert caught.value.fault is ProviderFault.BROKEN_STREAM


async def test_a_reply_that_was_cut_says_so_beside_its_calls() -> None:
    model = TextTools(Writes('FENCE shell\n{"command": "rm -r', FinishReason.LENGTH), nothing_measured)
    reply = await model.complete(REQUEST, nothing)
    assert (reply.finish, reply.usage) == (FinishReason.LENGTH, USED)
    assert [(call.arguments, call.raw) for call in reply.calls] == [(None, '{"command": "rm -r')]


async def test_a_made_up_answer_is_thought_and_not_said() -> None:
    text = 'I look.\nFENCE shell\n{"command": "ls"}\n```\nThe answer is a.txt.'
    deltas: list[tuple[str, str]] = []
    model = TextTools(Writes(text, FinishReason.STOP), nothing_measured)
    reply = await model.complete(REQUEST, lambda kind, piece: deltas.append((kind, piece)))
    assert (reply.text, reply.thinking) == ("I look.\n", "Hm.\n\nThe answer is a.txt.")
    assert "".join(piece for kind, piece in deltas if kind == "text") == "I look.\n"
    assert "".join(piece for kind, piece in deltas if kind == "thinking") == "Hm.The answer is a.txt."
