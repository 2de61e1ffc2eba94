"""The image that sandboxes start from: found, loaded, or made."""

from __future__ import annotations

import asyncio
import hashlib
import re
import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from studio.base.aio import in_thread
from studio.contracts.sandbox_engine import SandboxEngine
from studio.domain.errors import EngineError
from studio.sandbox.bootstrap import bootstrap_base
from studio.sandbox.packages import PackageSources, host_packages
from studio.sandbox.trust import certificate_bundle

_PULL_SECONDS = 60.0
_BASE_LINE = re.compile(r"^ARG BASE=(\S+)$", re.MULTILINE)


def image_sources() -> Path:
    """The folder of Dockerfiles that ships with the program. Raises EngineError when it is missing."""
    package = Path(__file__).resolve().parents[1]
    for root in (package, package.parent):
        if (root / "sandbox-images" / "standard" / "Dockerfile").is_file():
            return root / "sandbox-images"
    raise EngineError("sandbox-images is missing from this installation.", "Install Studio again.")


class Images:
    """The standard image; its tag changes with every change of its sources, so an old one is never used for it."""

    def __init__(self, engine: SandboxEngine, sources: Path, cache: Path, env: Mapping[str, str]) -> None:
        """`sources` as `image_sources` finds it; `cache` keeps the finished image for other engines and times."""
        self._engine = engine
        self._source = sources / "standard"
        self._cache = cache
        self._env = env
        self._making = asyncio.Lock()
        digest = _digest(self._source)
        self.tag = f"studio-sandbox:{digest}"
        self._archive = cache / f"studio-sandbox-{digest}.tar"

    async def ready(self) -> bool:
        """Whether a sandbox can be started from it now. Raises EngineError when no engine answers."""
        return await self._engine.image_id(self.tag) is not None

    async def ensure(self, on_line: Callable[[str], None]) -> str:
        """Its tag, once the engine has it; making it for the first time takes minutes.

        `on_line` is told each step in a line, on the caller's loop. Raises EngineError.
        """
        async with self._making:
            if not await self.ready() and not await self._loaded(on_line):
                await self._build(on_line)
                await self._keep(on_line)
        return self.tag

    async def _loaded(self, on_line: Callable[[str], None]) -> bool:
        if not self._archive.exists():
            return False
        on_line("Loading the sandbox image from the cache.")
        try:
            await self._engine.load_image(self._archive)
        except EngineError as error:
            # The file stays until a new one takes its place: the engine may be at fault, and no registry may answer.
            on_line(f"The cached image cannot be loaded, so it is made anew. {error.sentence}")
        return await self.ready()

    async def _build(self, on_line: Callable[[str], None]) -> None:
        packages = await in_thread(host_packages)
        wanted = _BASE_LINE.search((self._source / "Dockerfile").read_text("utf-8"))
        assert wanted is not None, "the Dockerfile names its base"
        base, matching = await self._base(wanted[1], packages, on_line)
        on_line("Building the sandbox image; takes a minute or two.")
        context = Path(await in_thread(tempfile.mkdtemp, prefix="studio-image-"))
        try:
            await in_thread(self._fill, context, base, packages if matching else None)
            await self._engine.build_image(context, "Dockerfile", self.tag, on_line)
        finally:
            await in_thread(shutil.rmtree, context)

    async def _base(
        self, wanted: str, packages: PackageSources | None, on_line: Callable[[str], None]
    ) -> tuple[str, bool]:
        """A base image the engine has, and whether this machine's package sources are the right ones for it."""
        own = f"studio-base:{packages.release}" if packages else ""
        if own and await self._engine.image_id(own) is not None:
            return own, True
        same = packages is not None and packages.distribution in wanted and packages.release in wanted
        if await self._engine.image_id(wanted) is not None:
            return wanted, same
        on_line(f"Asking the registry for {wanted}.")
        try:
            async with asyncio.timeout(_PULL_SECONDS):
                await self._engine.pull_image(wanted)
            return wanted, same
        except (EngineError, TimeoutError):
            on_line("No registry answers.")
        await bootstrap_base(self._engine, packages, own, self._cache, on_line)
        return own, True

    def _fill(self, context: Path, base: str, packages: PackageSources | None) -> None:
        """Writes the build context: the sources, and what this machine needs to reach its packages."""
        shutil.copytree(self._source, context, dirs_exist_ok=True)
        dockerfile = context / "Dockerfile"
        dockerfile.write_text(_BASE_LINE.sub(f"ARG BASE={base}", dockerfile.read_text("utf-8")), "utf-8")
        host = context / "host"
        host.mkdir()
        (host / "apt.conf").write_text(packages.conf if packages else "", "utf-8")
        (host / "sources.list").write_text(packages.list if packages else "", "utf-8")
        bundle = certificate_bundle(self._env)
        (host / "ca.crt").write_bytes(bundle.read_bytes() if bundle else b"")

    async def _keep(self, on_line: Callable[[str], None]) -> None:
        """Saves the image for later; that this fails (a full disk) is no reason not to use it now."""
        try:
            await in_thread(self._cache.mkdir, parents=True, exist_ok=True)
            await self._engine.save_image(self.tag, self._archive)
        except (EngineError, OSError) as error:
            on_line(f"The image is ready but could not be kept in the cache: {error}")


def _digest(source: Path) -> str:
    """Twelve hexadecimal digits that stand for the names and contents of all files in `source`."""
    digest = hashlib.sha256()
    for path in sorted(path for path in source.rglob("*") if path.is_file()):
        data = path.read_bytes()
        digest.update(f"{path.relative_to(source).as_posix()}\0{len(data)}\0".encode() + data)
    return digest.hexdigest()[:12]
