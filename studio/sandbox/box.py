"""A sandbox: one running container, and what can be done in it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from contextlib import suppress
from contextvars import Context
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from studio.base.aio import in_thread
from studio.contracts.clock import Clock
from studio.contracts.containers import ContainerStats
from studio.contracts.guest import GuestOutput
from studio.contracts.sandbox_engine import ExecStream, SandboxEngine
from studio.domain.errors import EngineError, EngineGone
from studio.domain.ids import ProjectId, RunId
from studio.sandbox.attend import attend
from studio.sandbox.carrying.carrier import Carrier
from studio.sandbox.commands import ExecResult, run_command
from studio.sandbox.console import Console
from studio.sandbox.inside.frames import OPEN, PORTS
from studio.sandbox.link import Channel, Link, ended
from studio.sandbox.listener import Serve, StandingListener
from studio.sandbox.logs import Logs
from studio.sandbox.own_requests import OwnRequests
from studio.sandbox.pods import Pod
from studio.sandbox.processes import Processes
from studio.sandbox.programs import run_program
from studio.sandbox.screen import Screen
from studio.sandbox.speaking import Speaking
from studio.sandbox.starting import Up
from studio.sandbox.terminal import open_shell
from studio.sandbox.tunnel import Tunnel

_SPARE_PIDS = 16
"""So many processes git may need at once for a snapshot."""


class Sandbox:
    """One run's container; implements contracts/guest.Guest. Made by `Sandboxes.open`.

    `milliseconds` is how long it took to start, `folder` what it has at /workspace; `pod` are the services beside it,
    once they were started. One that sleeps wakes when it is used. A sandbox whose supervisor died stays `broken`: every
    call raises that EngineError until `Sandboxes.open` has started another.
    """

    def __init__(
        self, project: ProjectId, run: RunId, folder: Path, engine: SandboxEngine, up: Up, clock: Clock
    ) -> None:
        self.project = project
        self.id = run
        self.folder = folder
        self.container = up.container
        self.image = up.spec.image
        self.milliseconds = up.milliseconds
        self.sleep = up.sleep
        self.carrier: Carrier | None = None
        self.processes = Processes(up.link, up.container[:4], self.lay_in)
        self.console = Console()
        self.screen = Screen()
        self.own_requests = OwnRequests(clock)
        self.logs = Logs(engine, clock, self._speaking)
        self._clock = clock
        self._sample: tuple[float, float] | None = None
        self.pod: Pod | None = None
        self.weaker = engine.weaker
        self._engine = engine
        self._link = up.link
        self.holds_processes = False
        self.memory_limit = up.spec.memory_bytes
        self.disk_bytes: int | None = None
        self._ports: tuple[int, ...] = ()
        self._pids = up.spec.pids
        self._relay: Link | None = None
        self._relay_lock = asyncio.Lock()
        self._tunnels: dict[int, Tunnel] = {}
        self._tunnel_lock = asyncio.Lock()
        self._way_out: StandingListener | None = None

    @property
    def containers(self) -> tuple[str, ...]:
        """Its own container, and those of the services beside it."""
        return tuple(self._speaking().values())

    def _speaking(self) -> dict[str, str]:
        """The containers whose logs are its own: by the name of the service, and without one itself."""
        return {"": self.container, **(self.pod.running if self.pod is not None else {})}

    @property
    def broken(self) -> EngineError | None:
        """Why it can no longer be used; None while it can."""
        return self._link.broken

    @property
    def busy(self) -> bool:
        """Whether somebody waits for the end of a command or program in it."""
        return self._link.busy or (self.carrier is not None and self.carrier.busy)

    async def look_behind(self) -> None:
        """Notes in `holds_processes` whether something runs behind that would end with it. Raises EngineError."""
        self.holds_processes = any(not process.ended for process in await self.processes.list())

    def fail(self, reason: str | EngineError) -> None:
        """Makes it `broken` for this reason; what runs in it is the caller's to end."""
        self._link.fail(reason)

    async def give_up_if_full(self) -> None:
        """Makes the sandbox `broken` when it holds about as many processes as it may, so that none can be started."""
        with suppress(EngineError):  # an engine that does not answer is said by whoever needs it
            if (await self.stats()).pids > self._pids - _SPARE_PIDS:
                self._link.fail("The sandbox is full: what runs in its background leaves no room for another process.")

    async def exec(self, command: str, *, timeout: float, on_output: Callable[[str], None] | None = None) -> ExecResult:
        """Runs a shell command, starting in the directory where the last one left off.

        It is ended after `timeout` seconds, first politely, with everything it started; cancelling the
        caller does the same before the cancellation goes on. What a command that ends by itself leaves
        in the background runs on unheard; `processes` are for what is to be heard. `on_output` gets the
        output as it comes, on the caller's loop; beyond 64 KiB only samples. Raises EngineError when the
        sandbox is gone, UserError for a command that no shell can be given.
        """
        await self.lay_in()
        result = await run_command(self._link, command, timeout, on_output)
        if result.touched:
            await self.bring_home()
        news = self.carrier.news.take() if self.carrier is not None else ""
        return replace(result, output=f"{result.output}\n[{news}]") if news else result

    async def run(
        self, argv: tuple[str, ...], *, stdin: bytes = b"", timeout: float = 60.0, max_bytes: int = 1 << 20
    ) -> GuestOutput:
        """Runs a program without a shell. Raises EngineError when it cannot be run, times out or says too much.

        Raises UserError for arguments that no program can be given.
        """
        out = bytearray()
        await self.lay_in()
        code, err = await run_program(
            self._link, argv, stdin=stdin, timeout=timeout, max_bytes=max_bytes, keep=out.extend
        )
        await self.bring_home()
        return GuestOutput(code, bytes(out), err)

    async def run_to_file(
        self, argv: tuple[str, ...], target: Path, *, timeout: float = 300.0, max_bytes: int = 1 << 30
    ) -> GuestOutput:
        """As `run`, but writes stdout to the host file `target`, which it makes anew with mode 0600."""
        await self.lay_in()
        with await in_thread(_make_file, target) as file:

            async def keep(data: bytes) -> None:
                await in_thread(file.write, data)

            code, err = await run_program(self._link, argv, stdin=b"", timeout=timeout, max_bytes=max_bytes, keep=keep)
        await self.bring_home()
        return GuestOutput(code, b"", err)

    async def speak(self, argv: tuple[str, ...], max_bytes: int) -> Speaking:
        """Starts a program to speak with; it may say so much in all. Raises EngineError, UserError."""
        await self.lay_in()
        return await Speaking.start(self._link, argv, max_bytes)

    async def terminal(self, columns: int, rows: int) -> ExecStream:
        """Opens an interactive shell; closing the stream ends everything that was started in it."""
        return await open_shell(await self._relaying(), columns, rows)

    async def listening_ports(self) -> tuple[int, ...]:
        """The TCP ports that programs inside listen on, in order; while it sleeps, as they were."""
        if self.sleep.asleep:
            return self._ports
        channel = self._link.channel(PORTS, {})
        answers: list[bytes] = []
        await attend(channel, lambda _, payload: answers.append(payload), 0)
        ports = ended(answers[-1]).get("ports") or []
        self._ports = tuple(port for port in ports if isinstance(port, int) and 0 < port < 65536)
        return self._ports

    async def tunnel(self, port: int) -> Tunnel:
        """A loopback port of this machine that leads to `port` inside; the same one while it stays open."""

        async def connect() -> Channel:
            return await (await self._relaying()).open(OPEN, {"port": port})

        async with self._tunnel_lock:
            if port not in self._tunnels or self._tunnels[port].closed:
                # What goes through it is use of the sandbox, also where somebody who only watches was the first to ask.
                opening = Tunnel.start(connect, self.own_requests)
                starting = asyncio.create_task(opening, name="a tunnel", context=Context())
                self._tunnels[port] = await starting
            return self._tunnels[port]

    @property
    def has_way_out(self) -> bool:
        """Whether programs inside know a way to hosts outside, and something answers there."""
        return self._way_out is not None and self._way_out.stands

    async def let_out(self, port: int, serve: Serve) -> None:
        """Has `serve` answer what programs inside say to their own port, until `hang_up`. Raises EngineError."""
        self._way_out = await StandingListener.start(self._relaying, port, serve)

    async def stats(self) -> ContainerStats:
        """What the container uses now; the engine takes about a second to say."""
        return await self._engine.stats(self.container)

    async def use_now(self) -> ContainerStats:
        """As `stats`, at once, the processor counted since it was last asked this; only the first time takes longer."""
        before, now = self._sample, self._clock.monotonic()
        read = await self._engine.stats(self.container, at_once=before is not None)
        self._sample = (now, read.cpu_seconds)
        if before is None or not read.cpu_seconds or now <= before[0]:
            return read
        return replace(read, cpu_percent=round(100 * max(0.0, read.cpu_seconds - before[1]) / (now - before[0]), 1))

    def lose(self, gone: EngineGone) -> None:
        """Makes the sandbox `broken` because its engine is gone: what waits for it waits no longer."""
        for link in (self._relay, self._link):
            if link is not None:
                link.fail(gone)

    async def hang_up(self) -> None:
        """Closes tunnels, terminals and the supervisor; the container is the caller's to remove."""
        if self.carrier is not None:
            await self.carrier.close()
        await self.logs.close()
        async with self._tunnel_lock:
            for tunnel in self._tunnels.values():
                await tunnel.close()
        if self._way_out is not None:
            await self._way_out.close()
        for link in (self._relay, self._link):
            if link is not None:
                await link.close()

    async def lay_in_read_only(self) -> None:
        """Shows inside what was made anew here in folders that the sandbox only reads. Raises EngineError."""
        if self.carrier is not None:
            await self.carrier.lay_in_read_only()

    async def lay_in(self) -> None:
        """Shows inside what was changed in the folder here, where that is not mounted. Raises EngineError."""
        if self.carrier is not None:
            await self.carrier.lay_in()

    async def bring_home(self) -> None:
        """Makes the folder here what it is inside, where it is not mounted. Raises EngineError."""
        if self.carrier is not None:
            await self.carrier.bring_home()

    async def _relaying(self) -> Link:
        """A second supervisor, so that what previews and terminals move never stands before a command."""
        async with self._relay_lock:
            if self._relay is None or self._relay.broken is not None:
                await self.sleep.wake()
                self._relay = await Link.start(self._engine, self.container, shell=False, sleep=self.sleep)
            return self._relay


def _make_file(target: Path) -> BinaryIO:
    target.unlink(missing_ok=True)
    return os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
