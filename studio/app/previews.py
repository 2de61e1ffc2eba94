"""The previews door: the web app inside a run's container, started, found and reached, for people."""

from __future__ import annotations

from dataclasses import dataclass

from studio.agents.live import LiveRun, LiveRuns
from studio.base.aio import in_thread
from studio.domain.errors import NotFound, UserError
from studio.domain.events import SandboxPlanned
from studio.domain.files import EntryKind
from studio.domain.ids import RunId
from studio.domain.images import image_of
from studio.domain.pages import ANSWER_CHARACTERS
from studio.domain.previews import Launch, PreviewStage, PreviewState, launch_of
from studio.domain.runs import RunState
from studio.sandbox.box import Sandbox
from studio.sandbox.launching.find import find_launches
from studio.sandbox.sandboxes import Sandboxes
from studio.sandbox.serving import Serving
from studio.sandbox.shape import WORKDIR
from studio.sandbox.sleep import only_watching
from studio.sandbox.tunnel import Tunnel
from studio.store import event_log, runs
from studio.store.database import Database
from studio.workflow.acts import Acts, act
from studio.workspace.files import Folder

_MOST_SECONDS = 20.0
_READ_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class PreviewView:
    """A web application inside a container, reachable at `url` on this machine only."""

    url: str
    port: int


class Previews:
    """At most one app started for the preview of each run, and one tunnel for each run and port."""

    def __init__(self, acts: Acts, sandboxes: Sandboxes, database: Database, live_runs: LiveRuns) -> None:
        self.acts = acts
        self._sandboxes = sandboxes
        self._database = database
        self._live_runs = live_runs
        self._serving: dict[RunId, Serving] = {}
        self._tunnels: dict[tuple[RunId, int], Tunnel] = {}

    @act
    async def look(self, run: RunId, seconds: float = 0.0, port: int = 0, watching: bool = False) -> PreviewState:
        """How the run's app stands; waits up to `seconds` (at most 20) for one that is starting.

        `port` is the one to show, while it is open. Somebody who is only `watching` wakes no container that sleeps, and
        keeps none from it.
        """
        sandbox = self._sandboxes.get(run)
        if sandbox is None:
            return PreviewState(PreviewStage.NONE)
        if watching and sandbox.sleep.asleep:
            return PreviewState(PreviewStage.ASLEEP, port)
        serving, most = await self._served(run, sandbox), min(max(seconds, 0.0), _MOST_SECONDS)
        if watching:
            with only_watching():
                return await serving.look(most, port)
        await sandbox.sleep.wake()
        return await serving.look(most, port)

    @act
    async def launches(self, run: RunId) -> tuple[Launch, ...]:
        """The ways to start the run's app that its files show, the best guess first; starts the container."""
        return await _found(await self._visit(run))

    @act
    async def start(self, run: RunId, command: str = "", again: bool = False) -> PreviewState:
        """Starts the run's app by this command line, else by what its files show, and the container when it is not up.

        A line that is one of `launches`, or begins as one, is made ready as that is.
        What was started so before is ended first; the same command that still runs is left alone, unless `again`.
        Raises UserError where no way to start it is seen.
        """
        live = await self._visit(run)
        known = await _found(live)
        if command.strip():
            launch = launch_of(command, known, WORKDIR)
        elif known:
            launch = known[0]
        elif (beside := await (await self._served(run, live.sandbox)).beside()).stage is PreviewStage.UP:
            return beside
        else:
            raise UserError(
                "No way to start an app is seen in the run's files.",
                "Type the command that starts it, or ask the agent for an app: a Procfile, a package.json, a web app "
                "in Python or an index.html is found by itself.",
            )
        serving = await self._served(run, live.sandbox)
        await serving.start(launch, again=again)
        return await serving.look(0.0)

    @act
    async def stop(self, run: RunId) -> None:
        """Ends what was started for the preview of the run."""
        sandbox = self._sandboxes.get(run)
        if sandbox is not None:
            await (await self._served(run, sandbox)).stop()

    @act
    async def ports(self, run: RunId) -> tuple[int, ...]:
        """Ports on which something listens inside the run's container; empty when it is not up."""
        sandbox = self._sandboxes.get(run)
        return await sandbox.listening_ports() if sandbox else ()

    @act
    async def open(self, run: RunId, port: int) -> PreviewView:
        """Makes the port reachable on loopback; raises UserError when the container is not up."""
        sandbox = self._sandboxes.get(run)
        if sandbox is None:
            raise UserError("The run's container is not up.", "Start the app, or send the agent a message.")
        tunnel = self._tunnels.get((run, port))
        if tunnel is None or tunnel.closed:
            tunnel = self._tunnels[run, port] = await sandbox.tunnel(port)
        return PreviewView(f"http://{tunnel.host}:{tunnel.port}/", port)

    async def answer_screenshot(self, run: RunId, request: str, data: bytes) -> None:
        """Gives the picture that a delta of kind SCREENSHOT asked for; dropped when this run waits for none by that id.

        Only windows of the process that runs the agents are asked, so this is no act. Raises UserError for bytes that
        are no image a model can be shown.
        """
        image_of(data, "The picture of the preview")
        sandbox = self._sandboxes.get(run)
        if sandbox is not None:
            sandbox.screen.answer(request, data)

    async def answer_page(self, run: RunId, request: str, words: str) -> None:
        """Gives what a page answered to a delta of kind PAGE, none of it trusted; dropped when nobody waits for it.

        Only windows of the process that runs the agents are asked, so this is no act.
        """
        sandbox = self._sandboxes.get(run)
        if sandbox is not None:
            sandbox.screen.answer(request, words[:ANSWER_CHARACTERS].encode("utf-8", "replace"))

    async def _served(self, run: RunId, sandbox: Sandbox) -> Serving:
        """What is served in this very sandbox: an earlier one's has ended with it."""
        serving = self._serving.get(run)
        if serving is not None and serving.sandbox is sandbox:
            return serving
        async with self._database.reading() as connection:
            log = await event_log.since(connection, 0, run=run, kinds=(SandboxPlanned.kind,))
        planned = log[-1].event if log else None
        self._forget_ended()
        made = Serving(sandbox, planned.ports if isinstance(planned, SandboxPlanned) else ())
        # Another look may have been first.
        serving = self._serving.get(run)
        if serving is None or serving.sandbox is not sandbox:
            serving = self._serving[run] = made
        return serving

    def _forget_ended(self) -> None:
        """Keeps nothing that was served in sandboxes which are no more."""
        for run, serving in tuple(self._serving.items()):
            if self._sandboxes.held(run) is not serving.sandbox:
                del self._serving[run]
        for key, tunnel in tuple(self._tunnels.items()):
            if tunnel.closed:
                del self._tunnels[key]

    async def _visit(self, run: RunId) -> LiveRun:
        async with self._database.reading() as connection:
            found = await runs.get(connection, run)
        if found.state is RunState.DISCARDED:
            raise UserError(f"Run {found.id} was discarded; it has no files any more.", "Start a new run.")
        return await self._live_runs.visit(found)

    @act
    async def close(self, run: RunId) -> None:
        """Closes all tunnels into the run's container."""
        await self._close(run)

    async def _close(self, run: RunId) -> None:
        for key in [key for key in self._tunnels if key[0] == run]:
            await self._tunnels.pop(key).close()

    async def close_all(self) -> None:
        """Closes every tunnel."""
        for run in {key[0] for key in self._tunnels}:
            await self._close(run)


async def _found(live: LiveRun) -> tuple[Launch, ...]:
    return await in_thread(find_launches, _Look(live.folder))


class _Look:
    """The files of a workspace through the one safe opener; what cannot be read is not there. All calls block."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._known: dict[str, frozenset[str]] = {}

    def names(self, folder: str) -> frozenset[str]:
        if folder not in self._known:
            try:
                entries = self._folder.list(folder).entries
            except (NotFound, UserError):
                entries = ()
            kinds = (EntryKind.FILE, EntryKind.FOLDER)
            self._known[folder] = frozenset(entry.name for entry in entries if entry.kind in kinds)
        return self._known[folder]

    def text(self, path: str) -> str:
        folder, _, name = path.rpartition("/")
        if name not in self.names(folder):
            return ""
        try:
            content = self._folder.read(path, limit=_READ_BYTES)
        except (NotFound, UserError):
            return ""
        return content.data.decode("utf-8", "replace") if content.whole else ""
