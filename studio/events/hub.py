"""Hub: hands what happens to everybody who listens in this process."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from studio.base.redact import Redactor
from studio.domain.events import Delta, Recorded
from studio.domain.ids import ProjectId, RunId
from studio.events.streams import Streams

QUEUE_LIMIT = 2000
REMEMBERED = 8192


@dataclass(frozen=True, slots=True)
class Gap:
    """Something was left out before this point: read the log from the last number you have."""


class Subscription:
    """One listener's queue: an endless async iterator until it is closed; for one task at a time.

    A listener that is too slow first loses deltas, then gets a `Gap` in place of events.
    """

    def __init__(self, hub: Hub, wants: Callable[[Recorded | Delta], bool], limit: int) -> None:
        self._hub = hub
        self._wants = wants
        self._limit = limit
        self._queue: deque[Recorded | Delta | Gap] = deque()
        self._filled = asyncio.Event()
        self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Recorded | Delta | Gap:
        while not self._queue:
            if self._closed:
                raise StopAsyncIteration
            self._filled.clear()
            await self._filled.wait()
        return self._queue.popleft()

    def close(self) -> None:
        """Ends the listening; what is queued can still be taken."""
        self._closed = True
        self._hub.leave(self)
        self._filled.set()

    def offer(self, item: Recorded | Delta) -> None:
        """Queues an item if it is wanted (for the hub only)."""
        if not self._wants(item):
            return
        if len(self._queue) >= self._limit:
            if isinstance(item, Delta):
                return
            self._make_room()
        self._queue.append(item)
        self._filled.set()

    def gap(self) -> None:
        """Says that the log must be read again (for the hub only)."""
        self._queue.clear()
        self._queue.append(Gap())
        self._filled.set()

    def skip(self, seq: int) -> None:
        """Drops what is queued up to the last item that whoever has read the log up to `seq` knows."""
        known = [at for at, item in enumerate(self._queue) if isinstance(item, Recorded) and item.seq <= seq]
        for _ in range(known[-1] + 1 if known else 0):
            self._queue.popleft()

    def _make_room(self) -> None:
        kept = [item for item in self._queue if not isinstance(item, Delta)]
        if len(kept) >= self._limit:
            self.gap()
        else:
            self._queue = deque(kept)


class Hub:
    """Spreads saved events and transient deltas; lives on one loop, waits for nobody.

    Deltas lose the secrets that `redactor` knows; saved events have lost them already.
    """

    def __init__(self, redactor: Redactor | None = None) -> None:
        self._streams = Streams(redactor or Redactor())
        self._subscriptions: tuple[Subscription, ...] = ()
        self._seen: set[int] = set()
        self._seen_order: deque[int] = deque()

    def subscribe(
        self,
        run: RunId | None = None,
        project: ProjectId | None = None,
        deltas: bool = True,
        *,
        every_event: bool = False,
        limit: int = QUEUE_LIMIT,
    ) -> Subscription:
        """Listens from now on, to one run or project where given; leave the block (or `close`) to stop.

        With `every_event` the choice of run and project holds for deltas only.
        """

        def wants(item: Recorded | Delta) -> bool:
            if isinstance(item, Delta) and not deltas:
                return False
            if isinstance(item, Recorded) and every_event:
                return True
            return (run is None or item.run == run) and (project is None or item.project == project)

        subscription = Subscription(self, wants, limit)
        self._subscriptions = (*self._subscriptions, subscription)
        return subscription

    def publish(self, *recorded: Recorded) -> None:
        """Hands out saved events, each number once even when it comes from two sides."""
        for item in recorded:
            if self._is_new(item.seq):
                for last in self._streams.ended_by(item):
                    self._offer(last)
                self._offer(item)

    def delta(self, delta: Delta) -> None:
        """Hands out a transient piece of a stream, as far as it is sure to be no piece of a secret."""
        clean = self._streams.clean(delta)
        if clean is not None:
            self._offer(clean)

    def refresh(self) -> None:
        """Makes every listener read the log again, for events that may have been saved unseen."""
        for subscription in self._subscriptions:
            subscription.gap()

    def leave(self, subscription: Subscription) -> None:
        """Stops handing anything to `subscription`; it may have left before."""
        self._subscriptions = tuple(other for other in self._subscriptions if other is not subscription)

    def _offer(self, item: Recorded | Delta) -> None:
        for subscription in self._subscriptions:
            subscription.offer(item)

    def _is_new(self, seq: int) -> bool:
        if seq in self._seen:
            return False
        self._seen.add(seq)
        self._seen_order.append(seq)
        if len(self._seen_order) > REMEMBERED:
            self._seen.discard(self._seen_order.popleft())
        return True
