"""A sandbox engine out of bubblewrap: no daemon, no images, and walls that are weaker than a container engine's."""

from __future__ import annotations

import asyncio
import os
import subprocess
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from studio.adapters.bubblewrap import processes
from studio.adapters.bubblewrap.find import Bubblewrap, find_bubblewrap
from studio.adapters.bubblewrap.images import STANDARD, NoImages, no_images
from studio.adapters.bubblewrap.launch import Started, launch
from studio.adapters.bubblewrap.own_log import OwnLog
from studio.adapters.bubblewrap.records import Record, Records
from studio.adapters.bubblewrap.shortage import end_one_if_short
from studio.adapters.bubblewrap.stream import BubblewrapExecStream
from studio.adapters.bubblewrap.volumes import Volumes
from studio.base.aio import Tasks, Threads
from studio.base.log import logger
from studio.contracts.containers import (
    ContainerSpec,
    ContainerState,
    ContainerStats,
    DiskUse,
    EngineInfo,
    Mount,
    VolumeState,
)
from studio.domain.errors import EngineError, EngineGone

ISOLATION = "weaker"
WEAKER = "Works in bubblewrap on this machine's own programs, behind weaker walls than a container's."

_UNBOUNDED = (
    "No systemd session bounds a sandbox as a whole: its share of processors is rounded up to whole ones, and its "
    "memory is looked at once a second."
)
_CALLS_AT_ONCE = 8
_END_SECONDS = 10.0
_LOOK_SECONDS = 1.0
_KILLED = 137

log = logger("bubblewrap")


@dataclass(slots=True)
class _Own:
    """A sandbox that this process started; it ends with it."""

    spec: ContainerSpec
    started: Started | None


class BubblewrapEngine(NoImages):
    """Sandboxes on this machine's own system, read-only; implements contracts/sandbox_engine.SandboxEngine.

    A sandbox lives no longer than the process that started it. How much memory all of one take is looked at once a
    second, where systemd does not keep count.
    """

    def __init__(self, folder: Path, env: Mapping[str, str]) -> None:
        """`folder` is where it is written down what runs."""
        self._env = env
        self._records = Records(folder)
        self._volumes = Volumes(folder / "volumes")
        self._found: Bubblewrap | None = None
        self._finding = threading.Lock()
        self._own: dict[str, _Own] = {}
        self._threads = Threads(_CALLS_AT_ONCE, "bubblewrap")
        self._tasks = Tasks()
        self._watching: asyncio.Task[None] | None = None

    @property
    def weaker(self) -> str:
        """What people are told of its walls."""
        return WEAKER

    async def info(self) -> EngineInfo:
        """Tries bubblewrap out. Raises EngineError that says what is missing."""
        found = await self._threads.run(self._bubblewrap)
        return EngineInfo("bubblewrap", found.version, ISOLATION, unbounded="" if found.scope else _UNBOUNDED)

    async def ping(self, seconds: float) -> None:
        """Returns once bubblewrap was tried out: no program that could be lost stands between Studio and a sandbox."""
        await self.info()

    async def until_gone(self) -> None:
        """Raises EngineError: there is nothing that could go."""
        raise EngineError("Bubblewrap is no program that runs on, so that it could be waited for.")

    def give_up(self, reason: EngineGone) -> None:
        """Does nothing: no call waits for anything but this machine."""

    async def image_id(self, tag: str) -> str | None:
        """The system's, for Studio's own image; None for any other. Raises EngineError without bubblewrap."""
        await self.info()
        return await super().image_id(tag)

    async def start(self, spec: ContainerSpec) -> str:
        """Starts a sandbox, looks back at what was made, and returns its id. Raises EngineError, PolicyRefused."""
        if not spec.image.startswith(STANDARD):
            raise no_images("use")
        record = Record.of(spec)
        given = tuple(Mount(self._volumes.path(one.name), one.target, one.read_only) for one in spec.volumes)
        spec = replace(spec, mounts=(*spec.mounts, *given), volumes=())
        await self._threads.run(self._start, record, spec)
        self._watch()
        return record.id

    async def exec(self, container: str, argv: tuple[str, ...], *, tty: bool = False) -> BubblewrapExecStream:
        """Starts a program in a running sandbox as its user. Raises EngineError; a terminal is the supervisor's."""
        if tty:
            raise EngineError("A program in a sandbox of bubblewrap gets no terminal this way.")
        record = await self._threads.run(self._records.get, container)
        return await BubblewrapExecStream.start(self._records.knock(record.id), argv)

    async def exit_code(self, container: str) -> int | None:
        """None while it runs; 137 afterwards, because its first process ends by being killed alone."""
        return None if (await self._threads.run(self._records.get, container)).running else _KILLED

    async def remove(self, container: str) -> None:
        """Ends and forgets a sandbox; one that is gone already is no error."""
        await self._threads.run(self._remove, container)

    async def containers(self, labels: Mapping[str, str]) -> tuple[ContainerState, ...]:
        """All sandboxes of this data folder, running or not, that carry all these labels."""
        rows = await self._threads.run(self._records.all)
        return tuple(
            ContainerState(
                row.id, row.name, row.running and not row.paused, row.labels, row.running and row.paused, row.image
            )
            for row in rows
            if labels.items() <= row.labels.items()
        )

    async def stats(self, container: str, *, at_once: bool = False) -> ContainerStats:
        """One reading of a running sandbox."""
        return await self._threads.run(self._stats, container)

    async def pause(self, container: str) -> None:
        """Stops every process of a sandbox, which keep their memory."""
        await self._threads.run(self._pause, container, True)

    async def unpause(self, container: str) -> None:
        """Lets a paused sandbox go on."""
        await self._threads.run(self._pause, container, False)

    async def stop(self, container: str, grace: float) -> None:
        """Ends all that runs in a sandbox at once; it keeps its name and its folders."""
        await self._threads.run(self._stop, container)

    async def rename(self, container: str, name: str) -> None:
        """Gives a sandbox another name. Raises EngineError when another one has it."""
        await self._threads.run(self._rename, container, name)

    async def logs(self, container: str, lines: int) -> bytes:
        """What its own program said; at most a mebibyte."""
        said = await self._threads.run(self._records.said, container)
        return b"".join(said.splitlines(keepends=True)[-lines:])

    async def follow_log(self, container: str, lines: int) -> OwnLog:
        """What its own program said, which is all there will be."""
        said = await self._threads.run(self._records.said, container)
        return OwnLog(said, lines, datetime.now(UTC))

    async def create_volume(self, name: str, labels: Mapping[str, str]) -> None:
        """Makes a folder with these labels; one that is there already is kept. Raises PolicyRefused for another's."""
        await self._threads.run(self._volumes.create, name, labels)

    async def volumes(self, labels: Mapping[str, str]) -> tuple[VolumeState, ...]:
        """All named folders that carry all these labels."""
        return await self._threads.run(self._volumes.all, labels)

    async def remove_volume(self, name: str) -> None:
        """Deletes a named folder; one that is gone already is no error. Raises EngineError for one that is in use."""
        await self._threads.run(lambda: self._volumes.remove(name, self._records.volumes()))

    async def disk_use(self) -> DiskUse:
        """Of the named folders; what a sandbox writes besides them and its workspace is in memory."""
        return DiskUse({}, {}, await self._threads.run(self._volumes.sizes), 0)

    async def close(self) -> None:
        """Ends every sandbox of this process."""
        await self._tasks.close()
        for container in tuple(self._own):
            await self._threads.run(self._remove, container)
        self._threads.close()

    def _bubblewrap(self) -> Bubblewrap:
        with self._finding:
            if self._found is None:
                self._found = find_bubblewrap(self._env)
            return self._found

    def _start(self, record: Record, spec: ContainerSpec) -> None:
        if self._records.find(spec.name) is not None:
            raise EngineError(f"There is a sandbox named {spec.name} already.")
        self._own[record.id] = _Own(spec, None)
        try:
            self._launch(record)
        except BaseException:
            del self._own[record.id]
            self._records.forget(record.id)
            raise

    def _launch(self, record: Record) -> None:
        own = self._own[record.id]
        try:
            with self._records.new_door(record.id) as door, self._records.log(record.id).open("ab") as said:
                own.started = launch(self._bubblewrap(), own.spec, door, said)
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            raise EngineError(f"bubblewrap could not make the sandbox: {error}") from error
        first = own.started.first
        self._records.save(replace(record, first=first, started=processes.started(first), paused=False))

    def _remove(self, container: str) -> None:
        record = self._records.find(container)
        if record is not None:
            _kill(record)
        # Another process may have removed it: what this one holds of it is given back all the same.
        own = self._own.pop(record.id if record else container, None)
        if own is not None:
            _give_back(own)
        if record is not None:
            self._records.forget(record.id)

    def _stop(self, container: str) -> None:
        record = self._records.get(container)
        _kill(record)
        if record.id in self._own:
            _give_back(self._own[record.id])
        self._records.save(replace(record, first=0, started=0, paused=False))

    def _pause(self, container: str, wanted: bool) -> None:
        record = self._running(container)
        if record.paused != wanted:
            (processes.freeze if wanted else processes.thaw)(record.first)
            self._records.save(replace(record, paused=wanted))

    def _rename(self, container: str, name: str) -> None:
        record = self._records.get(container)
        other = self._records.find(name)
        if other is not None and other.id != record.id:
            raise EngineError(f"There is a sandbox named {name} already.")
        self._records.save(replace(record, name=name))

    def _stats(self, container: str) -> ContainerStats:
        return processes.reading(self._running(container).first)

    def _running(self, container: str) -> Record:
        record = self._records.get(container)
        if not record.running:
            raise EngineError("The sandbox does not run.", "Send the message again.", retryable=True)
        return record

    def _watch(self) -> None:
        if self._watching is None or self._watching.done():
            self._watching = self._tasks.spawn(self._keep_memory(), "memory of sandboxes")

    async def _keep_memory(self) -> None:
        """Ends the largest process of a sandbox whose processes take more than they may together.

        Where no systemd bounds the whole of a sandbox, one is ended before this machine has no memory left.
        """
        while self._own:
            await asyncio.sleep(_LOOK_SECONDS)
            await self._threads.run(self._make_room)
            for container, own in tuple(self._own.items()):
                if own.started is not None:
                    ended = await self._threads.run(processes.end_largest, own.started.first, own.spec.memory_bytes)
                    if ended is not None:
                        log.warning("process_ended_for_memory", sandbox=container[:12], pid=ended)

    def _make_room(self) -> None:
        running = {one: own.started.first for one, own in tuple(self._own.items()) if own.started is not None}
        if not self._bubblewrap().scope and (ended := end_one_if_short(running)) is not None:
            log.warning("sandbox_ended_for_memory", sandbox=ended[:12])


def _kill(record: Record) -> None:
    if record.first and not processes.end(record.first, record.started, _END_SECONDS):
        raise EngineError("What runs in the sandbox could not be ended.", "Look at it with: ps aux", retryable=True)


def _give_back(own: _Own) -> None:
    """Lets go of a sandbox whose processes have ended, or now end for that."""
    if own.started is not None:
        os.close(own.started.life)
        own.started.watcher.wait(_END_SECONDS)
        own.started = None
