"""A chat model that replays a JSON file: for the demo and for tests. It is no AI.

The model's name is the file's path: `scripted/replies.json` replays `replies.json` in the current folder.

    {"replies": [
        {"text": "I look at the test.",
         "calls": [{"name": "read", "arguments": {"path": "test_sum.py"}}],
         "usage": {"input": 900, "output": 40, "cache_read": 0, "cache_write": 0}},
        {"contains": "assert add(2, 2) == 4", "thinking": "The sign is wrong.", "text": "Fixed."},
        {"error": {"fault": "overloaded", "times": 2, "retry_after": 1.5}, "text": "After two failures."}
    ]}

Which reply comes next follows from the request alone: reply N answers a request that holds N agent messages,
so a turn that another process takes up goes on where it was. After the last one the call fails with SCRIPT_ENDED.

Fields of a reply, all optional:
- `text`, `thinking`: what it says. `chunk` is how many characters come at once (40), `pace` the seconds between.
- `calls`: a list of `name` with `arguments` (an object), or with `raw` (text that is no valid JSON object).
- `usage`: tokens in Studio's meaning; without it they are estimated from the characters.
- `finish`: `stop`, `tool_calls`, `length` or `filtered`; without it `tool_calls` when there are calls, else `stop`.
- `delay`: seconds before anything comes.
- `contains`: a text, or a list of texts, that the newest message or its tool answers must hold, else the call fails
  with BAD_REQUEST.
- `error`: fail instead. `fault` is a ProviderFault; `sentence` and `retry_after` are optional; `times` is how often
  this process fails at this reply before giving it (without it: always); `after` streams that many characters first.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

from studio.adapters.providers.calls import estimated_usage, finish_with, read_call
from studio.adapters.providers.config import ProviderConfig
from studio.contracts.chat_model import ModelReply, ModelRequest, OnDelta
from studio.domain.errors import ProviderError, ProviderFault
from studio.domain.ids import CallId
from studio.domain.messages import FinishReason, Speaker, ToolCall
from studio.domain.models import ModelCard, Usage

_FIELDS = frozenset({"text", "thinking", "chunk", "pace", "calls", "usage", "finish", "delay", "contains", "error"})


class Scripted:
    """A ChatModel whose replies are written beforehand."""

    def __init__(self) -> None:
        self._scripts: dict[tuple[str, int, int], list[dict[str, Any]]] = {}
        self._failed: Counter[tuple[str, int]] = Counter()

    async def complete(self, request: ModelRequest, on_delta: OnDelta) -> ModelReply:
        """See ChatModel."""
        index = sum(message.speaker is Speaker.AGENT for message in request.messages)
        entry = self._entry(request.model, index)
        if delay := entry.get("delay"):
            await asyncio.sleep(delay)
        _require_contained(entry, request, index)
        await self._fail_if_told(entry, request.model, index, on_delta)
        await _say(entry, "thinking", on_delta)
        await _say(entry, "text", on_delta)
        return _reply(entry, request)

    async def list_models(self) -> tuple[ModelCard, ...]:
        """A script is named by its path, so there is nothing to list."""
        return ()

    async def close(self) -> None:
        """Nothing is held."""

    def _entry(self, name: str, index: int) -> dict[str, Any]:
        replies = self._replies(Path(name))
        if index < len(replies):
            return replies[index]
        raise ProviderError(
            ProviderFault.SCRIPT_ENDED,
            f"The script {name} has {len(replies)} replies and is asked for number {index + 1}.",
            "Add a reply to the script, or choose a real model.",
        )

    def _replies(self, path: Path) -> list[dict[str, Any]]:
        try:
            state = path.stat()
            key = (str(path), state.st_mtime_ns, state.st_size)
            if key not in self._scripts:
                self._scripts[key] = _checked(path, json.loads(path.read_text(encoding="utf-8")))
            return self._scripts[key]
        except OSError as error:
            raise ProviderError(
                ProviderFault.UNKNOWN_MODEL,
                f"The script {path} cannot be read: {error.strerror}.",
                "Name an existing file: scripted/PATH.",
            ) from error
        except ValueError as error:
            raise _bad_script(path, f"is no JSON: {error}") from error

    async def _fail_if_told(self, entry: dict[str, Any], name: str, index: int, on_delta: OnDelta) -> None:
        told = entry.get("error")
        if told is None or self._failed[name, index] >= told.get("times", float("inf")):
            return
        self._failed[name, index] += 1
        if said := entry.get("text", "")[: told.get("after", 0)]:
            on_delta("text", said)
        fault = ProviderFault(told["fault"])
        sentence = told.get("sentence", f"The script says to fail here ({fault.value}).")
        raise ProviderError(fault, sentence, retry_after=told.get("retry_after"))


def make(config: ProviderConfig) -> Scripted:
    """A chat model that replays the file named by the model; `config` holds nothing it needs."""
    return Scripted()


def _checked(path: Path, script: Any) -> list[dict[str, Any]]:
    replies = script.get("replies") if isinstance(script, dict) else None
    if not isinstance(replies, list) or not all(isinstance(entry, dict) for entry in replies):
        raise _bad_script(path, "needs a list of objects named “replies”")
    for number, entry in enumerate(replies, start=1):
        if unknown := sorted(entry.keys() - _FIELDS):
            raise _bad_script(path, f"has unknown fields in reply {number}: {', '.join(unknown)}")
    return replies


def _bad_script(path: Path, what: str) -> ProviderError:
    return ProviderError(ProviderFault.BAD_REQUEST, f"The script {path} {what}.", "Put the script right.")


def _require_contained(entry: dict[str, Any], request: ModelRequest, index: int) -> None:
    wanted = entry.get("contains", ())
    newest = request.messages[-1] if request.messages else None
    heard = "\n".join((newest.text, *(answer.text for answer in newest.answers))) if newest else ""
    for text in [wanted] if isinstance(wanted, str) else wanted:
        if text not in heard:
            raise ProviderError(
                ProviderFault.BAD_REQUEST,
                f"Reply {index + 1} of the script {request.model} expects “{text}” but was told: {heard[:500]}",
                "Put the script right, or what came before it.",
            )


async def _say(entry: dict[str, Any], kind: str, on_delta: OnDelta) -> None:
    text, size, pace = entry.get(kind, ""), entry.get("chunk", 40), entry.get("pace", 0.0)
    for start in range(0, len(text), size):
        on_delta(kind, text[start : start + size])
        if pace:
            await asyncio.sleep(pace)


def _reply(entry: dict[str, Any], request: ModelRequest) -> ModelReply:
    calls = tuple(_call(written) for written in entry.get("calls", ()))
    finish = FinishReason(entry["finish"]) if "finish" in entry else finish_with(calls, FinishReason.STOP)
    return ModelReply(
        text=entry.get("text", ""),
        calls=calls,
        finish=finish,
        usage=Usage(**entry["usage"]) if "usage" in entry else _estimated(entry, request),
        thinking=entry.get("thinking", ""),
    )


def _call(written: dict[str, Any]) -> ToolCall:
    if "raw" in written:
        return read_call(written["name"], written["raw"])
    return ToolCall(CallId.new(), written["name"], dict(written.get("arguments", {})))


def _estimated(entry: dict[str, Any], request: ModelRequest) -> Usage:
    said = entry.get("text", "") + entry.get("thinking", "") + json.dumps(entry.get("calls", ()))
    return estimated_usage(request.system + str([asdict(message) for message in request.messages]), said)
