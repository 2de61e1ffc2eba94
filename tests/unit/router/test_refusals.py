"""What a model refuses about thinking is left out, and the chat goes on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from studio.adapters.clock import SystemClock
from studio.contracts.chat_model import ModelReply, ModelRequest
from studio.domain.errors import ProviderError, ProviderFault
from studio.domain.images import image_of
from studio.domain.messages import ChatMessage, FinishReason, Speaker
from studio.domain.models import ModelRef
from studio.domain.usage import Usage
from studio.router.failures import Failure
from studio.router.prices import Prices
from studio.router.router import Router
from tests.fixtures.images import png
from tests.unit.router.test_ledger import PAYER, Asked
from tests.unit.router.test_ledger import REQUEST as BARE

SONNET = ModelRef("anthropic", "claude-sonnet-4-5")
SIGNED = {"provider": "anthropic", "model": SONNET.name, "thinking": [{"type": "thinking", "signature": "old"}]}
CHAT = (*BARE.messages, ChatMessage(Speaker.AGENT, "It adds.", opaque=SIGNED), *BARE.messages)
REQUEST = replace(BARE, messages=CHAT, max_output_tokens=8000, thinking=4000)
NO = ProviderError(ProviderFault.BAD_REQUEST, "Invalid `signature` in `thinking` block.")


class Story:
    """A router, a model that refuses, and how often that was told."""

    def __init__(self, *turns: Exception | Usage) -> None:
        self.model = Asked(*turns)
        self.told: list[Failure] = []
        self.router = Router(lambda _name: self.model, Prices(), SystemClock())

    async def ask(self, request: ModelRequest = REQUEST, model: ModelRef = SONNET) -> ModelReply:
        """One step."""

        async def failed(failure: Failure) -> None:
            self.told.append(failure)

        return (await self.router.complete((model,), request, PAYER, _nothing, failed)).reply


async def test_thoughts_that_are_refused_are_left_out_and_the_chat_goes_on() -> None:
    story = Story(NO, Usage(1, 1), Usage(1, 1))
    assert (await story.ask()).finish is FinishReason.STOP
    await story.ask()

    first, second, later = story.model.asked
    assert (first.thinking, first.max_output_tokens) == (4000, 12_000)
    assert (second.thinking, second.max_output_tokens) == (None, 8000)
    assert [message.opaque for message in second.messages] == [{}, {}, {}]
    assert second.messages[1].text == "It adds."
    assert later.thinking is None
    assert [failure.retry_in for failure in story.told] == [0.0]


async def test_a_refusal_that_was_not_for_thoughts_is_told_and_they_may_go_on() -> None:
    story = Story(NO, NO, Usage(1, 1))
    with pytest.raises(ProviderError):
        await story.ask()
    await story.ask()

    assert [request.thinking for request in story.model.asked] == [4000, None, 4000]


async def test_a_refusal_of_a_chat_without_thoughts_is_told_at_once() -> None:
    story = Story(NO)
    with pytest.raises(ProviderError):
        await story.ask(BARE)
    assert len(story.model.asked) == 1


IMAGE = image_of(png())
SHOWN = replace(BARE, messages=(ChatMessage(Speaker.HUMAN, "See.", images=(IMAGE,)),), pictures={IMAGE.hash: png()})
BAD = ProviderError(ProviderFault.BAD_REQUEST, "tools[3].parameters: bad schema")


async def test_an_image_that_was_not_what_was_refused_is_shown_again() -> None:
    story = Story(BAD, BAD, Usage(1, 1))
    with pytest.raises(ProviderError):
        await story.ask(SHOWN)
    await story.ask(SHOWN)

    assert [list(request.pictures) for request in story.model.asked] == [[IMAGE.hash], [], [IMAGE.hash]]


async def test_an_image_without_which_the_model_replies_is_not_shown_until_another_server_has_the_name() -> None:
    story = Story(BAD, Usage(1, 1), Usage(1, 1), Usage(1, 1))
    for _ in range(2):
        await story.ask(SHOWN)
    await story.router.forget(SONNET.provider)
    await story.ask(SHOWN)

    assert [list(request.pictures) for request in story.model.asked] == [[IMAGE.hash], [], [], [IMAGE.hash]]


async def test_thoughts_that_one_server_refused_are_told_to_the_next_one_of_its_name() -> None:
    story = Story(NO, Usage(1, 1), Usage(1, 1))
    await story.ask()
    await story.router.forget(SONNET.provider)
    await story.ask()

    assert [request.thinking for request in story.model.asked] == [4000, None, 4000]


def _nothing(kind: str, text: str) -> None:
    """Listens to no delta."""
