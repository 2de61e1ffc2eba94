"""Reaching out: whether a run's programs may reach a host, by the project's mode, its list, or a person asked."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from shlex import quote

from studio.agents.reaching_words import Asking, of_host, of_images
from studio.base.log import logger
from studio.checkpoints.checkpoints import Checkpoints
from studio.checkpoints.networks import Networks
from studio.domain.checkpoints import Checkpoint, CheckpointKind, CheckpointState
from studio.domain.errors import NotFound, StoreError
from studio.domain.events import CheckpointDecided
from studio.domain.ids import CallId, CheckpointId, ProjectId, RunId
from studio.domain.network import Destination, NetworkMode, is_same_act
from studio.domain.runs import Run
from studio.domain.tools import ApprovalMode
from studio.events.hub import Hub
from studio.events.recorder import Recorder
from studio.sandbox.egress.clients import KnownClients
from studio.sandbox.egress.judging import Judged
from studio.store import projects, runs
from studio.store.database import Database

log = logger("agents")

MOST_OPEN = 5
"""So many hosts of one run may wait for an answer; nobody reads a flood of questions."""
MOST_ASKED = 30
"""So many may be asked about in one run at all."""

_MOST_REWORDED = 21  # odd, so that the last word is that nobody waits
_SAID = {
    CheckpointState.APPROVED: Judged(True, "it was allowed for this run", is_named=True),
    CheckpointState.DENIED: Judged(False, "the answer was no"),
    CheckpointState.VOID: Judged(False, "the question was withdrawn"),
}
_CHANGED = Judged(False, "what the project may reach was changed meanwhile")

_Standing = Callable[[], Awaitable[Judged | None]]
"""What the project's mode and list say by themselves at this moment; None where they leave it to a person."""


class Reaching:
    """Implements sandbox/egress/judging.Judge; `clients` reads what this machine's package clients are set up for."""

    def __init__(
        self,
        database: Database,
        recorder: Recorder,
        hub: Hub,
        networks: Networks,
        checkpoints: Checkpoints,
        clients: KnownClients,
        seconds: float,
    ) -> None:
        self._database = database
        self._recorder = recorder
        self._hub = hub
        self._networks = networks
        self._checkpoints = checkpoints
        self._clients = clients
        self._seconds = seconds
        self._asking = asyncio.Lock()
        self._waiting: Counter[CheckpointId] = Counter()
        self._reworded: Counter[CheckpointId] = Counter()

    async def mode(self, project: ProjectId) -> NetworkMode:
        """See `Judge`."""
        return (await self._networks.of(project)).mode

    async def clients(self, project: ProjectId) -> dict[str, str]:
        """See `Judge`."""
        network = await self._networks.of(project)
        return dict((await self._clients.get()).env) if network.packages else {}

    async def own(self, project: ProjectId) -> frozenset[Destination]:
        """See `Judge`."""
        network = await self._networks.of(project)
        return (await self._clients.get()).hosts if network.packages else frozenset()

    async def judge(self, project: ProjectId, run: RunId, wanted: Destination) -> Judged:
        """See `Judge`; what cannot be looked up is refused."""
        return await _told(self._judge(project, run, wanted))

    async def judge_images(
        self, project: ProjectId, run: RunId, registry: Destination, images: tuple[str, ...], *, waits: bool = True
    ) -> Judged:
        """See `Judge`; a project without a network is asked for as well, as the engine has one."""
        return await _told(self._judge_images(project, run, registry, images, waits))

    async def _judge(self, project: ProjectId, run: RunId, wanted: Destination) -> Judged:
        standing = partial(self._standing, project, wanted)
        return await standing() or await self._asked(run, of_host(wanted), standing)

    async def _standing(self, project: ProjectId, wanted: Destination) -> Judged | None:
        network = await self._networks.of(project)
        if network.mode is NetworkMode.NONE:
            return Judged(False, "this project has no network")
        if wanted in await self.own(project):
            return Judged(True, "this machine's package clients use it", is_own=True)
        if await self._networks.is_listed(project, wanted):
            return Judged(True, "it is on the project's list", is_named=True)
        if network.mode is NetworkMode.OPEN:
            return Judged(True, "the project may reach every public host")
        return None

    async def _judge_images(
        self, project: ProjectId, run: RunId, registry: Destination, images: tuple[str, ...], waits: bool
    ) -> Judged:
        standing = partial(self._standing_of_images, project, registry)
        if (judged := await standing()) is not None:
            return judged
        judged = await self._asked(run, of_images(registry, images), standing, waits=waits)
        if judged.passed or judged.action:
            return judged
        async with self._database.reading() as connection:
            name = quote((await projects.get(connection, project)).name)
        how = f"in Settings under Network, or studio sandbox network {name} allow {registry.in_short}"
        return replace(judged, action=f"Allow {registry.in_short} for the project ({how})")

    async def _standing_of_images(self, project: ProjectId, registry: Destination) -> Judged | None:
        reason, is_named = await self._networks.lets_images(project, registry)
        return Judged(True, reason, is_named=is_named) if reason else None

    async def _asked(self, run: RunId, asking: Asking, standing: _Standing, *, waits: bool = True) -> Judged:
        """What a person said of this act for this run, or says now."""
        seconds = self._seconds if waits else 0.0
        with self._hub.subscribe(run=run, deltas=False) as heard:
            async with self._asking:
                asked = await self._question(run, asking, seconds)
            if isinstance(asked, Judged):
                return asked
            if not seconds:
                return _unanswered(asked)
            try:
                async with self._waiting_for(asked, asking), asyncio.timeout(self._seconds) as limit:
                    async for item in heard:
                        event = getattr(item, "event", None)
                        if (
                            isinstance(event, CheckpointDecided) and not limit.expired()
                        ):  # somebody is there, who may come to this one next
                            limit.reschedule(asyncio.get_running_loop().time() + self._seconds)
                        if event is None or (isinstance(event, CheckpointDecided) and event.checkpoint == asked.id):
                            # Looked up, as a project's list may let it through, and as the listening may have a gap.
                            now = await self._checkpoints.get(asked.id)
                            if now.state is not CheckpointState.OPEN:
                                return await _answer(now, standing)
            except TimeoutError:
                pass
        return _unanswered(asked)

    @asynccontextmanager
    async def _waiting_for(self, asked: Checkpoint, asking: Asking) -> AsyncIterator[None]:
        """Lets the question say whether anybody waits for its answer."""
        self._waiting[asked.id] += 1
        try:
            if asked.title != asking.waited_for(self._seconds):
                await self._reword(asked, asking.waited_for(self._seconds), self._seconds)
            yield
        finally:
            self._waiting[asked.id] -= 1
            if not self._waiting[asked.id]:
                del self._waiting[asked.id]
                await self._reword(asked, asking.left, 0.0)

    async def _reword(self, asked: Checkpoint, title: str, waits: float) -> None:
        # A program that tries without end is no reason for a log without end.
        self._reworded[asked.id] += 1
        if self._reworded[asked.id] > _MOST_REWORDED:
            return
        try:
            async with self._recorder.unit(asked.project, asked.run) as unit:
                await self._checkpoints.reword(unit, asked.id, title, waits)
        except StoreError as error:
            log.warning("question_not_reworded", checkpoint=asked.id, error=str(error))

    async def _question(self, run_id: RunId, asking: Asking, waits: float) -> Checkpoint | Judged:
        """What is asked about this act, or the answer where nobody needs to be asked any more."""
        earlier = [each for each in await self._checkpoints.of_run(run_id) if each.kind is CheckpointKind.NETWORK]
        for each in reversed(earlier):
            if not is_same_act(each.act, asking.act) or each.stands_in_network:
                continue  # what the list or the mode answered then, they are asked now
            if each.state in (CheckpointState.APPROVED, CheckpointState.DENIED):
                return _SAID[each.state]
        async with self._database.reading() as connection:
            run = await runs.get(connection, run_id)
        if run.approval is ApprovalMode.DENY:
            return Judged(False, "it is not on the project's list, and this run asks nobody")
        is_open = [each for each in earlier if each.state is CheckpointState.OPEN]
        for each in is_open:
            if is_same_act(each.act, asking.act):
                return each
        if len(is_open) >= MOST_OPEN or len(earlier) >= MOST_ASKED:
            return Judged(False, "it is not on the project's list, and the run has asked about many hosts already")
        return await self._ask(run, asking, waits)

    async def _ask(self, run: Run, asking: Asking, waits: float) -> Checkpoint:
        title = asking.waited_for(waits) if waits else asking.left
        question = self._checkpoints.question(run, CallId(""), CheckpointKind.NETWORK, title, asking.act)
        async with self._recorder.unit(run.project, run.id) as unit:
            return await self._checkpoints.open(unit, question, waits)


async def _answer(decided: Checkpoint, standing: _Standing) -> Judged:
    """What a decision says; what a list or a mode decided counts as it stands, in their own terms."""
    if decided.stands_in_network:
        return await standing() or _CHANGED
    return _SAID[decided.state]


def _unanswered(asked: Checkpoint) -> Judged:
    reason = f"it is not on the project's list, and nobody has answered yet ({asked.id})"
    action = f"Say yes to it (in the inbox, or studio checkpoints approve {asked.id})"
    return Judged(False, reason, is_unanswered=True, action=action)


async def _told(judging: Awaitable[Judged]) -> Judged:
    """What was judged; what cannot be looked up is refused."""
    try:
        return await judging
    except NotFound:  # a build, for example: there is no chat in which to ask
        return Judged(False, "it is not on the project's list, and it is no run that wants it")
    except StoreError:
        return Judged(False, "Studio could not look up what this project may reach")
