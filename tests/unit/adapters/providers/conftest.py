from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from studio.adapters.providers.config import ProviderConfig
from studio.contracts.chat_model import ChatModel, ModelRequest
from studio.domain.messages import ChatMessage, Speaker
from studio.domain.tools import Risk, ToolSpec
from tests.fixtures.aimock import model_server
from tests.fixtures.providers import Asking, Connecting, maker_of
from tests.fixtures.wire_samples import MODEL

__all__ = ["model_server"]


@pytest.fixture(params=["anthropic", "openai", "ollama"])
def wire(request: pytest.FixtureRequest) -> str:
    """The provider whose protocol is spoken."""
    name: str = request.param
    return name


@pytest.fixture
async def connect() -> AsyncIterator[Connecting]:
    """Makes chat models; they are closed with the test."""
    async with AsyncExitStack() as stack:

        def make(config: ProviderConfig) -> ChatModel:
            model = maker_of(config)(config)
            stack.push_async_callback(model.close)
            return model

        yield make


@pytest.fixture
def ask() -> Asking:
    """Makes requests; every field has a small default."""

    def make(*messages: ChatMessage, model: str = MODEL, idle_seconds: float = 20.0) -> ModelRequest:
        read = ToolSpec(
            "read",
            "Reads a file.",
            {"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]},
            Risk.READ,
        )
        said = messages or (ChatMessage(Speaker.HUMAN, "Say hello."),)
        return ModelRequest(model, "You are helpful.", said, (read,), idle_seconds=idle_seconds)

    return make
