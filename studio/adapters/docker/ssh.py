"""A container engine on another machine: its socket, forwarded by the person's own ssh to one of ours."""

from __future__ import annotations

import asyncio
import shutil
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from studio.adapters.docker.find import Endpoint
from studio.adapters.docker.own_folders import own_folder
from studio.base.aio import in_thread
from studio.domain.errors import EngineError, EngineGone

_USUAL_SOCKET = "/var/run/docker.sock"
_UP_SECONDS = 20.0
_LOOK_SECONDS = 0.05
_LINES = 5
_FOLDER = "studio-ssh-"
_OPTIONS = (
    *("BatchMode=yes", "ConnectTimeout=10", "ServerAliveInterval=4", "ServerAliveCountMax=2"),
    *("ExitOnForwardFailure=yes", "StreamLocalBindMask=0177", "StreamLocalBindUnlink=yes"),
    # A login that the person shares would keep the forward after us; nothing of theirs is needed there.
    *("ControlMaster=no", "ControlPath=none", "ForwardAgent=no", "ForwardX11=no", "PermitLocalCommand=no"),
    *("RemoteCommand=none", "RequestTTY=no", "LogLevel=ERROR"),
)


class SshWay:
    """One login that forwards one socket; begun anew when it has ended. Keys and hosts are the business of ssh."""

    def __init__(self, endpoint: Endpoint, env: Mapping[str, str]) -> None:
        """Raises EngineError for an address that is none."""
        self._shown = endpoint.url
        self._origin = endpoint.origin
        self._host, self._login, self._remote = _parts(endpoint.url)
        self._env = dict(env)
        self._folder: Path | None = None
        self._ssh: asyncio.subprocess.Process | None = None
        self._said: deque[str] = deque(maxlen=_LINES)
        self._hearing: asyncio.Task[None] | None = None
        self._beginning = asyncio.Lock()

    async def ready(self) -> Endpoint:
        """The socket of ours behind which the engine is. Raises EngineGone when there is no way to that machine."""
        async with self._beginning:
            if self._ssh is None or self._ssh.returncode is not None:
                await self._begin()
        assert self._folder is not None
        return Endpoint(f"unix://{self._folder}/s", origin=self._origin, shown=self._shown)

    async def close(self) -> None:
        """Ends the login and clears the socket away."""
        await self._end()
        if self._folder is not None:
            await in_thread(shutil.rmtree, self._folder, ignore_errors=True)
            self._folder = None

    async def _begin(self) -> None:
        await self._end()
        if self._folder is None:
            self._folder = await in_thread(own_folder, _FOLDER)
        ours = self._folder / "s"
        await in_thread(ours.unlink, missing_ok=True)
        options = [word for option in _OPTIONS for word in ("-o", option)]
        argv = ["ssh", *options, *self._login, "-T", "-L", f"{ours}:{self._remote}", "--", self._host, "cat"]
        try:
            # The far end reads from us until we are gone, however that comes about; then the login ends.
            self._ssh = await asyncio.create_subprocess_exec(
                *argv,
                env=self._env,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.PIPE,
            )
        except FileNotFoundError as error:
            raise EngineError(
                f"The container engine at {self._shown} is reached with ssh, which is not installed.",
                "Install it: sudo apt install openssh-client",
            ) from error
        self._said.clear()
        self._hearing = asyncio.create_task(self._hear(self._ssh), name=f"words of ssh to {self._host}")
        await self._up(ours)

    async def _up(self, ours: Path) -> None:
        assert self._ssh is not None
        try:
            async with asyncio.timeout(_UP_SECONDS):
                while not ours.exists():
                    if self._ssh.returncode is not None:
                        await self._heard()
                        raise self._no_way("; ".join(self._said) or f"ssh ended with {self._ssh.returncode}")
                    await asyncio.sleep(_LOOK_SECONDS)
        except TimeoutError as error:
            await self._end()
            raise self._no_way("nobody answers") from error
        except BaseException:
            await self._end()
            raise

    def _no_way(self, why: str) -> EngineGone:
        why = " ".join(why.split())[:300].rstrip(".")
        return EngineGone(
            f"The machine of the container engine at {self._shown} cannot be reached: {why}.",
            f"See that this works without a question: ssh {' '.join((*self._login, self._host))} docker version",
        )

    async def _hear(self, ssh: asyncio.subprocess.Process) -> None:
        assert ssh.stderr is not None
        while line := await ssh.stderr.readline():
            self._said.append(line.decode("utf-8", "replace").strip())

    async def _heard(self) -> None:
        if self._hearing is not None:
            await self._hearing

    async def _end(self) -> None:
        ssh, self._ssh = self._ssh, None
        if ssh is not None:
            if ssh.returncode is None:
                ssh.terminate()
            if ssh.stdin is not None:
                ssh.stdin.close()
            await ssh.wait()
        if self._hearing is not None:
            self._hearing.cancel()
            await asyncio.gather(self._hearing, return_exceptions=True)
            self._hearing = None


def _parts(url: str) -> tuple[str, tuple[str, ...], str]:
    """Host, the words that say who logs in and where, and the socket there."""
    wrong = EngineError(
        f"Studio cannot read the address of the container engine: {url}.",
        "Write it like ssh://user@host or ssh://user@host:22/run/docker.sock.",
    )
    try:
        address = urlsplit(url)
        host, port, user = address.hostname or "", address.port, address.username or ""
    except ValueError as error:
        raise wrong from error
    # What begins with a dash would be an option of ssh's.
    if not host or host.startswith("-") or user.startswith("-") or address.password or ":" in address.path:
        raise wrong
    login = (*(("-p", str(port)) if port else ()), *(("-l", user) if user else ()))
    return host, login, address.path if address.path not in ("", "/") else _USUAL_SOCKET
