"""Standing up: how far a process may go, and the start and end of the engine's work in it."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from enum import Enum

from studio.agents.journal import Journal
from studio.agents.roles import Roles
from studio.agents.rousing import Rouser
from studio.base.log import logger
from studio.base.paths import Paths
from studio.contracts.clock import Clock
from studio.domain.errors import EngineError
from studio.events.hub import Hub
from studio.events.recorder import Recorder
from studio.router.ledger import Ledger
from studio.sandbox.engine_watch import EngineWatch
from studio.sandbox.sandboxes import Sandboxes
from studio.store.database import Database
from studio.workflow.acts import Acts, LocalActs, SharedActs
from studio.workflow.alarms import Alarms
from studio.workflow.rousing import Rousing
from studio.workflow.seat import Seat
from studio.workflow.turns import Turns
from studio.workflow.waking import WakingClient, WakingEngine

log = logger("app")

REAP_SECONDS = 10.0
CLOSE_SECONDS = 20.0


class Access(Enum):
    """What a face needs Studio for."""

    READ = "read"  # look only; never in the way of another process
    WRITE = "write"  # change something, here or through the process that holds the engine
    ENGINE = "engine"  # as WRITE, and run turns; those that a dead process left are taken up


def acts_of(
    paths: Paths,
    clock: Clock,
    access: Access,
    attached: bool,
    local: LocalActs,
    seat: Seat,
    stack: AsyncExitStack,
) -> Acts:
    """How this process gets acts done: by itself, or through the process that holds the engine."""
    if not attached or access is Access.READ:
        return local
    client = WakingClient(paths.engine_database, clock)
    stack.push_async_callback(client.close)
    return SharedActs(client, seat)


async def start_engine(
    paths: Paths,
    clock: Clock,
    turns: Turns,
    alarms: Alarms,
    local: LocalActs,
    sandboxes: Sandboxes,
    watch: EngineWatch,
    ledger: Ledger,
    stack: AsyncExitStack,
) -> None:
    """Clears away what a dead process left, then takes up its turns."""
    await _reap(sandboxes)
    if kept := await ledger.reconcile():
        log.info("reservations_kept", count=kept)
    engine = WakingEngine(paths.engine_database, turns.execute, local.answer, clock)
    turns.use(engine)
    stack.push_async_callback(engine.stop)
    stack.push_async_callback(turns.close)
    await turns.take_up()
    stack.push_async_callback(alarms.close)
    alarms.listen()
    engine.listen()
    stack.push_async_callback(watch.close)
    watch.listen()


def rouse(
    database: Database,
    recorder: Recorder,
    journal: Journal,
    roles: Roles,
    turns: Turns,
    hub: Hub,
    clock: Clock,
    stack: AsyncExitStack,
) -> None:
    """Sets runs to work whose app fails from now on, where their roles say so; ends before the turns of `stack` do."""
    rousing = Rousing(Rouser(database, recorder, journal, roles, clock), turns, hub, clock)
    stack.push_async_callback(rousing.close)
    rousing.listen()


async def _reap(sandboxes: Sandboxes) -> None:
    # Before any turn is taken up: a turn's new container must not be mistaken for one that was left.
    try:
        async with asyncio.timeout(REAP_SECONDS):
            for container in await sandboxes.reap():
                log.info("container_reaped", container=container)
    except (EngineError, TimeoutError) as error:
        # Without a container engine the turns fail with that reason; what was left is cleared at a later start.
        log.warning("containers_not_reaped", error=str(error))


async def close_sandboxes(sandboxes: Sandboxes, watch: EngineWatch) -> None:
    """Removes every container; one that the container engine does not let go of is left to the next start."""
    try:
        watch.require()
        async with asyncio.timeout(CLOSE_SECONDS):
            await sandboxes.close_all()
    except (EngineError, TimeoutError) as error:
        log.warning("containers_left", error=str(error))
