"""The screen of a sandbox's preview: what a tool asks of the page and a window answers."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable


class Screen:
    """Hands each answer to the one who asked for it; a request that nobody waits for any more is not known.

    All of it happens on one loop.
    """

    def __init__(self) -> None:
        self._waiting: dict[str, asyncio.Future[bytes]] = {}

    async def ask(self, tell: Callable[[str], None], seconds: float) -> bytes | None:
        """Makes a request, `tell`s its id and waits so long; None when nobody has answered by then."""
        request = secrets.token_hex(8)
        answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._waiting[request] = answer
        try:
            tell(request)
            async with asyncio.timeout(seconds):
                return await answer
        except TimeoutError:
            return None
        finally:
            del self._waiting[request]

    def answer(self, request: str, data: bytes) -> None:
        """Gives what a request asked for; the first answer counts, one that comes late is dropped."""
        waiting = self._waiting.get(request)
        if waiting is not None and not waiting.done():
            waiting.set_result(data)
