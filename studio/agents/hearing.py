"""Hearing: what the app of a run says, on its page and in its processes, led back to its source and kept."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from datetime import datetime

from studio.agents.caps import Caps
from studio.agents.container_lines import ContainerLines
from studio.agents.ended_processes import LastWords
from studio.agents.failures import Failures
from studio.agents.locating import Locator, lines_around
from studio.agents.maps import Maps
from studio.agents.workspace_paths import WorkspacePaths
from studio.base.aio import Tasks, Threads, in_thread
from studio.base.log import logger
from studio.base.text import last_lines
from studio.contracts.clock import Clock
from studio.domain.console import ConsoleEntry, ConsoleLevel
from studio.domain.console_words import calls
from studio.domain.container_logs import LogSource
from studio.domain.errors import StudioError
from studio.domain.events import CONSOLE, Delta, PreviewFailed
from studio.domain.failures import is_failure
from studio.domain.log_lines import LogReader, asked_plainly
from studio.domain.runs import Run
from studio.sandbox.box import Sandbox
from studio.workspace.files import Folder

log = logger("agents")

_LOOK_SECONDS = 0.2
"""Between two looks at a process that writes all the time."""
_SETTLE_SECONDS = 0.3
"""What a process wrote last counts as whole when so long nothing followed it."""
_STACK_LINES = 6
_LINES_READ = 2000
"""Of more lines that a process wrote between two looks only so many are read, the last."""
_LINES_AT_ONCE, _ERRORS_AT_ONCE = 150, 50


class Ear:
    """Hears one sandbox's app: its page, and its processes, each in the order in which things are said."""

    def __init__(
        self, run: Run, sandbox: Sandbox, folder: Folder, failures: Failures, clock: Clock, threads: Threads
    ) -> None:
        """`threads` is the one on which source maps are read."""
        self.sandbox = sandbox
        self.run = run
        self._paths = WorkspacePaths(folder, sandbox, clock)
        self._locator = Locator(Maps(sandbox, threads, clock), self._paths)
        self._failures = failures
        self._clock = clock
        self._caps = Caps()
        self._page_turn, self._log_turn = asyncio.Lock(), asyncio.Lock()

    async def hear(self, entries: Sequence[ConsoleEntry], dropped: int, port: int) -> tuple[ConsoleEntry, ...]:
        """Takes what the page of `port` said, or with 0 a process; what failed becomes a fact, in bounds.

        Returns the entries with their places led back to the source.
        """
        # A page's places wait for its server, as long as that may take; what the server itself says does not.
        async with self._page_turn if port else self._log_turn:
            located = await self._locator.locate(entries, port)
            self.sandbox.console.add(located, dropped)
            for entry in located:
                if is_failure(entry):
                    await self._note(entry)
            return located

    async def hear_end(self, shown: Sequence[ConsoleEntry], failure: ConsoleEntry | None) -> None:
        """Takes that a process has ended: what the console shows of it, and what is to become a fact."""
        async with self._log_turn:
            if failure is not None:
                await self._note(failure)
            self.sandbox.console.add(shown, 0)

    def of_app(self, entries: Sequence[ConsoleEntry]) -> tuple[ConsoleEntry, ...]:
        """Without the lines that only say that Studio itself looked at the app: nobody did anything with it."""
        return tuple(entry for entry in entries if not self._is_studios(entry))

    def _is_studios(self, entry: ConsoleEntry) -> bool:
        asked = "" if entry.stack or "\n" in entry.text else asked_plainly(entry.text)
        return bool(asked) and self.sandbox.own_requests.told(asked, entry.method)

    async def _note(self, entry: ConsoleEntry) -> None:
        stack = "\n".join(calls(entry)[:_STACK_LINES])
        # One fault is often told of more than once: as thrown, by the framework, as a promise that failed.
        key = ("", entry.text.removeprefix("Uncaught ").removeprefix("(in promise) ")[:500], entry.source)
        left_out = self._caps.take(key, len(entry.text) + len(stack), self._clock.monotonic())
        if left_out is None:
            return
        lines = ""
        if entry.path and entry.line:
            lines = await in_thread(lines_around, await self._paths.text(entry.path), entry.line)
        self._caps.spend(len(lines))
        # As the console keeps it: short, and with nothing hidden in it.
        kept = self.sandbox.console.bounded(entry)
        failed = PreviewFailed(
            *(kept.kind.value, kept.text, kept.source, kept.path, kept.line, lines, stack, kept.page, kept.count),
            left_out,
        )
        await self._failures.note(self.run, failed)


class Hearing:
    """The ears of all runs; each ends with its sandbox."""

    def __init__(self, failures: Failures, clock: Clock, on_delta: Callable[[Delta], None]) -> None:
        self._failures = failures
        self._clock = clock
        self._on_delta = on_delta
        self._ears: dict[str, Ear] = {}
        self._tasks = Tasks()
        self._threads = Threads(1, "source-maps")

    def attend(self, run: Run, sandbox: Sandbox, folder: Folder) -> None:
        """Hears a sandbox from now on, and every process that is started behind in it."""
        ear = self._ears[run.id] = Ear(run, sandbox, folder, self._failures, self._clock, self._threads)
        sandbox.processes.on_start = lambda name: self._spawn(self._hear_process(ear, name), f"{name} of {run.id}")
        self._spawn(self._hear_containers(ear), f"containers of {run.id}")

    def let_go(self, run: str) -> None:
        """Keeps nothing of a run's sandbox that is closed."""
        self._ears.pop(run, None)

    async def hear(self, run: str, sandbox: Sandbox, entries: Sequence[ConsoleEntry], dropped: int, port: int) -> None:
        """Takes what the page of a run said, none of it trusted."""
        ear = self._ears.get(run)
        if ear is None or ear.sandbox is not sandbox:
            sandbox.console.add(entries, dropped)
            return
        await ear.hear(entries, dropped, port)
        self._tell(ear)

    async def close(self) -> None:
        """Ends all hearing; to be called when the sandboxes are gone."""
        await self._tasks.close()
        self._threads.close()

    def _spawn(self, hearing: Coroutine[None, None, None], whom: str) -> None:
        with suppress(RuntimeError):  # Studio is closing
            self._tasks.spawn(hearing, f"hearing {whom}")

    async def _hear_containers(self, ear: Ear) -> None:
        """Hears the sandbox's own container and the services beside it, until it is closed; to listen wakes nothing."""
        lines, mark, heard = ContainerLines(), 0, 0
        try:
            while True:
                try:
                    async with asyncio.timeout(_SETTLE_SECONDS if lines.is_waiting else None):
                        news = await ear.sandbox.logs.news(mark)
                except TimeoutError:
                    await self._hear_log(ear, await in_thread(lines.finish, self._clock.now()))
                    continue
                mark, at, beside = news.mark, self._clock.monotonic(), ear.sandbox.logs.beside
                lost = beside - heard - sum(line.source is not LogSource.PROCESS for line in news.lines)
                heard = beside
                found = await in_thread(lines.feed, news.lines, at)
                # One that is silent is not waited for until all others, processes too, are silent as well.
                settled = await in_thread(lines.settle, at - _SETTLE_SECONDS, self._clock.now())
                await self._hear_log(ear, (*found, *settled), lost)
                await self._clock.sleep(_LOOK_SECONDS)
        except StudioError as error:
            log.debug("containers_unheard", run=ear.run.id, error=str(error))

    async def _hear_process(self, ear: Ear, name: str) -> None:
        """Hears a process to its end.

        One request waits inside until something is said: a sandbox that is put to sleep meanwhile is not asked.
        """
        title, mark = ear.sandbox.processes.title(name), 0
        reader, last = LogReader(name, title=title), LastWords(title)
        try:
            while True:
                asking = self._tasks.spawn(ear.sandbox.processes.hear(name, mark), f"asking {name}")
                if reader.is_waiting:
                    done, _ = await asyncio.wait({asking}, timeout=_SETTLE_SECONDS)
                    if not done:
                        await self._hear_words(ear, last, await in_thread(reader.finish, self._clock.now()))
                said = await asking
                await ear.sandbox.logs.hear_process(
                    name, said.text, self._clock.now(), title=title, ended=said.process.ended
                )
                entries, passed = await in_thread(_read, reader, said.text, self._clock.now())
                await self._hear_words(ear, last, entries, passed + bool(said.left_out))
                if said.process.ended:
                    break
                mark = said.mark
                await self._clock.sleep(_LOOK_SECONDS)
            await self._hear_words(ear, last, await in_thread(reader.finish, self._clock.now()))
            now = self._clock.now()
            await ear.hear_end(last.end(said.process, now), last.failure(said.process, now))
            self._tell(ear)
        except StudioError as error:
            log.debug("process_unheard", process=name, error=str(error))

    async def _hear_words(self, ear: Ear, last: LastWords, entries: Sequence[ConsoleEntry], left_out: int = 0) -> None:
        kept = _newest(entries)
        last.take(await self._hear_log(ear, ear.of_app(kept), left_out + len(entries) - len(kept)))

    async def _hear_log(self, ear: Ear, entries: Sequence[ConsoleEntry], left_out: int = 0) -> tuple[ConsoleEntry, ...]:
        kept = _newest(entries)
        left_out += len(entries) - len(kept)
        if not kept and not left_out:
            return ()
        located = await ear.hear(kept, left_out, 0)
        self._tell(ear)
        return located

    def _tell(self, ear: Ear) -> None:
        run = ear.run
        self._on_delta(Delta(run.project, run.id, CONSOLE, ""))


def _newest(entries: Sequence[ConsoleEntry]) -> tuple[ConsoleEntry, ...]:
    """Of very many entries the newest, and of those before them the errors, in order."""
    grave = [entry for entry in entries[:-_LINES_AT_ONCE] if entry.level is ConsoleLevel.ERROR]
    return (*grave[-_ERRORS_AT_ONCE:], *entries[-_LINES_AT_ONCE:])


def _read(reader: LogReader, text: str, now: datetime) -> tuple[tuple[ConsoleEntry, ...], int]:
    """The entries that are whole with a piece, and how many lines of it were passed over as too many."""
    kept, passed = last_lines(text.replace("\r\n", "\n").replace("\r", "\n"), _LINES_READ)
    before = reader.finish(now) if passed else ()
    return (*before, *reader.feed(kept, now)), passed
