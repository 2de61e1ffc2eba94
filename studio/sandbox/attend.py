"""Waiting for what runs in the sandbox, without ever leaving it running alone."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from studio.domain.errors import EngineError
from studio.sandbox.inside.frames import DONE
from studio.sandbox.link import Channel

TIMEOUT_GRACE = 5.0
"""Seconds between asking a command that took too long to end, and killing it."""
_CANCEL_GRACE = 0.3
"""The same for a command that a person stopped, who waits for it: a stop is to take less than a second."""
_OVERDUE = 10.0
"""How long after the kill something may still be there until the whole sandbox counts as stuck."""


async def attend(channel: Channel, take: Callable[[int, bytes], Awaitable[None] | None], timeout: float) -> None:
    """Sends the channel's request and hands every frame to `take` until it is done, then closes the channel.

    The supervisor keeps `timeout` itself; here it is only the measure of when the supervisor is lost.
    When the caller is cancelled, or `take` raises, what runs is ended first. Raises EngineError.
    """
    try:
        async with asyncio.timeout(timeout + TIMEOUT_GRACE + _OVERDUE):
            # In here, too: what was asked for while the line was busy is on its way when the caller gives up.
            await channel.ask()
            await _until_done(channel, take)
    except TimeoutError as error:
        raise channel.abandon() from error
    except EngineError:
        await _end(channel)
        raise
    except asyncio.CancelledError:
        await _end(channel)
        raise
    finally:
        channel.close()


async def _end(channel: Channel) -> None:
    try:
        with suppress(EngineError):
            async with asyncio.timeout(_CANCEL_GRACE + _OVERDUE):
                await channel.stop(_CANCEL_GRACE)
                await _until_done(channel, _ignored)
    except TimeoutError:
        channel.abandon()


async def _until_done(channel: Channel, take: Callable[[int, bytes], Awaitable[None] | None]) -> None:
    kind = 0
    while kind != DONE:
        kind, payload = await channel.read()
        waiting = take(kind, payload)
        if waiting is not None:
            await waiting


def _ignored(kind: int, payload: bytes) -> None:
    """Takes what nobody wants any more."""
