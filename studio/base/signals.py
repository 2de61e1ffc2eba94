"""Signals: Ctrl+C and SIGTERM as a cancellation that work can answer."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

SAME_SECONDS = 0.5
"""Signals this close together are one wish: a supervisor often signals the process and its group."""

INTERRUPTED = 130
"""The exit code of a program that a person stopped."""


async def until_interrupted(work: Coroutine[Any, Any, T]) -> T:
    """Runs `work`, cancelling it at the first Ctrl+C or SIGTERM; a second one ends the program at once.

    What the work returns after that still counts; raises CancelledError when it gives up instead.
    """
    loop = asyncio.get_running_loop()
    requested = asyncio.Event()
    first: list[float] = []

    def on_signal() -> None:
        if not first:
            first.append(loop.time())
            requested.set()
        elif loop.time() - first[0] > SAME_SECONDS:
            os._exit(INTERRUPTED)

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, on_signal)
    task = asyncio.create_task(work)
    waiting = asyncio.create_task(requested.wait())
    try:
        await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            task.cancel()
        return await task
    finally:
        waiting.cancel()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
