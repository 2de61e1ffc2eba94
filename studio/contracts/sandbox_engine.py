"""What Studio asks of a container engine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from studio.contracts.container_log import LogStream
from studio.contracts.containers import (
    STANDARD_BUILD,
    BuildOptions,
    ContainerSpec,
    ContainerState,
    ContainerStats,
    DiskUse,
    EngineInfo,
    ImageFacts,
    ImageState,
    ServiceImage,
    VolumeState,
)
from studio.domain.errors import EngineGone


class ExecStream(Protocol):
    """The two ends of one process inside a container."""

    async def write(self, data: bytes) -> None:
        """Sends bytes to the process's stdin. Raises EngineError when the stream is gone."""
        ...

    async def read(self) -> bytes:
        """The next bytes of stdout; empty when the stream has ended, which says nothing about success."""
        ...

    async def resize(self, columns: int, rows: int) -> None:
        """Tells a terminal exec its size in characters."""
        ...

    async def exit_code(self) -> int | None:
        """The process's exit code once it has ended; None when the engine does not know. None is never success."""
        ...

    async def close(self) -> None:
        """Closes the connection; the process sees end of input."""
        ...


class SandboxEngine(Protocol):
    """One container engine. All errors are EngineError; blocking library calls never run on the loop."""

    @property
    def weaker(self) -> str:
        """What people are told of walls that are weaker than a container's; empty for a container engine."""
        ...

    async def info(self) -> EngineInfo:
        """Asks the engine who it is; the quick way to find out that none answers."""
        ...

    async def image_id(self, tag: str) -> str | None:
        """The content id of a local image, or None."""
        ...

    async def image_facts(self, tag: str) -> ImageFacts | None:
        """What a local image says of itself, or None when there is none."""
        ...

    async def build_image(
        self,
        context: Path,
        dockerfile: str,
        tag: str,
        on_line: Callable[[str], None],
        labels: Mapping[str, str] | None = None,
        options: BuildOptions = STANDARD_BUILD,
    ) -> None:
        """Builds `context/dockerfile` as `tag`; `on_line` gets the engine's progress on the caller's loop.

        The engine stops building when the caller is cancelled. Raises EngineError, also when it takes too long.
        """
        ...

    async def import_image(self, archive: Path, tag: str) -> None:
        """Makes an image out of a tar of a root file system."""
        ...

    async def load_image(self, archive: Path) -> None:
        """Loads an image saved by `save_image`."""
        ...

    async def save_image(self, tag: str, archive: Path) -> None:
        """Writes an image to a tar, in whole or not at all."""
        ...

    async def pull_image(self, tag: str) -> None:
        """Fetches an image from its registry; the engine stops when the caller is cancelled."""
        ...

    async def create_volume(self, name: str, labels: Mapping[str, str]) -> None:
        """Makes a volume of the engine's own kind with these labels; one that is there already is kept as it is.

        Raises PolicyRefused when the one that is there lacks a label, or leads anywhere but to the engine's own folder.
        """
        ...

    async def give_volume(self, name: str, image: str, user: str, labels: Mapping[str, str]) -> None:
        """Makes the volume's own folder belong to `user` (`uid:gid`); what is in it stays as it is.

        The container that it takes, which never runs, is of `image` and carries `labels`.
        """
        ...

    async def service_image(
        self, image: str, user: str, paths: tuple[str, ...], labels: Mapping[str, str]
    ) -> ServiceImage:
        """Looks into an image without running it: as whom `user` (else the image's own) runs, whose `paths` are.

        The container that it takes carries `labels`. Raises EngineError for an image that is not there.
        """
        ...

    async def start(self, spec: ContainerSpec) -> str:
        """Creates a container, compares what `inspect` says with `spec`, starts it and returns its id.

        Raises PolicyRefused, with the container removed, when any option differs from the policy.
        """
        ...

    async def exec(self, container: str, argv: tuple[str, ...], *, tty: bool = False) -> ExecStream:
        """Starts a process in a running container as the container's own user."""
        ...

    async def exit_code(self, container: str) -> int | None:
        """How a container's own program ended; None while it runs."""
        ...

    async def remove(self, container: str) -> None:
        """Kills and deletes a container; one that is gone already is no error."""
        ...

    async def containers(self, labels: Mapping[str, str]) -> tuple[ContainerState, ...]:
        """All containers, running or not, that carry all these labels."""
        ...

    async def stats(self, container: str, *, at_once: bool = False) -> ContainerStats:
        """One reading of a running container; with `at_once` no second is waited for, and `cpu_percent` may be 0."""
        ...

    async def pause(self, container: str) -> None:
        """Freezes all that runs in a container, which keeps its memory; one that is frozen is left so."""
        ...

    async def unpause(self, container: str) -> None:
        """Lets a frozen container go on; one that runs is left so."""
        ...

    async def stop(self, container: str, grace: float) -> None:
        """Ends all that runs in a container, with force after `grace` seconds; it keeps its disk and its name."""
        ...

    async def rename(self, container: str, name: str) -> None:
        """Gives a container another name. Raises EngineError when another one has it."""
        ...

    async def logs(self, container: str, lines: int) -> bytes:
        """The last lines that a container's own program said, both streams in order; at most a mebibyte."""
        ...

    async def follow_log(self, container: str, lines: int) -> LogStream:
        """What a container's own program says from now on, behind the last `lines` that it said before."""
        ...

    async def volumes(self, labels: Mapping[str, str]) -> tuple[VolumeState, ...]:
        """All named volumes that carry all these labels."""
        ...

    async def remove_volume(self, name: str) -> None:
        """Deletes a volume that no container uses; one that is gone already is no error."""
        ...

    async def images(self, labels: Mapping[str, str]) -> tuple[ImageState, ...]:
        """All local images that carry all these labels; all there are where none is asked for."""
        ...

    async def remove_image(self, image: str) -> None:
        """Deletes an image with all its names; one that a container uses is refused, one that is gone is no error."""
        ...

    async def disk_use(self) -> DiskUse:
        """What lies on the engine's disk; it may take the engine seconds to count."""
        ...

    async def ping(self, seconds: float) -> None:
        """Returns once the engine has answered; no other call keeps it waiting.

        Raises EngineGone, within so many seconds, when it does not, and EngineError when it refuses.
        """
        ...

    async def until_gone(self) -> None:
        """Returns when the engine lets go of a connection that is held for this: it was stopped, killed or restarted.

        Raises EngineError when it gives none, or none to wait on.
        """
        ...

    def give_up(self, reason: EngineGone) -> None:
        """Lets every call raise `reason` until a ping is answered: nobody is to wait for an engine that hangs."""
        ...

    async def close(self) -> None:
        """Frees connections."""
        ...
