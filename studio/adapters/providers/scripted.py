"""A chat model that replays a JSON file: for the demo and for tests. It is no AI.

The model's name is the file's path: `scripted/replies.json` replays `replies.json` in the current folder.

    {"replies": [
        {"text": "I look at the test.",
         "calls": [{"name": "read", "arguments": {"path": "test_sum.py"}}],
         "usage": {"input": 900, "output": 40, "cache_read": 0, "cache_write": 0}},
        {"contains": "assert add(2, 2) == 4", "thinking": "The sign is wrong.", "text": "Fixed."},
        {"error": {"fault": "overloaded", "times": 2, "retry_after": 1.5}, "text": "After two failures."}
    ]}

Which reply comes next follows from the request alone: reply N answers a request that holds N agent messages, or tells
of them, so a turn that another process takes up goes on where it was. After the last one the call fails with
SCRIPT_ENDED.

Fields of a reply, all optional:
- `text`, `thinking`: what it says. `chunk` is how many characters come at once (40), `pace` the seconds between.
- `calls`: a list of `name` with `arguments` (an object), or with `raw` (text that is no valid JSON object).
- `usage`: tokens in Studio's meaning; without it they are estimated from the characters.
- `finish`: `stop`, `tool_calls`, `length`, `filtered` or `paused`; without it `tool_calls` when there are
  calls, else `stop`.
- `delay`: seconds before anything comes.
- `contains`: a text, or a list of texts, that the newest message or its tool answers must hold, else the call fails
  with BAD_REQUEST. An image that is shown reads as `(seen: PNG image, 640×480)` here.
- `error`: fail instead. `fault` is a ProviderFault; `sentence` and `retry_after` are optional; `times` is how often
  this process fails at this reply before giving it (without it: always); `after` streams that many characters first,
  and then the failed try has used the reply's `usage`.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

from studio.adapters.providers import faults
from studio.adapters.providers.calls import estimated_usage, finish_with, read_call
from studio.adapters.providers.config import ProviderConfig
from studio.adapters.providers.pictures import of_results, to_see
from studio.adapters.providers.script_file import ScriptedCall, ScriptedReply, load
from studio.base.text import plain, shorten
from studio.contracts.chat_model import ModelReply, ModelRequest, OnDelta
from studio.domain.errors import ProviderError, ProviderFault
from studio.domain.ids import CallId
from studio.domain.messages import FinishReason, Speaker, ToolCall
from studio.domain.models import ModelCard
from studio.domain.sight import EVERY
from studio.domain.usage import Usage


class Scripted:
    """A ChatModel whose replies are written beforehand."""

    def __init__(self, config: ProviderConfig) -> None:
        self._config = config
        self._scripts: dict[str, tuple[tuple[int, int], tuple[ScriptedReply, ...]]] = {}
        self._failed: Counter[tuple[str, int]] = Counter()

    async def complete(self, request: ModelRequest, on_delta: OnDelta) -> ModelReply:
        """See ChatModel."""
        index = request.left_out + sum(message.speaker is Speaker.AGENT for message in request.messages)
        entry = self._entry(request.model, index)
        try:
            async with asyncio.timeout(request.total_seconds):
                return await self._give(entry, request, index, on_delta)
        except TimeoutError as error:
            raise faults.too_slow(self._config, request.total_seconds) from error

    async def _give(self, entry: ScriptedReply, request: ModelRequest, index: int, on_delta: OnDelta) -> ModelReply:
        if entry.delay:
            await asyncio.sleep(entry.delay)
        _require_contained(entry, to_see(request, EVERY), index)
        self._fail_if_told(entry, request, index, on_delta)
        await _say(entry, "thinking", entry.thinking, on_delta)
        await _say(entry, "text", entry.text, on_delta)
        return _reply(entry, request)

    async def count_tokens(self, request: ModelRequest) -> int | None:
        """See ChatModel."""
        return None

    async def list_models(self) -> tuple[ModelCard, ...]:
        """A script is named by its path, so there is nothing to list."""
        return ()

    async def close(self) -> None:
        """Nothing is held."""

    def _entry(self, name: str, index: int) -> ScriptedReply:
        replies = self._replies(Path(name))
        if index < len(replies):
            return replies[index]
        raise ProviderError(
            ProviderFault.SCRIPT_ENDED,
            f"The script {name} has {len(replies)} replies and is asked for number {index + 1}.",
            "Add a reply to the script, or choose a real model.",
        )

    def _replies(self, path: Path) -> tuple[ScriptedReply, ...]:
        """The file's replies, read again only when it changed: a step with no model to wait for is to cost nothing."""
        state = path.stat() if path.is_file() else None
        version = (state.st_mtime_ns, state.st_size) if state else (0, 0)
        known = self._scripts.get(str(path))
        if known is None or known[0] != version:
            known = self._scripts[str(path)] = (version, load(path))
        return known[1]

    def _fail_if_told(self, entry: ScriptedReply, request: ModelRequest, index: int, on_delta: OnDelta) -> None:
        told, name = entry.error, request.model
        if told is None or (told.times is not None and self._failed[name, index] >= told.times):
            return
        self._failed[name, index] += 1
        if said := entry.text[: told.after]:
            on_delta("text", said)
        sentence = told.sentence or f"The script says to fail here ({told.fault.value})."
        error = ProviderError(told.fault, sentence, retry_after=told.retry_after)
        if said:
            error.usage = entry.usage or estimated_usage(request, len(said))
        raise error


def make(config: ProviderConfig) -> Scripted:
    """A chat model that replays the file named by the model; `config` gives it its name."""
    return Scripted(config)


def _require_contained(entry: ScriptedReply, request: ModelRequest, index: int) -> None:
    newest = request.messages[-1] if request.messages else None
    parts = (newest.text, *(answer.text for answer in newest.answers)) if newest else ()
    images = (*newest.images, *of_results(newest)) if newest else ()
    parts += tuple(f"(seen: {image.about})" for image in images)
    heard = "\n".join(part for part in parts if part)
    for text in entry.contains:
        if text not in heard:
            raise ProviderError(
                ProviderFault.BAD_REQUEST,
                f"Reply {index + 1} of the script {request.model} expects “{text}” but was told: "
                f"{plain(shorten(heard, 500))}",
                "Put the script right, or what came before it.",
            )


async def _say(entry: ScriptedReply, kind: str, text: str, on_delta: OnDelta) -> None:
    for start in range(0, len(text), entry.chunk):
        on_delta(kind, text[start : start + entry.chunk])
        if entry.pace:
            await asyncio.sleep(entry.pace)


def _reply(entry: ScriptedReply, request: ModelRequest) -> ModelReply:
    calls = tuple(_call(written) for written in entry.calls)
    return ModelReply(
        text=entry.text,
        calls=calls,
        finish=entry.finish or finish_with(calls, FinishReason.STOP),
        usage=entry.usage or _estimated(entry, request),
        thinking=entry.thinking,
    )


def _call(written: ScriptedCall) -> ToolCall:
    if written.raw is not None:
        return read_call(written.name, written.raw)
    return ToolCall(CallId.new(), written.name, dict(written.arguments))


def _estimated(entry: ScriptedReply, request: ModelRequest) -> Usage:
    return estimated_usage(request, len(entry.text) + len(entry.thinking) + len(str(entry.calls or "")))
