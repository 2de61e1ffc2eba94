"""Tools for models without tools: a chat model round another one that turns calls and answers into text and back."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Protocol, runtime_checkable

from studio.adapters.providers.calls import finish_with
from studio.adapters.providers.text_calls import CallReader
from studio.adapters.providers.text_words import as_text
from studio.base.aio import in_thread
from studio.contracts.chat_model import ChatModel, ModelReply, ModelRequest, OnDelta
from studio.domain.fitness import ToolForm
from studio.domain.models import ModelCard

MeasuredForm = Callable[[str], Awaitable[ToolForm | None]]
"""Gives the form that was measured to work with a model of this name; None when none was."""

_DIGITS = str.maketrans("0123456789abcdef", "ghjkmnpqrstvwxyz")
"""Letters that no hexadecimal number holds, as code is full of those."""
_MARK_LETTERS = 8


@runtime_checkable
class SaysAbilities(Protocol):
    """A chat model whose provider says whether a model can be shown tools."""

    async def takes_tools(self, model: str) -> bool | None:
        """Whether it can; None when the provider does not say."""
        ...


class TextTools:
    """A ChatModel over `inner` that shows tools as text to the models that need it, and is `inner` for all others.

    A model needs it when that form was measured to work for it and its provider's own was not, or, unmeasured, when
    its provider says that it knows no tools.
    """

    def __init__(self, inner: ChatModel, measured: MeasuredForm) -> None:
        self.inner = inner
        self._measured = measured
        self._key = secrets.token_bytes(32)

    async def complete(self, request: ModelRequest, on_delta: OnDelta) -> ModelReply:
        """See ChatModel."""
        if not _is_about_tools(request) or await self._form(request) is not ToolForm.TEXT:
            return await self.inner.complete(request, on_delta)
        mark = self._mark(request)
        reader = CallReader(mark, on_delta)

        def listen(kind: str, text: str) -> None:
            if kind == "text":
                reader.feed(text)
            else:
                on_delta(kind, text)

        reply = await self.inner.complete(await in_thread(as_text, request, mark), listen)
        reader.end()
        calls = (*reply.calls, *reader.calls)
        return replace(
            reply,
            text=reader.text,
            calls=calls,
            finish=finish_with(calls, reply.finish),
            thinking="\n\n".join(part for part in (reply.thinking, reader.behind) if part),
        )

    async def count_tokens(self, request: ModelRequest) -> int | None:
        """See ChatModel."""
        form = await self._form(request) if _is_about_tools(request) else ToolForm.NATIVE
        return None if form is ToolForm.TEXT else await self.inner.count_tokens(request)

    async def list_models(self) -> tuple[ModelCard, ...]:
        """See ChatModel."""
        return await self.inner.list_models()

    async def close(self) -> None:
        """See ChatModel."""
        await self.inner.close()

    async def _form(self, request: ModelRequest) -> ToolForm:
        form = request.tool_form or await self._measured(request.model)
        if form in (ToolForm.NATIVE, ToolForm.TEXT):
            return form
        takes = await self.inner.takes_tools(request.model) if isinstance(self.inner, SaysAbilities) else None
        return ToolForm.TEXT if takes is False else ToolForm.NATIVE

    def _mark(self, request: ModelRequest) -> str:
        """A word that nobody outside of this chat can know, and the same in every step: servers keep what they read.

        It comes from the chat's beginning, so that what another chat has written into a file says nothing in this one.
        """
        begun = request.messages[0].text if request.messages else ""
        told = f"{request.system}\0{begun}".encode("utf-8", "replace")
        return hmac.new(self._key, told, hashlib.sha256).hexdigest()[:_MARK_LETTERS].translate(_DIGITS)


def _is_about_tools(request: ModelRequest) -> bool:
    return bool(request.tools) or any(message.calls or message.answers for message in request.messages)
