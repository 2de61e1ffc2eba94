"""Images without a container engine: this machine's own system stands in for Studio's, and there is no other."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from studio.contracts.containers import STANDARD_BUILD, BuildOptions, ImageFacts, ImageState, ServiceImage
from studio.domain.errors import EngineError

STANDARD = "studio-sandbox:"
"""How the names of Studio's own image begin: what it holds is what this machine itself has."""


class NoImages:
    """The part of contracts/sandbox_engine.SandboxEngine that is about images."""

    async def image_id(self, tag: str) -> str | None:
        """The system's, for Studio's own image; None for any other."""
        return f"system:{os.uname().release}" if tag.startswith(STANDARD) else None

    async def image_facts(self, tag: str) -> ImageFacts | None:
        """None for any image but Studio's own, which asks for nothing."""
        found = await self.image_id(tag)
        return ImageFacts(found, "", {}, ()) if found else None

    async def build_image(
        self,
        context: Path,
        dockerfile: str,
        tag: str,
        on_line: Callable[[str], None],
        labels: Mapping[str, str] | None = None,
        options: BuildOptions = STANDARD_BUILD,
    ) -> None:
        """Raises EngineError: there are no images."""
        raise no_images("build")

    async def import_image(self, archive: Path, tag: str) -> None:
        """Raises EngineError: there are no images."""
        raise no_images("import")

    async def load_image(self, archive: Path) -> None:
        """Raises EngineError: there are no images."""
        raise no_images("load")

    async def save_image(self, tag: str, archive: Path) -> None:
        """Raises EngineError: there are no images."""
        raise no_images("save")

    async def pull_image(self, tag: str) -> None:
        """Raises EngineError: there are no images."""
        raise no_images("pull")

    async def service_image(
        self, image: str, user: str, paths: tuple[str, ...], labels: Mapping[str, str]
    ) -> ServiceImage:
        """Raises EngineError: a service is an image of somebody else's."""
        raise no_images("run")

    async def give_volume(self, name: str, image: str, user: str, labels: Mapping[str, str]) -> None:
        """Does nothing: a named folder belongs to whoever a sandbox runs as."""

    async def images(self, labels: Mapping[str, str]) -> tuple[ImageState, ...]:
        """None: there are no images."""
        return ()

    async def remove_image(self, image: str) -> None:
        """Nothing to do: there are no images."""


def no_images(doing: str) -> EngineError:
    """What is said of every wish that needs an image."""
    return EngineError(
        f"Without a container engine Studio cannot {doing} images: sandboxes are this machine's own system.",
        "Install one: sudo apt install docker.io",
    )
