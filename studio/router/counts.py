"""Counts: what providers said about how long a chat is, which bounds its next request closer than its bytes do."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b

from studio.base.log import logger
from studio.contracts.chat_model import ModelRequest
from studio.domain.ids import RunId
from studio.domain.messages import ChatMessage
from studio.domain.models import ModelRef
from studio.domain.providers import BUILT_IN
from studio.domain.thinking import form_of, thoughts_go_back
from studio.domain.usage import Usage
from studio.router.bounds import PER_REQUEST, most_of_messages, most_tokens

log = logger("router")

CHATS = 256
"""Of how many chats the last count is remembered; of others their bytes count."""

_COUNTED_SHARE = 20
"""A provider calls its count an estimate that may be off by a little: a twentieth more is held, and `PER_REQUEST`."""


@dataclass(frozen=True, slots=True)
class _Last:
    """A request that was counted: a hash of all but its last message, one of that, and what was counted."""

    begin: bytes
    last: bytes
    messages: int
    tokens: int
    output: int


def is_built_in(provider: str) -> bool:
    """Whether the provider of this name is one that needs no declaration, wherever it is called."""
    return provider in BUILT_IN


class Counts:
    """Bounds requests by what was counted of the same chat before.

    A token is counted within its message, so a chat that was only added to counts at most what it did, and what the
    bytes of the addition can. That holds for providers of which a model's name stands for one tokenizer, and whose
    counts are those that it charges by: the built-in ones that are called at their own address, as `is_genuine` says.
    Whoever else answers may count as it likes. A model that ever counts more than its bound is bounded by bytes from
    then on.
    """

    def __init__(self, is_genuine: Callable[[str], bool] = is_built_in) -> None:
        self._is_genuine = is_genuine
        self._last: OrderedDict[tuple[RunId, ModelRef], _Last] = OrderedDict()
        self._odd: set[ModelRef] = set()

    def most(self, run: RunId, model: ModelRef, request: ModelRequest) -> int:
        """No count of `request` by the provider is larger. Takes milliseconds for a long chat: call it in a thread."""
        by_bytes, last = most_tokens(request, model.name), self._last.get((run, model))
        if last is None or model in self._odd or len(request.messages) < last.messages:
            return by_bytes
        if _hash_of_beginning(request, model, last.messages - 1) != last.begin:
            return by_bytes
        # Studio's own notes may have been added to the message that was the newest then.
        same = _hash_of(request.messages[last.messages - 1], request) == last.last
        added = request.messages[last.messages if same else last.messages - 1 :]
        thoughts = last.output if any(message.opaque for message in added) else 0
        return min(by_bytes, last.tokens + thoughts + most_of_messages(added, model.name) + PER_REQUEST)

    def learn(self, run: RunId, model: ModelRef, request: ModelRequest, usage: Usage, held_for: int) -> None:
        """Takes in what the provider counted of a request that `held_for` tokens were held for. Call it in a thread."""
        if usage.input > held_for > 0:
            log.warning("count_beyond_bound", model=str(model), counted=usage.input, bound=held_for)
            self._odd.add(model)
        if not self._is_genuine(model.provider) or not request.messages:
            return
        before = len(request.messages) - 1
        begin, last = _hash_of_beginning(request, model, before), _hash_of(request.messages[before], request)
        self._last[run, model] = _Last(begin, last, before + 1, usage.input, usage.output)
        self._last.move_to_end((run, model))
        while len(self._last) > CHATS:
            self._last.popitem(last=False)

    def trusts(self, model: ModelRef) -> bool:
        """Whether what this model's provider counts can be held for: it has kept within its bounds so far."""
        return self._is_genuine(model.provider) and model not in self._odd

    def forget(self, provider: str) -> None:
        """Another server may count differently."""
        for key in list(self._last):
            if key[1].provider == provider:
                self._last.pop(key, None)


def most_of_count(counted: int) -> int:
    """The most that a request can be charged for of which the provider counted so much beforehand."""
    return counted + counted // _COUNTED_SHARE + PER_REQUEST


def _hash_of_beginning(request: ModelRequest, model: ModelRef, messages: int) -> bytes:
    """A hash of all that comes before message number `messages`, and of how it is sent."""
    thoughts = thoughts_go_back(form_of(model), request.thinking)
    tools = [[tool.name, tool.description, tool.schema] for tool in request.tools]
    found = blake2b(json.dumps([request.system, tools, request.tool_form, thoughts], default=str).encode("ascii"))
    for message in request.messages[:messages]:
        found.update(_hash_of(message, request))
    return found.digest()


def _hash_of(message: ChatMessage, request: ModelRequest) -> bytes:
    calls = [[call.id, call.name, call.arguments, call.raw] for call in message.calls]
    answers = [[answer.call, answer.ok, answer.text] for answer in message.answers]
    images = (*message.images, *(image for answer in message.answers for image in answer.images))
    shown = [[str(image), image.hash in request.pictures] for image in images]
    told = [message.speaker, message.text, calls, answers, message.opaque, shown]
    return blake2b(json.dumps(told, default=str).encode("ascii")).digest()
