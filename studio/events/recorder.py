"""Recorder: saves events together with the state they change, then tells the hub."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from studio.base.faults import FaultPoints
from studio.base.redact import Redactor
from studio.contracts.clock import Clock
from studio.domain.codec import from_payload, to_payload
from studio.domain.events import Event, Recorded
from studio.domain.ids import ProjectId, RunId
from studio.events.hub import Hub
from studio.store import event_log
from studio.store.connection import Connection, InThread
from studio.store.database import Database
from studio.store.event_log import Entry


class Unit:
    """One transaction under way: state goes through `connection`, events through `record`."""

    def __init__(
        self, connection: Connection, project: ProjectId | None, run: RunId | None, clock: Clock, redactor: Redactor
    ) -> None:
        self.connection = connection
        self.project = project
        self.run = run
        self.recorded: tuple[Recorded, ...] = ()
        self._clock = clock
        self._redactor = redactor
        self._events: list[Event] = []

    def record(self, event: Event) -> None:
        """Adds a fact; it is in the log, in `recorded` and with the hub once the unit has been saved."""
        self._events.append(event)

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of the facts added so far."""
        return tuple(event.kind for event in self._events)

    def write(self, connection: InThread) -> None:
        """Appends the facts to the log (for the recorder only, on the connection's thread)."""
        if not self._events:
            return
        time = self._clock.now()
        clean = [self._redacted(event) for event in self._events]
        entries = [entry for _, entry in clean]
        first = event_log.append(connection, time, self.project, self.run, entries)
        self.recorded = tuple(
            Recorded(first + at, time, self.project, self.run, event) for at, (event, _) in enumerate(clean)
        )

    def _redacted(self, event: Event) -> tuple[Event, Entry]:
        payload = to_payload(event)
        clean = self._redactor.data(payload)
        if clean != payload:
            event = from_payload(event.kind, clean)
        return event, Entry(event.kind, clean)


class Recorder:
    """The one way into the event log."""

    def __init__(
        self, database: Database, hub: Hub, clock: Clock, redactor: Redactor, faults: FaultPoints | None = None
    ) -> None:
        self._faults = faults
        self._database = database
        self._hub = hub
        self._clock = clock
        self._redactor = redactor

    @asynccontextmanager
    async def unit(self, project: ProjectId | None, run: RunId | None) -> AsyncIterator[Unit]:
        """Saves state and events of its block in one transaction, or nothing of either when the block raises.

        Published in the order of the log. Raises StoreError when it cannot be saved.
        """
        async with self._database.transaction() as connection:
            unit = Unit(connection, project, run, self._clock, self._redactor)
            connection.at_commit(unit.write)
            connection.after_commit(partial(self._publish, unit))
            yield unit
            self._reached("before", unit.kinds)
        self._reached("after", unit.kinds)

    def redacted(self, text: str) -> str:
        """`text` as it may be saved outside of the log."""
        return self._redactor.text(text)

    async def record(self, project: ProjectId | None, run: RunId | None, *events: Event) -> tuple[Recorded, ...]:
        """Saves events that change no other state."""
        async with self.unit(project, run) as unit:
            for event in events:
                unit.record(event)
        return unit.recorded

    def _reached(self, border: str, kinds: tuple[str, ...]) -> None:
        if self._faults is not None:
            for kind in kinds:
                self._faults.reached(f"{border}_{kind}")

    def _publish(self, unit: Unit) -> None:
        self._hub.publish(*unit.recorded)
