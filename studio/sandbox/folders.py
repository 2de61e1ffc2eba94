"""Folders: whether sandboxes can have those of this machine, tried once with a file that nobody can guess."""

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
from studio.sandbox.owner import this_machine, this_process
from studio.sandbox.shape import inside_user

log = logger("sandbox")

_SECONDS = 30.0
_TARGET = "/workspace/seen"
_MACHINE = "machine"
"""The file of a data folder that names the machine whose sandboxes an engine elsewhere runs."""


class Folders:
    """Whether the engine sees this machine's folders, in which an agent's files lie; else they are carried to it.

    They are carried as well to an engine whose users are others than this machine's: what runs in its containers as
    the person is somebody else outside, who may not write the person's files.
    """

    def __init__(self, engine: SandboxEngine, paths: Paths) -> None:
        self._engine = engine
        self._paths = paths
        self._trying = asyncio.Lock()
        self._mounted: bool | None = None

    def forget(self) -> None:
        """Another engine may have come in the place of the one that was tried."""
        self._mounted = None

    @property
    def are_carried(self) -> bool:
        """Whether it is known that they are."""
        return self._mounted is False

    async def are_mounted(self, image: str) -> bool:
        """Whether it can mount them; it is tried once, with a container of an image it has. Raises EngineError.

        Raises it, too, where the engine does not see them and the data folder is a copy of another machine's: what lies
        there under its name is that one's.
        """
        async with self._trying:
            if self._mounted is None:
                info = await self._engine.info()
                seen = not has_own_users(info) and (is_here(info) or await self._try(info, image))
                if not seen:
                    await in_thread(_require_own, self._paths.home)
                self._mounted = seen
            return self._mounted

    async def require(self, image: str) -> None:
        """As `are_mounted`, for whoever only needs that what is there is this data folder's. Raises EngineError."""
        await self.are_mounted(image)

    async def _try(self, info: EngineInfo, image: str) -> bool:
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
        finally:
            await in_thread(shutil.rmtree, folder, ignore_errors=True)
        log.info("folders_tried", address=info.address, seen=found == token)
        return found == token

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
        try:
            container = await self._engine.start(spec)
        except EngineGone:
            raise
        except EngineError as error:
            # It may refuse to show a folder that is not there. Whatever fails later says nothing of what it sees.
            log.info("folders_not_shown", error=str(error))
            return ""
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


def is_here(info: EngineInfo) -> bool:
    """Whether the engine runs on this very machine, so that there is nothing to try."""
    if not info.address:
        return True  # no engine at all: what stands in for one starts programs here
    return info.address.startswith("unix://") and info.isolation != "vm" and info.machine == platform.node()


def has_own_users(info: EngineInfo) -> bool:
    """Whether a user of its containers is another one outside of them."""
    return info.isolation in ("rootless", "userns")


def _require_own(home: Path) -> None:
    """Takes the data folder for this machine's, if it is nobody's yet. Raises EngineError for another's."""
    file, machine = home / _MACHINE, this_machine()
    if not file.exists():
        file.write_text(machine, "ascii")
    elif file.read_text("ascii", "replace").strip() != machine:
        raise EngineError(
            "This data folder was copied from another machine, or this machine was made anew. At a container engine "
            f"elsewhere, what lies under the name of {home} may be in use by that machine.",
            f"If nobody uses the other one any more, delete {file} and try again; else use an engine on this machine.",
        )


def _filled(cache: Path, token: str) -> str:
    cache.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="seen-", dir=cache))
    folder.chmod(0o755)
    (folder / "token").write_text(token, "utf-8")
    (folder / "token").chmod(0o644)
    return str(folder)
