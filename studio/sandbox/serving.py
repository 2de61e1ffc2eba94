"""Serving: the web app of a sandbox, started behind and found by what it says and where it listens."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from studio.base.text import plain
from studio.domain.errors import UserError
from studio.domain.previews import Launch, PreviewStage, PreviewState
from studio.sandbox.box import Sandbox
from studio.sandbox.ports import USUAL, announced, in_order
from studio.sandbox.processes import Process

_TITLE = "app"
_SAID_CHARACTERS = 4000
_PROBE_SECONDS = 1.5
_MOST_PROBED = 6


class Serving:
    """What is served inside one sandbox; it ends with it. Every method raises EngineError when that is gone.

    One app is started for the preview at a time; what an agent or a terminal serves is found as well. `declared` are
    the ports that the project itself says it listens on.
    """

    def __init__(self, sandbox: Sandbox, declared: tuple[int, ...] = ()) -> None:
        self.sandbox = sandbox
        self._declared = declared
        self._launch = Launch("", "", "")
        self._process = ""
        self._before: tuple[int, ...] = ()
        self._starting = asyncio.Lock()

    async def start(self, launch: Launch, *, again: bool = False) -> None:
        """Starts the app and ends the one that was started before; this one, when it runs, only with `again`."""
        async with self._starting:
            running = await self._running()
            # The whole commands are compared: one that begins as another may go on otherwise.
            if not again and running is not None and launch.command == self._launch.command:
                return
            if running is not None:
                await self.sandbox.processes.stop(running.name)
            self._before = await self.sandbox.listening_ports()
            self._process = (await self.sandbox.processes.start(launch.command, 0, _TITLE)).process.name
            self._launch = launch

    async def stop(self) -> None:
        """Ends the app that was started here, if one runs."""
        running = await self._running()
        if running is not None:
            await self.sandbox.processes.stop(running.name)

    async def look(self, seconds: float, port: int = 0) -> PreviewState:
        """How it stands; while it is starting, waits so long for a port. `port` is the one to show while it is open."""
        if not self._process:
            open_ports = await self.sandbox.listening_ports()
            return await self._found([one for one in open_ports if one not in self._of_services()], port)
        heard = await self.sandbox.processes.listen(self._process, 0, self._before, seconds)
        output = await self.sandbox.processes.output(self._process, 0, 0)
        said = announced(output.text)
        usual = (*self._declared, *self._launch.ports)
        ports = in_order(heard.ports, (one for one, _ in said), usual)
        state = self._described(output.process, output.text)
        if not ports:
            return replace(state, stage=PreviewStage.ENDED if output.process.ended else PreviewStage.STARTING)
        sure = {one for one, _ in said}.union(usual)
        chosen = port if port in ports else ports[0] if ports[0] in sure else await self._answering(ports)
        if not chosen:
            return replace(state, stage=PreviewStage.STARTING, silent=ports)
        return replace(state, stage=PreviewStage.UP, port=chosen, ports=ports, path=dict(said).get(chosen, "/"))

    async def beside(self) -> PreviewState:
        """What the services beside serve: they are looked at where the project has no app of its own."""
        return await self._found(sorted(self._of_services()), 0)

    def _of_services(self) -> set[int]:
        """Ports of services that the project itself does not name as the app's."""
        views = self.sandbox.pod.views if self.sandbox.pod is not None else ()
        return {port for view in views for port in view.ports} - set(self._declared)

    async def _found(self, open_ports: Sequence[int], port: int) -> PreviewState:
        """What somebody else serves."""
        ports = in_order(open_ports, self._declared, USUAL)
        chosen = port if port in ports else await self._answering(ports)
        if not chosen:
            return PreviewState(PreviewStage.IDLE, silent=ports)
        return PreviewState(PreviewStage.UP, chosen, ports=ports)

    async def _answering(self, ports: tuple[int, ...]) -> int:
        """The first of these that speaks HTTP; 0 when none does."""
        asked = ports[:_MOST_PROBED]
        answers = await asyncio.gather(*(self._speaks(port) for port in asked))
        return next((port for port, speaks in zip(asked, answers, strict=True) if speaks), 0)

    async def _speaks(self, port: int) -> bool:
        return bool(await (await self.sandbox.tunnel(port)).status(_PROBE_SECONDS))

    def _described(self, process: Process, text: str) -> PreviewState:
        return PreviewState(
            PreviewStage.STARTING,
            process=process.name,
            command=self._launch.title,
            kind=self._launch.kind,
            reloads=self._launch.reloads,
            watches=self._launch.watches,
            late=self._launch.late,
            said=plain(text[-_SAID_CHARACTERS:]),
            exit_code=process.exit_code,
            seconds=process.seconds,
            stopped=process.stopped,
            awaited=(*self._declared, *self._launch.ports),
        )

    async def _running(self) -> Process | None:
        if not self._process:
            return None
        try:
            process = (await self.sandbox.processes.output(self._process, 0, 0)).process
        except UserError:  # it ended so long ago that it is forgotten
            return None
        return None if process.ended else process
