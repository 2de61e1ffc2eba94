"""A verb's session: opens Studio, runs the verb, says what went wrong."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import typer

from studio.app.bootstrap import Access, open_studio
from studio.app.studio import Studio
from studio.cli import exits
from studio.domain.errors import StudioError

Verb = Callable[[Studio], Awaitable[int]]


@dataclass(slots=True)
class Interrupts:
    """Turns Ctrl+C into a wish that the verb can answer; a second one ends the program at once."""

    requested: asyncio.Event

    def listen(self) -> None:
        """Starts listening on the running loop."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._on_signal)

    def _on_signal(self) -> None:
        if self.requested.is_set():
            os._exit(exits.CANCELLED)
        self.requested.set()


def run(verb: Verb, access: Access) -> None:
    """Runs a verb to its end and exits with its code; a StudioError is told in its own words.

    A verb that is interrupted by Ctrl+C is cancelled and ends with 130.
    """
    raise typer.Exit(asyncio.run(_run(verb, access)))


async def _run(verb: Verb, access: Access) -> int:
    try:
        studio = await open_studio(os.environ, access)
        try:
            return await _until_interrupted(verb(studio))
        finally:
            await studio.close()
    except StudioError as error:
        tell(error)
        return exits.of_error(error)


async def _until_interrupted(work: Awaitable[int]) -> int:
    interrupts = Interrupts(asyncio.Event())
    interrupts.listen()
    task = asyncio.ensure_future(work)
    interrupted = asyncio.create_task(interrupts.requested.wait())
    await asyncio.wait({task, interrupted}, return_when=asyncio.FIRST_COMPLETED)
    interrupted.cancel()
    if not task.done():
        task.cancel()
        await asyncio.wait({task})
    if task.cancelled():
        return exits.CANCELLED
    return task.result()


def tell(error: StudioError) -> None:
    """Says an error on standard error: what happened, then what to do."""
    print(f"studio: {error.sentence}", file=sys.stderr)
    if error.action:
        print(f"        {error.action}", file=sys.stderr)
