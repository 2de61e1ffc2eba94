"""Folders: whether the container engine sees those of this machine, tried once with a file that nobody can guess."""

from __future__ import annotations

import asyncio
import platform
import secrets
import shutil
import tempfile
from pathlib import Path

from studio.base.aio import in_thread
from studio.base.log import logger
from studio.base.paths import Paths
from studio.contracts.containers import ContainerSpec, EngineInfo, Mount
from studio.contracts.sandbox_engine import SandboxEngine
from studio.domain.errors import EngineError, EngineGone
from studio.sandbox import labels
from studio.sandbox.owner import this_process
from studio.sandbox.shape import inside_user

log = logger("sandbox")

_SECONDS = 30.0
_TARGET = "/workspace/seen"
WHAT_TO_DO = (
    "Use an engine on this machine, let its virtual machine share {home}, or move that where it does: STUDIO_HOME."
)


class Folders:
    """What the engine sees of this machine's folders: an agent's files lie in them, and are shown in its container."""

    def __init__(self, engine: SandboxEngine, paths: Paths) -> None:
        self._engine = engine
        self._paths = paths
        self._trying = asyncio.Lock()
        self._seen = False

    def forget(self) -> None:
        """Another engine may have come in the place of the one that was tried."""
        self._seen = False

    async def require(self, image: str) -> None:
        """Raises EngineError when the engine cannot see them; it is tried once, with a container of an image it has."""
        async with self._trying:
            if not self._seen:
                info = await self._engine.info()
                if not is_here(info):
                    await self._try(info, image)
                self._seen = True

    async def _try(self, info: EngineInfo, image: str) -> None:
        if await self._engine.image_id(image) is None:
            raise EngineError(
                f"Without the sandbox image nobody can tell whether the container engine at {info.address} sees the "
                "folders of this machine.",
                "Make it: studio image build",
            )
        token = secrets.token_hex(16)
        folder = Path(await in_thread(_filled, self._paths.cache, token))
        try:
            found = await self._read(folder, image)
        except EngineGone:
            raise
        except EngineError as error:
            raise self._unseen(info, f": {error.sentence}") from error
        finally:
            await in_thread(shutil.rmtree, folder, ignore_errors=True)
        log.info("folders_tried", address=info.address, seen=found == token)
        if found != token:
            raise self._unseen(info, ".")

    async def _read(self, folder: Path, image: str) -> str:
        uid, gid = inside_user()
        worn = {**await in_thread(labels.ours, self._paths.home), labels.OWNER: this_process()}
        spec = ContainerSpec(
            name=f"studio-look-{folder.name[-8:]}",
            image=image,
            user=f"{uid}:{gid}",
            mounts=(Mount(folder, _TARGET, read_only=True),),
            labels=worn,
            workdir="/",
        )
        container = await self._engine.start(spec)
        try:
            async with asyncio.timeout(_SECONDS):
                stream = await self._engine.exec(container, ("cat", f"{_TARGET}/token"))
                try:
                    said = b""
                    while data := await stream.read():
                        said += data
                finally:
                    await stream.close()
        except TimeoutError as error:
            raise EngineError("It did not say in time what it sees.") from error
        finally:
            await self._engine.remove(container)
        return said.decode("utf-8", "replace")

    def _unseen(self, info: EngineInfo, why: str) -> EngineError:
        return EngineError(
            f"The container engine at {info.address} cannot see the folders of this machine, in which an agent's files "
            f"lie{why}",
            WHAT_TO_DO.format(home=self._paths.home),
        )


def is_here(info: EngineInfo) -> bool:
    """Whether the engine runs on this very machine, so that there is nothing to try."""
    if not info.address:
        return True  # no engine at all: what stands in for one starts programs here
    return info.address.startswith("unix://") and info.isolation != "vm" and info.machine == platform.node()


def _filled(cache: Path, token: str) -> str:
    cache.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="seen-", dir=cache))
    folder.chmod(0o755)
    (folder / "token").write_text(token, "utf-8")
    (folder / "token").chmod(0o644)
    return str(folder)
