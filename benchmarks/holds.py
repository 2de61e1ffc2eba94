"""How closely what is held for the input of each step of a long chat fits what is counted, and how long that takes.

python -m benchmarks.holds [--steps N]

Each step reads a file of this very repository. The provider counts a token for each 3.6 bytes of it; the floor is what
it counts itself.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from studio.contracts.chat_model import ModelRequest
from studio.domain.ids import CallId, RunId
from studio.domain.messages import ChatMessage, Speaker, ToolAnswer, ToolCall
from studio.domain.models import ModelRef
from studio.domain.usage import Usage
from studio.router.bounds import most_tokens
from studio.router.counts import Counts

T = TypeVar("T")

MODEL, RUN = ModelRef("anthropic", "claude-sonnet-4-5"), RunId("r1")
BYTES_A_TOKEN = 3.6
SYSTEM = "Be kind. " * 700


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=100)
    steps = parser.parse_args().steps
    files = sorted((Path(__file__).parent.parent / "studio").rglob("*.py"))[:steps]
    counts, chat = Counts(), [ChatMessage(Speaker.HUMAN, "Mend the till.")]
    counted = by_bytes = by_counts = 0
    print(
        f"{'step':>5}{'counted':>10}{'by bytes':>10}{'by counts':>10}{'ms bytes':>10}{'ms counts':>10}{'ms learn':>10}"
    )
    for step, file in enumerate(files, 1):
        request = ModelRequest(MODEL.name, SYSTEM, tuple(chat))
        tokens = _counted(request)
        whole, bytes_ms = _timed(lambda request=request: most_tokens(request))
        close, counts_ms = _timed(lambda request=request: counts.most(RUN, MODEL, request))
        usage = Usage(tokens, 300)
        _, learn_ms = _timed(lambda request=request, usage=usage: counts.learn(RUN, MODEL, request, usage, 0))
        counted, by_bytes, by_counts = counted + tokens, by_bytes + whole, by_counts + close
        if step in (1, 2, 10, steps // 2, steps):
            print(f"{step:>5}{tokens:>10}{whole:>10}{close:>10}{bytes_ms:>10.1f}{counts_ms:>10.1f}{learn_ms:>10.1f}")
        call = ToolCall(CallId.new(), "read", {"path": file.name})
        answer = ToolAnswer(call.id, True, file.read_text("utf-8"))
        chat += [
            ChatMessage(Speaker.AGENT, "I look at the next file.", calls=(call,)),
            ChatMessage(Speaker.HUMAN, answers=(answer,)),
        ]
    print(f"all steps, of what is counted: by bytes {by_bytes / counted:.2f}, by counts {by_counts / counted:.2f}")


def _counted(request: ModelRequest) -> int:
    said = (_said(message) for message in request.messages)
    return int((len(request.system) + sum(len(text.encode()) for text in said)) / BYTES_A_TOKEN)


def _said(message: ChatMessage) -> str:
    calls = json.dumps([call.arguments for call in message.calls])
    return message.text + "".join(answer.text for answer in message.answers) + calls


def _timed(work: Callable[[], T]) -> tuple[T, float]:
    started = time.perf_counter()
    done = work()
    return done, (time.perf_counter() - started) * 1000


if __name__ == "__main__":
    main()
