"""Answers: what a model replied to the very same request before, which is not paid again."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from studio.base.aio import in_thread
from studio.base.log import logger
from studio.contracts.chat_model import ModelReply, ModelRequest
from studio.contracts.clock import Clock
from studio.domain.errors import StoreError
from studio.domain.ids import CallId, ProjectId, RunId
from studio.domain.messages import ChatMessage, FinishReason, ToolCall
from studio.domain.models import ModelRef
from studio.domain.money import FREE, NanoUsd
from studio.domain.usage import Usage
from studio.events.recorder import Recorder
from studio.router.router import Completion
from studio.store import answers
from studio.store.answers import AnswerRow
from studio.store.database import Database

log = logger("router")

_FORM = 2
"""Counted up whenever what is hashed or kept changes its form, so that nothing of an older one is found."""

_WHOLE = (FinishReason.STOP, FinishReason.TOOL_CALLS)
_PLACE = re.compile("\0(\\d+)\0")


@dataclass(frozen=True, slots=True)
class Bounds:
    """How many bytes answers may take together, none when 0, and for how many days one counts."""

    room: int
    days: int


NO_ANSWERS = Bounds(0, 0)


@dataclass(frozen=True, slots=True)
class AskedBy:
    """For whom a request is made: answers never leave their project.

    `names` are those that stand in a request only because it is this run's: its branch and its id.
    """

    project: ProjectId
    run: RunId
    names: tuple[str, ...]


class Answers:
    """Keeps replies by the exact hash of their requests; only one who knows the whole request finds its reply."""

    def __init__(self, database: Database, recorder: Recorder, clock: Clock, bounds: Bounds) -> None:
        self._database = database
        self._recorder = recorder
        self._clock = clock
        self._bounds = bounds

    async def find(self, by: AskedBy, model: ModelRef, request: ModelRequest) -> Completion | None:
        """The reply that `model` gave to this request in another run; None when there is none, or it is too old.

        A run that asks the same again wants another answer.
        """
        if not self._bounds.room:
            return None
        hashed = await in_thread(_hash, by, model, request)
        async with self._database.reading() as connection:
            row = await answers.get(connection, by.project, hashed)
        if row is None or row.run == by.run or row.time < self._since():
            return None
        reply = await in_thread(_reply, by, request, row.reply)
        return Completion(reply, model, FREE, 0.0, saved_nusd=NanoUsd(row.cost_nusd or 0), cached=True)

    async def keep(self, by: AskedBy, request: ModelRequest, done: Completion) -> None:
        """Keeps a whole reply for the next who asks the same; one that holds a secret is not kept.

        A data folder that refuses costs no turn: the reply itself is in the log.
        """
        if not self._bounds.room or done.cached or done.reply.finish not in _WHOLE:
            return
        hashed = await in_thread(_hash, by, done.model, request)
        kept = await in_thread(_kept, by, request, done.reply)
        if self._recorder.redacted(kept) != kept or len(kept) > self._bounds.room:
            return
        row = AnswerRow(by.run, self._clock.now(), kept, done.cost_nusd)
        try:
            async with self._database.transaction() as connection:
                room = self._bounds.room
                await answers.save(connection, by.project, hashed, row, since=self._since(), room=room)
        except StoreError as error:
            log.warning("answer_not_kept", run=by.run, error=str(error))

    def _since(self) -> datetime:
        return self._clock.now() - timedelta(days=self._bounds.days)


def uses_tools(request: ModelRequest) -> bool:
    """Whether the conversation of a request holds calls of tools."""
    return any(message.calls or message.answers for message in request.messages)


def _hash(by: AskedBy, model: ModelRef, request: ModelRequest) -> str:
    """What a reply hangs on, and nothing else: not how long may be waited for it, nor what ids were drawn for calls."""
    asked = {
        "form": _FORM,
        "model": str(model),
        "system": request.system,
        "messages": [_message(message) for message in request.messages],
        "tools": [[tool.name, tool.description, tool.schema] for tool in request.tools],
        "most": request.max_output_tokens,
        "thinking": request.thinking,
        "left_out": request.left_out,
        "pictures": sorted(request.pictures),
    }
    text = _impersonal(json.dumps(asked, sort_keys=True, default=str), _names(by, request.messages))
    return sha256(text.encode("ascii")).hexdigest()


def _message(message: ChatMessage) -> dict[str, Any]:
    return asdict(message) | {"images": list(map(str, message.images))}


def _names(by: AskedBy, messages: Sequence[ChatMessage], calls: Sequence[ToolCall] = ()) -> tuple[str, ...]:
    """All names that were drawn at random, in the order in which they come up."""
    told = (call for message in messages for call in message.calls)
    return (*by.names, *(call.id for call in (*told, *calls)))


def _impersonal(text: str, names: Sequence[str]) -> str:
    """`text` with a place instead of each name."""
    for at, name in enumerate(names):
        if name:
            text = text.replace(name, f"\0{at}\0")
    return text


def _kept(by: AskedBy, request: ModelRequest, reply: ModelReply) -> str:
    told = asdict(replace(reply, usage=Usage()))
    return _impersonal(json.dumps(told, sort_keys=True), _names(by, request.messages, reply.calls))


def _reply(by: AskedBy, request: ModelRequest, kept: str) -> ModelReply:
    """A kept reply in the words of this run, its calls under fresh ids."""
    names = dict(enumerate(_names(by, request.messages)))

    def name(place: re.Match[str]) -> str:
        return names.setdefault(int(place[1]), CallId.new())

    told = json.loads(_PLACE.sub(name, kept))
    calls = tuple(ToolCall(**{**call, "id": CallId(call["id"])}) for call in told["calls"])
    finish = FinishReason(told["finish"])
    return ModelReply(told["text"], calls, finish, Usage(), told["thinking"], told["opaque"])
