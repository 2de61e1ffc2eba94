"""Facts of sandboxes: the one writer of that one slept and woke, and of files that were kept beside others."""

from __future__ import annotations

from typing import Protocol

from studio.base.aio import Tasks
from studio.base.log import logger
from studio.domain.errors import StoreError
from studio.domain.events import Event, FilesKept, SandboxSlept, SandboxWoke
from studio.domain.ids import ProjectId, RunId
from studio.events.recorder import Recorder

log = logger("sandbox")


class Of(Protocol):
    """The sandbox that a fact is about."""

    id: RunId
    project: ProjectId
    container: str


class Unheard:
    """Takes facts that nobody keeps."""

    def slept(self, sandbox: Of) -> None:
        """The sandbox was paused."""

    def woke(self, sandbox: Of, milliseconds: float) -> None:
        """It goes on."""

    def kept(self, sandbox: Of, event: FilesKept) -> None:
        """Files were changed in it and outside it at once."""


class Facts(Unheard):
    """Saves them beside the loop: whoever woke a sandbox does not wait for the disk."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._tasks = Tasks()

    def slept(self, sandbox: Of) -> None:
        """The sandbox was paused."""
        self._tasks.spawn(self._save(sandbox, SandboxSlept(sandbox.container)), "fact of a sandbox")

    def woke(self, sandbox: Of, milliseconds: float) -> None:
        """It goes on."""
        self._tasks.spawn(self._save(sandbox, SandboxWoke(sandbox.container, milliseconds)), "fact of a sandbox")

    def kept(self, sandbox: Of, event: FilesKept) -> None:
        """Files were changed in it and outside it at once."""
        self._tasks.spawn(self._save(sandbox, event), "fact of a sandbox")

    async def close(self) -> None:
        """Waits until what was told is saved."""
        await self._tasks.settle(5.0)
        await self._tasks.close()

    async def _save(self, sandbox: Of, event: Event) -> None:
        try:
            await self._recorder.record(sandbox.project, sandbox.id, event)
        except StoreError as error:
            log.warning("fact_not_saved", kind=event.kind, run=sandbox.id, error=str(error))
