"""Measures how long making and sending the request of a long chat keeps the loop, for each wire.

Run it with `python -m benchmarks.sending [--steps N]`. Nobody listens where it is sent to: what is measured is all
that comes before the first byte goes out.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from statistics import median

from studio.adapters.providers import anthropic, ollama, openai
from studio.adapters.providers.config import ProviderConfig
from studio.contracts.chat_model import ChatModel, ModelRequest
from studio.domain.errors import ProviderError
from studio.domain.ids import CallId
from studio.domain.messages import ChatMessage, Speaker, ToolAnswer, ToolCall

ROUNDS = 7
OUTPUT = "A line of the output, as long as lines are.\n" * 45
NOBODY = "http://127.0.0.1:9"
MAKERS: dict[str, Callable[[ProviderConfig], ChatModel]] = {
    "anthropic": anthropic.make,
    "openai": openai.make,
    "ollama": ollama.make,
}


async def main() -> None:
    """Prints the table."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--steps", type=int, default=1000)
    request = ModelRequest("m", "You change code.", _chat(arguments.parse_args().steps), (), 100, 5.0)
    print(f"{'wire':>10} {'processor, median':>20} {'loop waits, median':>20} {'worst':>10}")
    for wire, make in MAKERS.items():
        model = make(ProviderConfig(wire, NOBODY, "k"))
        rounds = [await _sent(model, request) for _ in range(ROUNDS)]
        await model.close()
        used, waited = zip(*rounds, strict=True)
        print(f"{wire:>10} {median(used):17.1f} ms {median(waited):17.1f} ms {max(waited):7.1f} ms")


async def _sent(model: ChatModel, request: ModelRequest) -> tuple[float, float]:
    """Milliseconds of processor time that the loop's thread took, and the longest that it kept others waiting."""
    waits: list[float] = []
    waiting = asyncio.ensure_future(_wait(waits))
    await asyncio.sleep(0.02)
    waits.clear()
    began = time.thread_time()
    with suppress(ProviderError):
        await model.complete(request, lambda _kind, _text: None)
    used = time.thread_time() - began
    await asyncio.sleep(0.02)
    waiting.cancel()
    return used * 1000, max(waits) * 1000


async def _wait(waits: list[float]) -> None:
    while True:
        began = time.perf_counter()
        await asyncio.sleep(0.001)
        waits.append(time.perf_counter() - began - 0.001)


def _chat(steps: int) -> tuple[ChatMessage, ...]:
    said = [ChatMessage(Speaker.HUMAN, "Mend the till.")]
    for number in range(steps):
        call = ToolCall(CallId(f"c{number:08x}"), "shell", {"command": f"make part-{number}"})
        said.append(ChatMessage(Speaker.AGENT, "I look on.", (call,)))
        said.append(ChatMessage(Speaker.HUMAN, "", answers=(ToolAnswer(call.id, True, f"{number} {OUTPUT}"),)))
    return tuple(said)


if __name__ == "__main__":
    asyncio.run(main())
