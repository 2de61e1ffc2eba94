"""A pod: the services of a run, on the loopback of its sandbox."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from math import inf
from pathlib import Path

from studio.base.aio import in_thread
from studio.base.text import plain, shorten
from studio.contracts.clock import Clock
from studio.contracts.containers import ServiceImage
from studio.contracts.sandbox_engine import SandboxEngine
from studio.domain.errors import EngineError, NotFound, PolicyRefused, StudioError
from studio.domain.services import USABLE, ServiceState, ServiceView, standing
from studio.sandbox import labels
from studio.sandbox.kept_data import Held
from studio.sandbox.run_volumes import RunVolumes
from studio.sandbox.service_images import ServiceImages
from studio.sandbox.service_names import names_note
from studio.sandbox.service_spec import ServiceSize, files_of, spec_of, user_of, volumes_of
from studio.sandbox.spec.service import Left, Service, Services
from studio.sandbox.starting import started

_PORT_SECONDS = 10.0
"""So long a service that calls itself healthy may take to listen: some do so while they still make their data."""
_SLOWEST_SECONDS = 10.0
"""A check that does not end in its time is asked for half as often each time, and this often at least."""
LAST_SECONDS = 2.0
"""So long services have to end by themselves when Studio closes: a window is given four seconds for all of it."""
_LOG_LINES = 20
_SAID_CHARACTERS = 300


class Pod:
    """The services of one sandbox."""

    def __init__(
        self,
        engine: SandboxEngine,
        clock: Clock,
        home: Path,
        size: ServiceSize,
        sandbox: str,
        worn: Mapping[str, str],
        base: Path | None,
        listening: Callable[[], Awaitable[tuple[int, ...]]],
        images: ServiceImages,
        volumes: RunVolumes,
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._prefix = f"studio-{worn[labels.RUN]}-{labels.mark_of(home)}"
        self._size = size
        self._sandbox = sandbox
        self.worn = worn
        self._base = base
        self._listening = listening
        self._images = images
        self._volumes = volumes
        self._running: dict[str, str] = {}
        self._graces: dict[str, float] = {}
        self._begun: set[str] = set()
        self._nameless: dict[str, str] = {}
        self._coming: dict[str, asyncio.Task[ServiceView]] = {}
        self.views: tuple[ServiceView, ...] = ()

    @property
    def running(self) -> dict[str, str]:
        """The containers of the services that were started, by the names of those."""
        return dict(self._running)

    @property
    def held(self) -> tuple[Held, ...]:
        """The volumes that services were started with."""
        return tuple(self._volumes.held.values())

    async def bring_up(self, services: Services) -> None:
        """Starts all services, each when what it needs stands; those that wait for nothing side by side."""
        await self._look_for_names(services)
        async with asyncio.TaskGroup() as group:
            asking = group.create_task(self._images.ask(services.started), name="images of services")
            for service in services.started:
                coming = self._come_up(service, asking)
                self._coming[service.name] = group.create_task(coming, name=f"service {service.name}")
        stand = tuple(task.result() for task in self._coming.values())
        self.views = (*stand, *(left_view(one) for one in services.left))

    async def _look_for_names(self, services: Services) -> None:
        """Notes for whom the names of other services lead nowhere: an engine may give those no names."""
        if len(services.started) > 1 and not (info := await self._engine.info()).gives_names:
            self._nameless = {
                service.name: names_note(service, services.started, info.name) for service in services.started
            }

    def runs(self, service: str) -> bool:
        """Whether a service of this name was started."""
        return service in self._running

    async def logs(self, service: str, lines: int) -> str:
        """The last lines that a service said. Raises NotFound for one that was not started."""
        if service not in self._running:
            there = ", ".join(self._running) or "none"
            raise NotFound(f"No service “{shorten(service, 80)}” runs beside this sandbox.", f"There is: {there}.")
        return plain((await self._engine.logs(self._running[service], lines)).decode("utf-8", "replace"))

    async def look(self) -> tuple[ServiceView, ...]:
        """How the services stand now: one may have ended, or come up late. Raises EngineError."""
        self.views = tuple([await self._seen(view) for view in self.views])
        return self.views

    async def end(self, within: float = inf) -> None:
        """Ends and deletes all services; those with data are asked first. The volumes stay.

        What has not ended by itself in its own time, or `within` so many seconds, is ended by force, and so is all when
        the caller is cancelled.
        """
        running, self._running = tuple(self._running.values()), {}
        ends = await asyncio.gather(
            *(self._end(container, min(within, self._graces[container])) for container in running),
            return_exceptions=True,
        )
        for end in ends:
            if isinstance(end, BaseException):
                raise end

    async def _end(self, container: str, grace: float) -> None:
        try:
            if grace:
                with suppress(EngineError):  # what cannot be asked is killed
                    await self._engine.stop(container, grace)
        finally:
            await self._engine.remove(container)

    async def _seen(self, view: ServiceView) -> ServiceView:
        if view.name not in self._running:
            return view
        container = self._running[view.name]
        code = await self._engine.exit_code(container)
        if code is not None:
            return await self._ended(view, container, code)
        if view.state is ServiceState.STARTING and set(view.ports) & set(await self._listening()):
            return replace(view, state=ServiceState.READY, why="", action="")
        return view

    async def _come_up(self, service: Service, asking: asyncio.Task[None]) -> ServiceView:
        view = ServiceView(service.name, ServiceState.FAILED, service.ports)
        for need in service.needs:
            first = await asyncio.shield(self._coming[need.service])
            if first.state not in USABLE or (need.until == "completed" and first.state is not ServiceState.ENDED):
                return replace(view, why=f"it waits for {need.service}, which {standing(first.state)}")
        try:
            try:
                image = await self._images.get(service, asking, self._labels(service))
            except PolicyRefused as error:
                return replace(view, state=ServiceState.LEFT_OUT, why=error.sentence, action=error.action)
            container = await self._start(service, image)
            begun = "Its data began as a copy of what is kept for new runs." if service.name in self._begun else ""
            note = " ".join(filter(None, (begun, self._nameless.get(service.name, ""))))
            view = replace(view, ports=service.ports or image.ports, note=note)
            return await self._stands(view, service, image, container)
        except StudioError as error:
            return replace(view, why=error.sentence, action=error.action)

    async def _start(self, service: Service, image: ServiceImage) -> str:
        user = user_of(service, image)
        volumes = volumes_of(service, image, user, self._prefix)
        mounts = await in_thread(files_of, service.files, self._base)
        if await self._volumes.make(volumes, image, user):
            self._begun.add(service.name)
        name = f"{self._prefix}-{service.name}"
        spec = spec_of(
            *(service, image),
            user=user,
            name=name,
            sandbox=self._sandbox,
            labels=self._labels(service),
            mounts=mounts,
            volumes=volumes,
            size=self._size,
        )
        await self._engine.remove(name)
        container = await started(self._engine, spec)
        self._running[service.name] = container
        # What keeps nothing need not be asked to end.
        self._graces[container] = service.grace if volumes else 0.0
        return container

    async def _stands(self, view: ServiceView, service: Service, image: ServiceImage, container: str) -> ServiceView:
        """Waits until the service can be used, has ended, or has had its time."""
        check = service.health.argv if service.health else image.health
        every = service.health.every if service.health else 0.2
        began, healthy_since = self._clock.monotonic(), 0.0
        while (now := self._clock.monotonic()) - began < self._size.seconds:
            if (code := await self._engine.exit_code(container)) is not None:
                return await self._ended(view, container, code)
            if not check and not view.ports:
                return replace(view, state=ServiceState.RUNNING)
            listens = not view.ports or bool(set(view.ports) & set(await self._listening()))
            try:
                async with asyncio.timeout(service.health.timeout if service.health else 30.0):
                    is_healthy = not check or await self._is_healthy(container, check)
            except TimeoutError:
                # The check runs on in there, where nobody ends it: it is asked less and less often.
                is_healthy, every = False, min(every * 2, _SLOWEST_SECONDS)
            if is_healthy:
                healthy_since = healthy_since or now
                if listens or (check and now - healthy_since > _PORT_SECONDS):
                    return replace(view, state=ServiceState.READY)
            await self._clock.sleep(every)
        lacks = "nothing listens on its port" if healthy_since else "its health check does not succeed"
        more = f"It may come up yet: studio sandbox logs {self.worn[labels.RUN]} shows more."
        action = f"{await self._last_words(container)} {more} If it needs longer, raise service_seconds."
        why = f"after {self._size.seconds:g} seconds {lacks} yet"
        return replace(view, state=ServiceState.STARTING, why=why, action=action)

    async def _is_healthy(self, container: str, check: tuple[str, ...]) -> bool:
        try:
            stream = await self._engine.exec(container, check)
            try:
                while await stream.read():
                    pass
                return await stream.exit_code() == 0
            finally:
                await stream.close()
        except EngineError:
            return False

    async def _ended(self, view: ServiceView, container: str, code: int) -> ServiceView:
        if code == 0:
            return replace(view, state=ServiceState.ENDED)
        why = f"it ended with exit code {code}"
        return replace(view, state=ServiceState.FAILED, why=why, action=await self._last_words(container))

    async def _last_words(self, container: str) -> str:
        with suppress(EngineError):
            said = plain((await self._engine.logs(container, _LOG_LINES)).decode("utf-8", "replace"))
            if lines := [line.strip() for line in said.splitlines() if line.strip()]:
                return f"It said last: {shorten(lines[-1], _SAID_CHARACTERS)}"
        return "It said nothing."

    def _labels(self, service: Service) -> dict[str, str]:
        return {**self.worn, labels.SERVICE: service.name}


def left_view(one: Left) -> ServiceView:
    """How a service that is not started stands."""
    state = ServiceState.AT_HOME if one.at_home else ServiceState.LEFT_OUT
    return ServiceView(one.service, state, (), one.sentence, one.action)
