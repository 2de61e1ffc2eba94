"""Images that a project's files name: known to the engine, or fetched from their registry."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager

from studio.contracts.containers import ImageFacts
from studio.contracts.sandbox_engine import SandboxEngine
from studio.domain.errors import EngineError, UserError
from studio.sandbox.build_bounds import BuildBounds
from studio.sandbox.egress.registries import Fetch, Registries
from studio.sandbox.spec.names import registry_of

_PULL_SECONDS = 900.0
_ASK_AGAIN_SECONDS = 600.0
_NAME_IT = (
    "See whether its name is right and its registry can be reached (docker pull {image}), or build an image from a "
    "Dockerfile."
)


class NamedImages:
    """Has them here; a registry that did not give one is left alone for a while."""

    def __init__(self, engine: SandboxEngine, bounds: BuildBounds, registries: Registries | None) -> None:
        """Without `registries` nothing is fetched."""
        self._engine = engine
        self._registries = registries
        self._bounds = bounds
        self._not_got: dict[str, tuple[float, str]] = {}

    async def missing(self, images: Iterable[str]) -> tuple[str, ...]:
        """Those of them that the engine has not, and could fetch. Raises EngineError."""
        if self._engine.weaker:
            return ()
        wanted = filter(None, dict.fromkeys(images))
        return tuple([image for image in wanted if await self._engine.image_id(image) is None])

    @asynccontextmanager
    async def asking(self, whose: Fetch, missing: Iterable[str]) -> AsyncIterator[None]:
        """Asks a person about all of these at once, as `Registries.asking` does."""
        if self._registries is None or self._engine.weaker:
            yield
            return
        async with self._registries.asking(whose, missing):
            yield

    async def require_allowed(self, images: Iterable[str], whose: Fetch) -> None:
        """Asks a person about those of them that are to be fetched, at once. Raises PolicyRefused."""
        if self._registries is not None and (missing := await self.missing(images)):
            for refused in (await self._registries.refused(whose, missing)).values():
                raise refused

    async def id_of(self, image: str, on_line: Callable[[str], None], whose: Fetch) -> str:
        """The content id of an image, fetched when it is not here; empty for none.

        Raises EngineError, PolicyRefused.
        """
        if not image:
            return ""
        if (found := await self._engine.image_id(image)) is None:
            when, why = self._not_got.get(image, (-_ASK_AGAIN_SECONDS, ""))
            if time.monotonic() - when < _ASK_AGAIN_SECONDS:
                raise EngineError(why, _NAME_IT.format(image=image))
            await self._pull(image, on_line, whose)
            found = await self._engine.image_id(image)
        return found or ""

    async def require_base(self, image: str, on_line: Callable[[str], None], whose: Fetch) -> None:
        """Has an image here from which one is to be built. Raises EngineError, PolicyRefused, UserError."""
        await self.id_of(image, on_line, whose)
        require_no_steps(await self._engine.image_facts(image), image)

    async def _pull(self, image: str, on_line: Callable[[str], None], whose: Fetch) -> None:
        if self._engine.weaker:  # it has no images, and says so: nobody is asked for nothing
            await self._engine.pull_image(image)
        if self._registries is None:
            raise EngineError(f"The image {image} is not on this machine.", _NAME_IT.format(image=image))
        where = registry_of(image) or "the registry that the container engine asks by itself"
        try:
            async with self._registries.fetching(whose, image), asyncio.timeout(_PULL_SECONDS):
                on_line(f"Fetching the image {image} from {where}.")
                await self._bounds.keep(self._engine.pull_image(image))
        except TimeoutError as error:
            why = f"The registry did not give the image {image} within 15 minutes."
            self._not_got[image] = time.monotonic(), why
            raise EngineError(why, _NAME_IT.format(image=image)) from error
        except EngineError as error:
            if error.retryable:
                raise
            why = f"{error.sentence.rstrip('.')}."
            self._not_got[image] = time.monotonic(), why
            raise EngineError(why, _NAME_IT.format(image=image)) from error


def require_no_steps(facts: ImageFacts | None, image: str) -> None:
    """Raises UserError for an image whose steps would run in every build from it, on the engine's network."""
    if facts is not None and facts.on_build:
        raise UserError(
            f"The image {image} brings steps of its own for whoever builds from it (ONBUILD), which nobody judged.",
            "Use an image without them.",
        )
