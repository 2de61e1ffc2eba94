"""The durable engine: what was begun is taken up again after a crash."""

from __future__ import annotations

import asyncio
import contextvars
import logging
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from dbos import DBOS, DBOSClient, DBOSConfig, SetWorkflowID, WorkflowHandleAsync

from studio.base.aio import Tasks, in_thread

RunTurn = Callable[[str, str], Coroutine[Any, Any, str]]
"""Runs one turn, given run and turn id, and returns its outcome's name; safe to call again after a crash."""

Perform = Callable[[str, str], Coroutine[Any, Any, str]]
"""Performs an act asked for by another process: its name and its arguments as JSON; returns JSON."""

ACT_QUEUE = "acts"
LOOK_SECONDS = 1.0
"""How often the engine looks for acts of other processes: one look costs 2 ms of CPU, all day long."""

NAP_SECONDS = 0.2
"""How long the library's listener sleeps at a time, which nothing here uses: closing the engine waits that out."""

ACT_SECONDS = 2.0
"""How long an act that is under way may take to end when the engine stops."""

ANSWER_SECONDS = 0.1
"""How often a process that has asked looks for its answer."""

KEPT_SECONDS = 3600.0
"""How long the answer of an act stays for one who asked and was not there to take it."""

_ACT = "act_v1"
_ANSWERED = ["SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"]

UNFINISHED = frozenset({"PENDING", "ENQUEUED", "DELAYED"})

# Bound to the shape of the workflows below, not to the program's version: a turn begun by an older
# program must be taken up by a newer one, so a changed workflow gets a new name instead.
_APPLICATION = "studio"
_APPLICATION_VERSION = "1"


class DurableEngine:
    """The one engine of a data folder. Workflows carry ids only; all state is in the event log."""

    def __init__(self, database: Path, run_turn: RunTurn, perform: Perform) -> None:
        self._url = _url(database)
        self._run_turn = run_turn
        self._perform = perform
        self._turn_workflow: RunTurn | None = None
        self._acts = Tasks()

    async def launch(self) -> None:
        """Starts the engine on the running loop; turns that a dead process left are taken up."""
        _quiet_logger()
        _keep_default_executor(asyncio.get_running_loop())
        try:
            DBOS(config=_config(self._url))
            self._turn_workflow = _register(self._run_turn, self._perform, self._acts)
            # The engine adopts the loop it is launched on, so this one call must be made here, not in a thread.
            DBOS.launch()
            await DBOS.register_queue_async(ACT_QUEUE, polling_interval_sec=LOOK_SECONDS)
            self._acts.spawn(self._forget_answers(), "old answers of the engine")
        except BaseException:
            # The library has one engine for each process, which would stand in the way of the next try.
            await self.stop()
            raise

    async def start_turn(self, run: str, turn: str) -> None:
        """Begins a turn durably, once: a turn that is under way already goes on undisturbed."""
        assert self._turn_workflow is not None, "launch() comes first"
        name, tries = turn, 0
        while (status := await DBOS.get_workflow_status_async(name)) is not None:
            if status.status in UNFINISHED:
                return
            tries += 1
            name = f"{turn}.{tries}"
        with SetWorkflowID(name):
            await DBOS.start_workflow_async(self._turn_workflow, run, turn)

    async def _forget_answers(self) -> None:
        """Deletes what was answered to processes that ended before they had it: it would stay for ever."""
        before = (datetime.now(UTC) - timedelta(seconds=KEPT_SECONDS)).isoformat()
        while found := await DBOS.list_workflows_async(
            name=_ACT, status=_ANSWERED, end_time=before, limit=200, load_input=False, load_output=False
        ):
            await DBOS.delete_workflows_async([each.workflow_id for each in found])

    async def stop(self) -> None:
        """Stops the engine; unfinished turns stay to be taken up by the next one."""
        # Whoever asked for an act waits for its answer, and would ask again.
        await self._acts.settle(ACT_SECONDS)
        await self._acts.close()
        await in_thread(DBOS.destroy, destroy_registry=True)


class EngineClient:
    """Asks the engine that another process runs on the same data folder."""

    def __init__(self, database: Path) -> None:
        self._client = DBOSClient(system_database_url=_url(database), application_name=_APPLICATION)
        self._tasks = Tasks()

    async def perform(self, name: str, arguments: str) -> str:
        """Enqueues an act and waits for the engine's answer (JSON both ways), which stays with nobody else."""
        handle: WorkflowHandleAsync[str] = await self._client.enqueue_async(
            {"queue_name": ACT_QUEUE, "workflow_name": _ACT, "app_version": _APPLICATION_VERSION}, name, arguments
        )
        answer = await handle.get_result(polling_interval_sec=ANSWER_SECONDS)
        # What was asked and answered may be a log, or a secret: the event log holds what is to stay.
        forgetting = self._client.delete_workflow_async(handle.get_workflow_id())
        self._tasks.spawn(forgetting, "forget what was answered")
        return answer

    async def close(self) -> None:
        """Frees connections."""
        await self._tasks.settle(ACT_SECONDS)
        await self._tasks.close()
        await in_thread(self._client.destroy)


def _register(run_turn: RunTurn, perform: Perform, acts: Tasks) -> RunTurn:
    """Makes the workflows known by the names under which they are saved."""

    async def turn(run: str, turn: str) -> str:
        return await DBOS.run_step_async({"name": "run turn"}, run_turn, run, turn)

    async def apart(name: str, arguments: str) -> str:
        # An act may begin a turn, which the library does not allow from within a step: it begins from nowhere.
        return await acts.spawn(perform(name, arguments), f"act {name}", contextvars.Context())

    async def act(name: str, arguments: str) -> str:
        return await DBOS.run_step_async({"name": "perform act"}, apart, name, arguments)

    # An act that a dead engine left comes to `perform` again, which knows by its question that it is not its own.
    DBOS.workflow(name=_ACT, max_recovery_attempts=None)(act)
    return DBOS.workflow(name="turn_v1", max_recovery_attempts=None)(turn)


def _url(database: Path) -> str:
    return f"sqlite:///{database}"


def _config(url: str) -> DBOSConfig:
    return {
        "name": _APPLICATION,
        "system_database_url": url,
        "application_version": _APPLICATION_VERSION,
        "executor_id": _APPLICATION,
        "max_executor_threads": 64,
        "notification_listener_polling_interval_sec": NAP_SECONDS,
        "log_level": "WARNING",
    }


def _keep_default_executor(loop: asyncio.AbstractEventLoop) -> None:
    """Keeps the loop's own threads.

    The library puts its executor in their place with every call; each recovered turn blocks one of its
    threads to the end, and when it stops, everything that still needs a thread would fail.
    """

    def keep(executor: object) -> None:
        return None

    setattr(loop, "set_default_executor", keep)  # noqa: B010 - a method of one object is replaced on purpose


def _quiet_logger() -> None:
    """Sends the library's own log to our file only: it tells of stopped turns with tracebacks."""
    dbos = logging.getLogger("dbos")
    dbos.propagate = False
    files = [handler for handler in logging.getLogger().handlers if isinstance(handler, logging.FileHandler)]
    dbos.handlers = [*files, logging.NullHandler()]
