"""Images of services: fetched where the engine has none of that name and a person lets it, and looked into once."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from studio.contracts.clock import Clock
from studio.contracts.containers import ServiceImage
from studio.contracts.sandbox_engine import SandboxEngine
from studio.domain.errors import EngineError, PolicyRefused, StudioError
from studio.sandbox.egress.registries import Fetch, Registries
from studio.sandbox.spec.service import Service

_PULL_SECONDS = 60.0
_ASK_AGAIN_SECONDS = 600.0


@dataclass(slots=True)
class Known:
    """What is remembered of images: when a registry was asked for one, and what was found in one by its content id."""

    asked: dict[str, float] = field(default_factory=dict)
    looked: dict[tuple[str, ...], ServiceImage] = field(default_factory=dict)


class ServiceImages:
    """Those of one sandbox's services; without `registries` nothing is fetched."""

    def __init__(
        self, engine: SandboxEngine, clock: Clock, registries: Registries | None, known: Known, whose: Fetch
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._registries = registries
        self._known = known
        self._whose = whose
        self._refused: Mapping[str, PolicyRefused] = {}

    async def ask(self, services: Iterable[Service]) -> None:
        """Asks a person about all that is to be fetched, at once, as far as nobody has; `get` raises what they say."""
        if self._registries is None or self._engine.weaker:
            return
        # What fails here fails for each service once more, which then tells it.
        with suppress(StudioError):
            missing = [one.image for one in services if await self._engine.image_id(one.image) is None]
            self._refused = await self._registries.refused(self._whose, missing)

    async def get(self, service: Service, asking: asyncio.Task[None], labels: Mapping[str, str]) -> ServiceImage:
        """What is known of a service's image, which is here then. Raises EngineError, PolicyRefused.

        One that is not here is fetched once `asking` has ended.
        """
        if (found := await self._engine.image_id(service.image)) is None:
            if self._engine.weaker:  # it has no images, and says so: nobody is asked for nothing
                await self._engine.pull_image(service.image)
            await asyncio.shield(asking)
            if service.image in self._refused:
                raise self._refused[service.image]
            await self._fetch(service.image)
            found = await self._engine.image_id(service.image) or service.image
        paths = tuple(volume.target for volume in service.volumes)
        key = (found, service.user, *paths)
        if key not in self._known.looked:
            self._known.looked[key] = await self._engine.service_image(found, service.user, paths, labels)
        return self._known.looked[key]

    async def _fetch(self, image: str) -> None:
        """Asks a registry for an image; one that was asked for in vain is not waited for again for a while."""
        now = self._clock.monotonic()
        is_due = now - self._known.asked.get(image, -_ASK_AGAIN_SECONDS) >= _ASK_AGAIN_SECONDS
        if is_due and self._registries is not None:
            try:
                async with self._registries.fetching(self._whose, image):
                    self._known.asked[image] = now
                    async with asyncio.timeout(_PULL_SECONDS):
                        await self._engine.pull_image(image)
                return
            except TimeoutError:
                pass
            except EngineError as error:
                why = f"Its image {image} is not on this machine, and could not be fetched. {error.sentence}"
                raise EngineError(why, error.action or f"Fetch it by hand: docker pull {image}") from error
        raise EngineError(
            f"Its image {image} is not on this machine, and no registry gave it.",
            f"Fetch it by hand: docker pull {image}",
        )
