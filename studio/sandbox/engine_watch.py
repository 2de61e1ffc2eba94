"""Watch over the container engine: whether it can be used, said as soon as that changes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Literal

from studio.base.aio import Tasks
from studio.base.log import logger
from studio.contracts.clock import Clock
from studio.contracts.sandbox_engine import SandboxEngine
from studio.domain.engines import EngineState, EngineView, isolation_words
from studio.domain.errors import (
    EngineError,
    EngineGone,
    NoSandbox,
    OutsideError,
    ProviderError,
    StoreError,
    StudioError,
    VaultError,
)
from studio.domain.events import EngineBack, EngineLost
from studio.events.recorder import Recorder
from studio.store import event_log
from studio.store.database import Database

log = logger("sandbox")

EVERY_SECONDS = 2.0
"""How often an engine is asked that is well; that it is gone is mostly heard before, from a connection that ends."""

AGAIN_SECONDS = 1.0
"""How often one is asked that is away."""

ANSWER_SECONDS = 10.0
"""An engine that answers nothing for so long hangs."""

SURE_SECONDS = 0.3
"""After how long one that did not answer is asked once more, before that is believed."""

SETTLE_SECONDS = 10.0
RESTARTED = "The container engine was restarted while the agent worked."


class EngineWatch:
    """Looks after the container engine of one process; the one writer of EngineLost and EngineBack.

    `view` is what it found last. `losses` counts how often the engine went away, or let go of all that was connected.
    """

    def __init__(self, engine: SandboxEngine, database: Database, recorder: Recorder, clock: Clock) -> None:
        self._engine = engine
        self._database = database
        self._recorder = recorder
        self._clock = clock
        self._tasks = Tasks()
        self._news = asyncio.Event()
        self._looking: asyncio.Task[None] | None = None
        self._holding: asyncio.Task[None] | None = None
        self._learning: asyncio.Task[None] | None = None
        self._told: EngineState | None = None
        self._away_from: float | None = None
        self._at_loss: list[Callable[[EngineGone], None]] = []
        self._before_back: list[Callable[[], Awaitable[object]]] = []
        self._before_use: list[Callable[[str], Awaitable[object]]] = []
        self._missing: NoSandbox | None = None
        self.view = EngineView()
        self.losses = 0

    def at_loss(self, act: Callable[[EngineGone], None]) -> None:
        """Does this, too, when the engine is gone, before anybody is told: it must not wait for the engine."""
        self._at_loss.append(act)

    def before_back(self, act: Callable[[], Awaitable[object]]) -> None:
        """Does this, too, when the engine is back, before anybody is told; what goes wrong in it is logged."""
        self._before_back.append(act)

    def before_use(self, act: Callable[[str], Awaitable[object]]) -> None:
        """Does this, too, before a container of an image is started for a run: `require_usable` raises what it does."""
        self._before_use.append(act)

    def listen(self) -> None:
        """Watches from now on."""
        self._tasks.spawn(self._watch(), "watch over the container engine")

    async def close(self) -> None:
        """Looks no more."""
        await self._tasks.close()

    async def look(self) -> EngineState:
        """Asks the engine now, unless that is done already, and says how it is."""
        if self._looking is None or self._looking.done():
            self._looking = self._tasks.spawn(self._look(), "look at the container engine")
        await asyncio.shield(self._looking)
        return self.view.state

    async def missing(self) -> NoSandbox | None:
        """That nothing here can run a sandbox until somebody installs something; None where that is worth a wait."""
        if self.view.state is EngineState.UNKNOWN:
            await self.look()
        return self._missing

    async def known(self) -> EngineView:
        """How it is, looked at once at least, with what it is."""
        if self.view.state is EngineState.UNKNOWN:
            await self.look()
        if self._learning is not None:
            await asyncio.shield(self._learning)
        return self.view

    def require(self) -> None:
        """Raises EngineGone when the engine was away at the last look: nobody is to wait for it then."""
        if (gone := self._gone()) is not None:
            raise gone

    async def require_usable(self, image: str) -> None:
        """Raises EngineError when no container of an image that it has can be of use to a run."""
        for act in self._before_use:
            await act(image)

    async def behind(self, error: StudioError, losses: int) -> EngineGone | None:
        """That the engine is, or was since it had been lost `losses` times, what is behind an error; None if not."""
        if not isinstance(error, OutsideError) or isinstance(error, ProviderError | StoreError | VaultError):
            return None
        # One that is known to be away is not waited for, and a look that began before the failure tells nothing of it.
        if not self.view.state.away and self._looking is not None:
            await asyncio.shield(self._looking)
        if not self.view.state.away:
            await self.look()
        if (gone := self._gone()) is not None:
            return gone
        return EngineGone(RESTARTED, back=True) if self.losses > losses else None

    def _gone(self) -> EngineGone | None:
        view = self.view
        return EngineGone(view.sentence, view.action, hung=view.state is EngineState.HUNG) if view.state.away else None

    async def _watch(self) -> None:
        while True:
            self._news.clear()
            try:
                await self.look()
            except Exception as error:
                # Whatever went wrong, there is a next time: nobody else finds out how the engine is.
                log.warning("container_engine_not_looked_at", error=str(error), exc_info=error)
            await self._nap(AGAIN_SECONDS if self.view.state.away else EVERY_SECONDS)

    async def _look(self) -> None:
        found = await self._ask()
        if found is None:
            await self._is_up()
        else:
            self._is_away(found)
        await self._tell()

    async def _ask(self) -> EngineError | None:
        """Why it cannot be used; None when it can."""
        for last in (False, True):
            try:
                await self._engine.ping(ANSWER_SECONDS)
                return None
            except EngineError as error:
                # One that hangs was waited for long enough, and one that refuses is there.
                if last or not isinstance(error, EngineGone) or error.hung:
                    return error
            await self._clock.sleep(SURE_SECONDS)
        raise AssertionError("the last try returns")

    async def _is_up(self) -> None:
        before = self.view.state
        if before.away:
            for settle in self._before_back:
                await self._settled(settle)
        self._missing = None
        if before is not EngineState.UP:
            self.view = EngineView(EngineState.UP)
            self._learning = self._tasks.spawn(self._learn(), "facts of the container engine")
        if self._holding is None or (before.away and self._holding.done()):
            self._holding = self._tasks.spawn(self._hold(), "held connection to the container engine")

    async def _learn(self) -> None:
        """Finds out which engine it is."""
        try:
            info = await self._engine.info()
        except StudioError as error:
            log.info("container_engine_not_known", error=str(error))
            return
        if self.view.state is EngineState.UP:
            words = f"{info.name} {info.version}: {isolation_words(info.isolation)}"
            self.view = replace(self.view, engine=words, holes=info.holes)

    def _is_away(self, error: EngineError) -> None:
        before = self.view
        self._missing = error if isinstance(error, NoSandbox) else None
        hung = isinstance(error, EngineGone) and error.hung
        was_up = before.state in (EngineState.UP, EngineState.LOST)
        state = EngineState.HUNG if hung else EngineState.LOST if was_up else EngineState.ABSENT
        since = before.since if before.state.away else self._clock.now()
        self.view = EngineView(state, error.sentence, error.action, since)
        if before.state is state:
            return
        if not before.state.away:
            self._away_from = self._clock.monotonic()
        self.losses += 1
        log.warning("container_engine_away", state=state.value, error=str(error))
        gone = EngineGone(error.sentence, error.action, hung=hung)
        for act in self._at_loss:
            act(gone)
        self._engine.give_up(gone)

    async def _tell(self) -> None:
        """Records how the engine is, unless the log says so already."""
        if self._told is None:
            self._told = await self._last_told()
        now = self.view
        if self._told is now.state or (self._told.away and now.state is EngineState.ABSENT):
            return
        event = (
            EngineLost(now.state.value, now.sentence, now.action) if now.state.away else EngineBack(self._was_away())
        )
        try:
            await self._recorder.record(None, None, event)
        except StoreError as error:
            log.warning("container_engine_not_told_yet", error=str(error))
            return
        self._told = now.state

    def _was_away(self) -> float:
        """For how many seconds; 0 when it was so before Studio began."""
        return 0.0 if self._away_from is None else self._clock.monotonic() - self._away_from

    async def _last_told(self) -> EngineState:
        async with self._database.reading() as connection:
            last = await event_log.last_of(connection, (EngineLost.kind, EngineBack.kind))
        return EngineState(last.event.state) if last and isinstance(last.event, EngineLost) else EngineState.UP

    async def _settled(self, act: Callable[[], Awaitable[object]]) -> None:
        try:
            async with asyncio.timeout(SETTLE_SECONDS):
                await act()
        except (StudioError, TimeoutError) as error:
            log.warning("not_settled_after_loss", error=str(error))

    async def _hold(self) -> None:
        began = self._clock.monotonic()
        try:
            await self._engine.until_gone()
        except EngineError as error:
            log.info("container_engine_not_held", error=str(error))
            return
        self.losses += 1
        self._news.set()
        # One that lets go at once would do so again: such an engine is only asked.
        if self._clock.monotonic() - began > EVERY_SECONDS:
            self._holding = None

    async def _nap(self, seconds: float) -> None:
        """Waits so long, or until there is news."""
        waits = [
            asyncio.create_task(self._news.wait(), name="news of the container engine"),
            asyncio.create_task(self._slept(seconds), name="nap of the watch over the container engine"),
        ]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
            await asyncio.gather(*waits, return_exceptions=True)

    async def _slept(self, seconds: float) -> Literal[True]:
        await self._clock.sleep(seconds)
        return True
