"""A container engine that speaks Docker's API: the hardened create, exec streams, images, readings."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from docker import APIClient

from studio.adapters.docker import containers, disk, images, life, log_stream, pulse, volumes
from studio.adapters.docker.find import Endpoint
from studio.adapters.docker.log_stream import DockerLogStream, EmptyLog
from studio.adapters.docker.long_calls import long_call
from studio.adapters.docker.mapped import engine_errors
from studio.adapters.docker.podman import Podman, podman_of
from studio.adapters.docker.readings import engine_info
from studio.adapters.docker.service_image import service_image
from studio.adapters.docker.step_watch import StepWatch
from studio.adapters.docker.stream import DockerExecStream, connect
from studio.adapters.docker.way import Way, knock
from studio.base.aio import Threads, in_thread
from studio.base.paths import shared_cache
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

_T = TypeVar("_T")
_ANSWER_SECONDS = 60
_CALLS_AT_ONCE = 8
_PULL_SECONDS = 1800.0


class DockerEngine:
    """The engine at one endpoint; implements contracts/sandbox_engine.SandboxEngine. Connects on first use."""

    def __init__(
        self,
        endpoint: Endpoint,
        env: Mapping[str, str] = os.environ,
        find: Callable[[], Endpoint] | None = None,
    ) -> None:
        """`find` tells which engine is to be used, asked again while `endpoint` is not there; `env` is for ssh.

        Raises EngineError for an address that is none.
        """
        self._way = Way(endpoint, env, find)
        self._api: APIClient | None = None
        self._podman: Podman | None = None
        self._connecting = threading.Lock()
        # An engine that hangs keeps each call for a minute; files and the editor must not wait for that.
        self._threads = Threads(_CALLS_AT_ONCE, "container-engine")
        self._calls = pulse.Calls()

    @property
    def weaker(self) -> str:
        """Nothing: its walls are what others are measured by."""
        return ""

    async def info(self) -> EngineInfo:
        """Asks the engine who it is; the quick way to find out that none answers."""
        info = await self._call("asking who it is", lambda api: engine_info(api.version(), api.info(), self._podman))
        return replace(info, address=str(self._way), origin=self._way.endpoint.origin)

    async def image_id(self, tag: str) -> str | None:
        """The content id of a local image, or None."""
        return await self._call("looking for an image", lambda api: images.image_id(api, tag))

    async def image_facts(self, tag: str) -> ImageFacts | None:
        """What a local image says of itself, or None when there is none."""
        return await self._call("looking into an image", lambda api: images.image_facts(api, tag))

    async def build_image(
        self,
        context: Path,
        dockerfile: str,
        tag: str,
        on_line: Callable[[str], None],
        labels: Mapping[str, str] | None = None,
        options: BuildOptions = STANDARD_BUILD,
    ) -> None:
        """Builds `context/dockerfile` as `tag`; `on_line` gets the engine's progress on the caller's loop."""
        loop = asyncio.get_running_loop()
        watch = StepWatch(options.pids, self._processes)

        def tell(line: str) -> None:
            loop.call_soon_threadsafe(watch.hear, line)
            loop.call_soon_threadsafe(on_line, line)

        build = partial(images.build, context=context, dockerfile=dockerfile, tag=tag, on_line=tell, labels=labels)
        doing = "building an image"
        await watch.over(self._long_call(doing, lambda api: build(api, options=options), options.seconds))

    async def import_image(self, archive: Path, tag: str) -> None:
        """Makes an image out of a tar of a root file system."""
        await self._call("importing an image", lambda api: images.import_root(api, archive, tag))

    async def load_image(self, archive: Path) -> None:
        """Loads an image saved by `save_image`."""
        await self._call("loading an image", lambda api: images.load(api, archive))

    async def save_image(self, tag: str, archive: Path) -> None:
        """Writes an image to a tar, in whole or not at all."""
        await self._call("saving an image", lambda api: images.save(api, tag, archive))

    async def pull_image(self, tag: str) -> None:
        """Fetches an image from its registry."""
        await self._long_call("pulling an image", lambda api: images.pull(api, tag), _PULL_SECONDS)

    async def create_volume(self, name: str, labels: Mapping[str, str]) -> None:
        """Makes a volume of the engine's own kind with these labels; one that is there already is kept as it is.

        Raises PolicyRefused when the one that is there lacks a label, or leads anywhere but to the engine's own folder.
        """
        await self._call("making a volume", lambda api: volumes.create(api, name, labels))

    async def give_volume(self, name: str, image: str, user: str, labels: Mapping[str, str]) -> None:
        """Makes the volume's own folder belong to `user` (`uid:gid`); what is in it stays as it is."""
        await self._call("giving a volume away", lambda api: volumes.give(api, name, image, user, labels, self._podman))

    async def service_image(
        self, image: str, user: str, paths: tuple[str, ...], labels: Mapping[str, str]
    ) -> ServiceImage:
        """Looks into an image without running it: as whom `user` (else the image's own) runs, whose `paths` are."""
        return await self._call("looking into an image", lambda api: service_image(api, image, user, paths, labels))

    async def start(self, spec: ContainerSpec) -> str:
        """Creates a container, compares what `inspect` says with `spec`, starts it and returns its id.

        Raises PolicyRefused, with the container removed, when any option differs from the policy.
        """
        return await self._call("starting a container", partial(self._start, spec))

    def _start(self, spec: ContainerSpec, api: APIClient) -> str:
        return containers.start(api, spec, self._podman)

    async def exec(self, container: str, argv: tuple[str, ...], *, tty: bool = False) -> DockerExecStream:
        """Starts a process in a running container as the container's own user."""
        name, version = await self._call(
            "preparing a program", lambda api: (containers.exec_create(api, container, argv, tty=tty), api.api_version)
        )
        path = f"/v{version}/exec/{name}/start"
        reader, writer = await self._calls.run(connect(await self._way.ready(), path, tty=tty))

        async def resize(columns: int, rows: int) -> None:
            await self._call("resizing", lambda api: api.exec_resize(name, height=rows, width=columns))

        async def exit_code() -> int | None:
            found: int | None = await self._call("asking", lambda api: api.exec_inspect(name)["ExitCode"])
            return found

        return DockerExecStream(reader, writer, tty=tty, resize=resize, exit_code=exit_code)

    async def exit_code(self, container: str) -> int | None:
        """How a container's own program ended; None while it runs."""
        return await self._call("asking how a container ended", lambda api: life.exit_code(api, container))

    async def remove(self, container: str) -> None:
        """Kills and deletes a container; one that is gone already is no error."""
        await self._call("removing a container", lambda api: containers.remove(api, container))

    async def containers(self, labels: Mapping[str, str]) -> tuple[ContainerState, ...]:
        """All containers, running or not, that carry all these labels."""
        wanted = {"label": [f"{name}={value}" for name, value in labels.items()]}
        rows = await self._call("listing containers", lambda api: api.containers(all=True, filters=wanted))
        return tuple(
            ContainerState(
                id=row["Id"],
                name=row["Names"][0].lstrip("/") if row["Names"] else "",
                running=row["State"] == "running",
                labels=row["Labels"] or {},
                paused=row["State"] == "paused",
                image=row["ImageID"],
            )
            for row in rows
        )

    async def stats(self, container: str, *, at_once: bool = False) -> ContainerStats:
        """One reading of a running container; with `at_once`, where the engine knows that, without `cpu_percent`."""
        return await self._call("reading a container", lambda api: life.stats(api, container, at_once=at_once))

    async def _processes(self, container: str) -> int:
        return (await self.stats(container)).pids

    async def pause(self, container: str) -> None:
        """Freezes all that runs in a container, which keeps its memory; one that is frozen is left so."""
        await self._call("putting a container to sleep", lambda api: life.pause(api, container))

    async def unpause(self, container: str) -> None:
        """Lets a frozen container go on; one that runs is left so."""
        await self._call("waking a container", lambda api: life.unpause(api, container))

    async def stop(self, container: str, grace: float) -> None:
        """Ends all that runs in a container, with force after `grace` seconds; it keeps its disk and its name."""
        await self._call("stopping a container", lambda api: life.stop(api, container, grace))

    async def rename(self, container: str, name: str) -> None:
        """Gives a container another name. Raises EngineError when another one has it."""
        await self._call("renaming a container", lambda api: api.rename(container, name))

    async def logs(self, container: str, lines: int) -> bytes:
        """The last lines that a container's own program said, both streams in order; at most a mebibyte."""
        return await self._call("reading a container's log", lambda api: life.logs(api, container, lines))

    async def follow_log(self, container: str, lines: int) -> DockerLogStream | EmptyLog:
        """What a container's own program says from now on, behind the last `lines` that it said before."""
        logged, version = await self._call(
            "reading a container's log", lambda api: (life.is_logged(api, container), api.api_version)
        )
        if not logged:
            return EmptyLog()
        return await self._calls.run(log_stream.follow(await self._way.ready(), version, container, lines))

    async def volumes(self, labels: Mapping[str, str]) -> tuple[VolumeState, ...]:
        """All named volumes that carry all these labels."""
        return await self._call("listing volumes", lambda api: disk.volumes(api, labels))

    async def remove_volume(self, name: str) -> None:
        """Deletes a volume that no container uses; one that is gone already is no error."""
        await self._call("removing a volume", lambda api: disk.remove_volume(api, name))

    async def images(self, labels: Mapping[str, str]) -> tuple[ImageState, ...]:
        """All local images that carry all these labels; all there are where none is asked for."""
        return await self._call("listing images", lambda api: disk.image_states(api, labels))

    async def remove_image(self, image: str) -> None:
        """Deletes an image with all its names; one that a container uses is refused, one that is gone is no error."""
        await self._call("removing an image", lambda api: disk.remove_image(api, image))

    async def disk_use(self) -> DiskUse:
        """What lies on the engine's disk; it may take the engine seconds to count."""
        return await self._call("counting its disk", lambda api: disk.disk_use(api.df()))

    async def ping(self, seconds: float) -> None:
        """Returns once the engine has answered; raises EngineGone within so many seconds, EngineError if it refuses."""
        if self._api is None:
            await self._way.find_again()
        await pulse.ping(self._way, seconds)
        self._calls.is_well()

    async def until_gone(self) -> None:
        """Returns when the engine lets go of a connection held for this; raises EngineError when it gives none."""
        await pulse.until_gone(await self._way.ready())

    def give_up(self, reason: EngineGone) -> None:
        """Lets every call that is under way raise `reason`, and every other one until a ping is answered."""
        self._calls.give_up(reason)

    async def close(self) -> None:
        """Frees connections; nothing can be asked afterwards."""
        api, self._api = self._api, None
        self._threads.close()
        if api is not None:
            await in_thread(api.close)
        await self._way.close()

    async def _call(self, doing: str, action: Callable[[APIClient], _T]) -> _T:
        self._calls.require()
        return await self._calls.run(self._threads.run(self._blocking, await self._way.ready(), doing, action))

    async def _long_call(self, doing: str, action: Callable[[APIClient], _T], seconds: float) -> _T:
        """As `_call`, on a connection and a thread that nothing else waits for, and which end with the waiting."""
        version = await self._call(doing, lambda api: api.api_version)
        return await self._calls.run(long_call(await self._way.ready(), version, doing, action, seconds))

    def _blocking(self, endpoint: Endpoint, doing: str, action: Callable[[APIClient], _T]) -> _T:
        with engine_errors(doing, endpoint):
            return action(self._connected(endpoint))

    def _connected(self, endpoint: Endpoint) -> APIClient:
        with self._connecting:
            if self._api is None:
                knock(endpoint, _ANSWER_SECONDS)
                tls: Any = endpoint.tls or False
                api = APIClient(
                    base_url=endpoint.url, tls=tls, version="auto", timeout=_ANSWER_SECONDS, max_pool_size=32
                )
                try:
                    self._podman = podman_of(api.version(), api.info, endpoint, shared_cache())
                except BaseException:
                    api.close()
                    raise
                self._api = api
            return self._api
