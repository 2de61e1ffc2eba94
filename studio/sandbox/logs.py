"""Logs: the newest lines of all that runs in and beside one sandbox, heard as they are written."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime

from studio.base.aio import Tasks, in_thread
from studio.base.text import last_lines, plain, shorten, whole
from studio.contracts.clock import Clock
from studio.contracts.container_log import LoggedLine
from studio.contracts.sandbox_engine import SandboxEngine
from studio.domain.container_logs import LogLine, LogNews, LogSource
from studio.domain.errors import EngineError

LINES_KEPT = 1000
"""So many of each source."""
LINE_CHARACTERS = 1000
ENDED_KEPT = 5
"""Of so many processes that have ended, the last, lines are kept: each is another source."""
_AT_ONCE = 0.1
"""Seconds in which lines gather before somebody is told of them."""
_MOST_A_SECOND = 1000
"""What writes more lines than this is heard again from its last lines on, a second later."""
_LAST_LINES = 200
_ROW = 80
"""A longer line counts as several."""
_EARLIEST = datetime.min.replace(tzinfo=UTC)


class Logs:
    """Keeps a bounded number of short, plain lines; they end with the sandbox.

    Nothing is asked of the engine before `follow`. To listen is no use of a sandbox: one that sleeps is not woken.
    """

    def __init__(self, engine: SandboxEngine, clock: Clock, containers: Callable[[], Mapping[str, str]]) -> None:
        """`containers` gives those whose logs are heard, by the name of their service; the sandbox's own has none."""
        self._engine = engine
        self._clock = clock
        self._containers = containers
        self._kept: dict[tuple[LogSource, str], deque[LogLine]] = {}
        self._rests: dict[str, str] = {}
        self._heard: set[str] = set()
        self._ended: deque[str] = deque()
        self._number = self._beside = 0
        self._tasks = Tasks()
        self._closed = False
        self._news = asyncio.Event()

    def follow(self) -> None:
        """Hears, from now on, every container there is; what was said before comes first, as far as it is kept."""
        for name, container in self._containers().items():
            if container not in self._heard and not self._closed:
                self._heard.add(container)
                source = LogSource.SERVICE if name else LogSource.SANDBOX
                self._tasks.spawn(self._hear(source, name, container), f"log of {name or container}")

    async def hear_process(self, name: str, text: str, now: datetime, *, title: str = "", ended: bool = False) -> None:
        """Takes a piece of what a process behind wrote, one after the other; `ended` says that it was its last.

        `title` is what people call the process. Of more lines than are kept only the last are read, in a thread; the
        others count as lost.
        """
        lines, rest, lost = await in_thread(_lines, self._rests.pop(name, "") + text, ended)
        if rest:
            self._rests[name] = rest
        self._number += lost
        await self._take(LogSource.PROCESS, name, [LoggedLine(now, line) for line in lines], title)
        if ended:
            self._ended.append(name)
            if len(self._ended) > ENDED_KEPT:
                self._kept.pop((LogSource.PROCESS, self._ended.popleft()), None)

    @property
    def beside(self) -> int:
        """How many lines containers wrote in all, also such as are passed over or kept no more."""
        return self._beside

    def since(self, mark: int = 0) -> LogNews:
        """The lines behind a mark, as far as they are kept, in the order in which they were heard."""
        mark = min(max(mark, 0), self._number)
        behind = [line for kept in self._kept.values() for line in kept if line.number > mark]
        behind.sort(key=lambda line: line.number)
        return LogNews(tuple(behind), self._number - mark - len(behind), self._number)

    async def news(self, mark: int = 0) -> LogNews:
        """As `since`, once there is something behind the mark. Raises EngineError when the sandbox is closed."""
        self.follow()
        while self._number <= mark:
            if self._closed:
                raise EngineError("The sandbox is closed.", "Start it again, or send its agent a message.")
            await self._news.wait()
        return self.since(mark)

    async def close(self) -> None:
        """Hears nothing any more; what was kept can still be read."""
        self._closed = True
        self._news.set()
        await self._tasks.close()

    async def _hear(self, source: LogSource, name: str, container: str) -> None:
        """Hears one container to its end."""
        with suppress(EngineError):  # whoever uses the sandbox says that its engine is gone
            lines, newest = LINES_KEPT, _EARLIEST
            while (until := await self._hear_on(source, name, container, lines, newest)) is not None:
                await self._clock.sleep(1.0)
                lines, newest = _LAST_LINES, until

    async def _hear_on(
        self, source: LogSource, name: str, container: str, lines: int, newest: datetime
    ) -> datetime | None:
        """Hears a container from its last `lines` on, those that came after `newest`.

        None at its end; the time of the last line that was heard when it said more than anybody can read.
        """
        stream = await self._engine.follow_log(container, lines)
        try:
            began, count = self._clock.monotonic(), -lines
            while found := await stream.read():
                await self._take(source, name, [line for line in found if line.time > newest])
                count += sum(1 + len(line.text) // _ROW for line in found)
                if (now := self._clock.monotonic()) - began >= 1.0:
                    began, count = now, 0
                if count > _MOST_A_SECOND:
                    # How many are passed over nobody can say; that some are is.
                    self._number += 1
                    self._beside += 1
                    return found[-1].time
                await self._clock.sleep(_AT_ONCE)
            return None
        finally:
            await stream.close()

    async def _take(self, source: LogSource, name: str, lines: Sequence[LoggedLine], title: str = "") -> None:
        texts = await in_thread(_texts, lines)
        kept = self._kept.setdefault((source, name), deque(maxlen=LINES_KEPT))
        for line, text in zip(lines, texts, strict=True):
            self._number += 1
            self._beside += source is not LogSource.PROCESS
            kept.append(LogLine(source, name, line.time, text, line.is_error, self._number, title))
        self._news.set()
        self._news = asyncio.Event()


def _lines(text: str, ended: bool) -> tuple[list[str], str, int]:
    """The last whole lines of a text, what may go on behind them, and how many stand before; of an end all is whole."""
    text, lost = last_lines(text.replace("\r\n", "\n"), LINES_KEPT + 1)
    *lines, rest = text.split("\n")
    return ([*lines, rest], "", lost) if ended and rest else (lines, rest[-LINE_CHARACTERS:], lost)


def _texts(lines: Sequence[LoggedLine]) -> list[str]:
    return [whole(plain(shorten(line.text, LINE_CHARACTERS))) for line in lines]
