"""The pool: containers that are up before anybody asks for them, so that a new run has its sandbox at once.

A mount cannot be added to a container later, so a slot has a home of its own, made like that of a run; whoever takes
the slot moves the home to where the run's lies, and the mounts go with it.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from studio.base.aio import in_thread
from studio.contracts.clock import Clock
from studio.contracts.containers import ContainerSpec, ContainerState
from studio.contracts.sandbox_engine import SandboxEngine
from studio.domain.errors import EngineError, EngineGone, StudioError
from studio.domain.ids import ProjectId
from studio.sandbox import labels
from studio.sandbox.shape import is_carried
from studio.sandbox.starting import Up, start_up, take_down

FOLDER = ".slots"
"""Where the homes of slots lie, beside those of runs."""

KEPT_SECONDS = 1800.0
"""A slot that nobody took for so long goes: its project is not worked on now."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A container that waits for a run of its project; `home` is the folder that becomes the run's."""

    name: str
    project: ProjectId
    home: Path
    up: Up
    since: float


class Pool:
    """The slots of one process."""

    seconds = 60.0

    def __init__(self, engine: SandboxEngine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._slots: dict[str, Slot] = {}
        self._names: set[str] = set()
        self._making: set[str] = set()
        self._given: set[str] = set()

    @property
    def size(self) -> int:
        """How many containers wait, or are about to."""
        return len(self._slots) + len(self._making)

    def waiting(self) -> dict[ProjectId, tuple[str, ...]]:
        """The names of the slots that wait for a run, by project."""
        projects = {slot.project for slot in self._slots.values()}
        return {
            project: tuple(slot.name for slot in self._slots.values() if slot.project == project)
            for project in projects
        }

    def count(self, project: ProjectId) -> int:
        """How many wait for a run of the project."""
        return sum(slot.project == project for slot in self._slots.values())

    def holds(self, state: ContainerState) -> bool:
        """Whether a container is one of these, is being started, or was given to a run."""
        return state.id in self._given or state.labels.get(labels.SLOT, "") in self._names

    @asynccontextmanager
    async def making(self, name: str, workspaces: Path) -> AsyncIterator[None]:
        """For the time in which a slot of that name is made, its home first: no `sweep` takes it for left over.

        When that fails the home is deleted.
        """
        self._names.add(name)
        self._making.add(name)
        try:
            yield
        except BaseException:
            await in_thread(shutil.rmtree, workspaces / FOLDER / name, ignore_errors=True)
            raise
        finally:
            self._making.discard(name)
            if name not in self._slots:
                self._names.discard(name)

    async def fill(self, name: str, project: ProjectId, home: Path, spec: ContainerSpec) -> None:
        """Starts a container for that home. Raises EngineError, PolicyRefused.

        Raises it, too, for one whose files are carried: they lie in a volume, which cannot become another run's.
        """
        if is_carried(spec):
            raise EngineError("No sandbox waits ready at a container engine that does not see this machine's folders.")
        self._names.add(name)
        try:
            up = await start_up(self._engine, self._clock, spec)
        except BaseException:
            self._names.discard(name)
            raise
        self._slots[name] = Slot(name, project, home, up, self._clock.monotonic())

    def take(self, project: ProjectId) -> Slot | None:
        """A slot of the project, no longer waiting: the caller has `assigned` or `drop` come next."""
        fit = (slot for slot in self._slots.values() if slot.project == project and not self._is_due(slot))
        found = next(fit, None)
        if found is not None:
            del self._slots[found.name]
        return found

    def give_back(self, slot: Slot) -> None:
        """Lets a slot that was taken wait again."""
        self._slots[slot.name] = slot

    async def assigned(self, slot: Slot, spec: ContainerSpec, home: Path) -> Up | None:
        """The slot's container as the one of `spec`, whose run has that home; None, and no slot, when it does not fit.

        Raises EngineError.
        """
        began = self._clock.monotonic()
        fits = _essence(spec, home) == _essence(slot.up.spec, slot.home)
        if not fits or slot.up.link.broken is not None:
            await self.drop(slot)
            return None
        try:
            await self._engine.rename(slot.up.container, spec.name)
        except EngineError:
            await self.drop(slot)
            return None
        self._given.add(slot.up.container)
        self._names.discard(slot.name)
        slot.up.sleep.touch()
        return replace(slot.up, spec=spec, milliseconds=(self._clock.monotonic() - began) * 1000)

    async def drop(self, slot: Slot) -> None:
        """Ends a slot. Raises EngineError."""
        self._slots.pop(slot.name, None)
        try:
            await take_down(self._engine, slot.up)
        finally:
            self._names.discard(slot.name)
            await in_thread(shutil.rmtree, slot.home, ignore_errors=True)

    async def drop_all(self) -> None:
        """Ends all that wait; the first failure is raised once all have been tried."""
        ends = await asyncio.gather(*map(self.drop, tuple(self._slots.values())), return_exceptions=True)
        for end in ends:
            if isinstance(end, BaseException):
                raise end

    def lose(self, gone: EngineGone) -> None:
        """Gives up all that wait: their engine is gone."""
        slots, self._slots = tuple(self._slots.values()), {}
        for slot in slots:
            self._names.discard(slot.name)
            slot.up.link.fail(gone)

    async def look(self) -> None:
        """Ends what nobody took for long. Raises EngineError."""
        for slot in tuple(self._slots.values()):
            # While another one was ended a run may have taken this one.
            if slot.name in self._slots and self._is_due(slot):
                with suppress(StudioError):
                    await self.drop(slot)

    async def give_up_one(self) -> bool:
        """Ends the one that has waited for longest, to make room; whether there was one. Raises EngineError."""
        oldest = min(self._slots.values(), key=lambda slot: slot.since, default=None)
        if oldest is not None:
            await self.drop(oldest)
        return oldest is not None

    def ended(self, container: str) -> None:
        """Notes that a container which was given to a run is no more."""
        self._given.discard(container)

    def sweep(self, workspaces: Path) -> None:
        """Deletes the homes of slots that a process which has ended left. Blocks."""
        for home in (workspaces / FOLDER).glob("*"):
            if home.name not in self._names:
                shutil.rmtree(home, ignore_errors=True)

    def _is_due(self, slot: Slot) -> bool:
        return self._clock.monotonic() - slot.since >= KEPT_SECONDS or slot.up.link.broken is not None


def _essence(spec: ContainerSpec, home: Path) -> tuple[ContainerSpec, frozenset[tuple[str, str, bool]]]:
    """What a container is, leaving out its name, its labels, and where the home lies that is mounted in it."""
    place = _within(home)
    mounts = frozenset((place(mount.source), mount.target, mount.read_only) for mount in spec.mounts)
    return replace(spec, name="", labels={}, mounts=()), mounts


def _within(home: Path) -> Callable[[Path], str]:
    def place(source: Path) -> str:
        return f"./{source.relative_to(home)}" if home in source.parents else str(source)

    return place
