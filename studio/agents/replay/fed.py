"""Fed: what a replayed turn reaches for outside of itself, answered from the record."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import SimpleNamespace
from typing import Any, cast

from studio.agents.history import History
from studio.agents.live import LiveRun, LiveRuns
from studio.agents.loop import End, ParkedUntil
from studio.agents.parking import Parker, failed
from studio.agents.recalling import Recaller
from studio.agents.replay.stage import Stage
from studio.contracts.chat_model import ModelReply, ModelRequest, OnDelta
from studio.domain.changes import Snapshot
from studio.domain.clock import from_text
from studio.domain.errors import (
    EngineGone,
    NoSandbox,
    NothingLeft,
    OutsideError,
    ProviderError,
    ProviderFault,
    StudioError,
)
from studio.domain.events import (
    MessagePosted,
    ModelFailed,
    SnapshotFailed,
    SnapshotTaken,
    ToolAnswered,
    ToolCalled,
    TurnEnded,
    UsageRecorded,
)
from studio.domain.ids import CallId, RunId
from studio.domain.images import Image
from studio.domain.messages import ToolCall
from studio.domain.models import ModelCard, ModelRef
from studio.domain.money import FREE, NanoUsd
from studio.domain.parked import CONTAINER_ENGINE
from studio.domain.runs import Outcome, Run
from studio.domain.tools import ToolOutcome
from studio.domain.usage import Usage
from studio.router.breaker import Breaker
from studio.router.router import Completion
from studio.sandbox.box import Sandbox
from studio.tools.hands import Hands
from studio.tools.tool import Tool
from studio.workspace.files import Folder
from studio.workspace.workspaces import Workspaces

_FAILED = (Outcome.FAILED, Outcome.REFUSED, Outcome.CANCELLED)


class FedClock:
    """The time at which the next event was recorded; nobody waits."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def now(self) -> datetime:
        """See Clock."""
        return self._stage.now.time

    def monotonic(self) -> float:
        """See Clock."""
        return self.now().timestamp()

    async def sleep(self, seconds: float) -> None:
        """Only lets others go on."""
        await asyncio.sleep(0)


class FedModel:
    """Every model of every provider: it gives the recorded replies, and fails where they failed."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    async def complete(self, request: ModelRequest, on_delta: OnDelta) -> ModelReply:
        """See ChatModel."""
        match self._stage.due():
            case MessagePosted() as said:
                return self._reply(said)
            case ModelFailed() as failed:
                raise self._failure(failed)
            case _:
                raise self._stage.halt("it asked a model")

    async def count_tokens(self, request: ModelRequest) -> int | None:
        """Nothing is counted."""
        return None

    async def list_models(self) -> tuple[ModelCard, ...]:
        """None: nobody asks."""
        return ()

    async def close(self) -> None:
        """Nothing is held."""

    def _reply(self, said: MessagePosted) -> ModelReply:
        if (found := _recorded_reply(self._stage, said)) is None:
            raise self._stage.diverge("it got a reply")
        return found[0]

    def _failure(self, failed: ModelFailed) -> ProviderError:
        # The reason was recorded with what to do next, which the turn's end tells alone.
        ended = next((event for event in self._stage.following() if isinstance(event, TurnEnded)), None)
        over = failed.retry_in is None and not failed.next_model
        action = ended.action if over and ended is not None else ""
        error = ProviderError(ProviderFault(failed.fault), failed.reason, action)
        # A wait that nobody has patience for is how a provider makes the router give up before it would.
        error.retry_after = None if failed.retry_in is not None else float("inf")
        if failed.input or failed.output:
            error.usage = _usage(failed)
        return error


class FedBreaker(Breaker):
    """Leaves no provider alone: one that was left alone fails so, as recorded."""

    def rests_until(self, provider: str) -> datetime | None:
        """See Breaker."""
        return None


class FedParker(Parker):
    """Parks a turn where that was done when it was recorded, until the same moment."""

    def __init__(self, stage: Stage, clock: FedClock) -> None:
        super().__init__(clock)
        self._stage = stage

    def end(self, run: Run, history: History, left: NothingLeft) -> End:
        """See Parker."""
        match self._stage.due():
            case TurnEnded(outcome=Outcome.PARKED) as ended:
                return _parked(ended)
            case _:
                return failed(left)

    def without_engine(self, run: Run, history: History, gone: EngineGone) -> End:
        """See Parker."""
        match self._stage.due():
            case TurnEnded(outcome=Outcome.PARKED) as ended:
                return _parked(ended)
            case _:
                return End(Outcome.FAILED, gone.sentence, gone.action)


class FedEngine:
    """Tells that there was no container engine where that was found when the turn was recorded."""

    losses = 0

    async def missing(self) -> NoSandbox | None:
        """Nothing is run here anyway."""
        return None

    async def behind(self, error: StudioError, losses: int) -> EngineGone | None:
        """See EngineWatch."""
        return error if isinstance(error, EngineGone) else None


class FedRecaller(Recaller):
    """Gives the replies that were not asked for again when the turn was recorded."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    async def find(self, route: tuple[ModelRef, ...], request: ModelRequest) -> Completion | None:
        """See Recaller."""
        due = self._stage.due()
        found = _recorded_reply(self._stage, due) if isinstance(due, MessagePosted) else None
        if found is None or not found[1].cached:
            return None
        reply, event = found
        return Completion(reply, ModelRef.parse(event.model), FREE, 0.0, None, NanoUsd(event.saved_nusd), cached=True)

    async def keep(self, request: ModelRequest, done: Completion) -> None:
        """Keeps nothing."""


@dataclass(frozen=True, slots=True)
class FedRun(LiveRun):
    """A run without a container, whose snapshots are those that were recorded."""

    stage: Stage = field(kw_only=True)

    def hands(self, on_output: Any) -> Hands:
        """Hands that touch nothing."""
        return Hands(self.folder, self.sandbox, on_output, self.command_seconds)

    async def changed(self, head: str) -> bool:
        """Whether a snapshot, or that one failed, is recorded next."""
        due = self.stage.due()
        return isinstance(due, SnapshotFailed) or (isinstance(due, SnapshotTaken) and bool(due.turn))

    async def snapshot(self, head: str, message: str) -> Snapshot | None:
        """The recorded snapshot, or why there was none."""
        match self.stage.due():
            case SnapshotTaken() as taken:
                return Snapshot(taken.commit, taken.parent, taken.files, taken.milliseconds, taken.left_out)
            case SnapshotFailed() as failed:
                raise OutsideError(failed.reason, self._next_after_failure())
            case _:
                raise self.stage.halt("it took a snapshot")

    def _next_after_failure(self) -> str:
        ended = next((event for event in self.stage.following() if isinstance(event, TurnEnded)), None)
        return ended.action if ended is not None else ""


class FedRuns(LiveRuns):
    """Opens runs without a container; one that could not be opened when it was recorded cannot be now."""

    def __init__(self, stage: Stage, workspaces: Workspaces) -> None:
        self._stage = stage
        self._real = workspaces
        self._lock = asyncio.Lock()

    def clone_lock(self, run: RunId) -> asyncio.Lock:
        """See LiveRuns."""
        return self._lock

    async def open(self, run: Run) -> LiveRun:
        """See LiveRuns."""
        due = self._stage.due()
        if isinstance(due, TurnEnded) and (due.outcome in _FAILED or due.fault == CONTAINER_ENGINE):
            raise self._stage.halt("it opened its sandbox")
        return FedRun(run, cast(Folder, None), cast(Sandbox, _Broken(self._stage)), self._real, 0.0, stage=self._stage)


class _Broken(SimpleNamespace):
    """All that is asked of a sandbox that does nothing: whether it broke when a snapshot failed."""

    def __init__(self, stage: Stage) -> None:
        super().__init__()
        self._stage = stage

    @property
    def broken(self) -> OutsideError | None:
        due = self._stage.due()
        match due:
            case TurnEnded(outcome=Outcome.FAILED):
                return OutsideError(due.reason, due.action)
            case TurnEnded(fault=fault) if fault == CONTAINER_ENGINE:
                return EngineGone(due.reason, due.action)
            case _:
                return None


def fed_tools(tools: Mapping[str, Tool], stage: Stage) -> dict[str, Tool]:
    """The same tools, which run nothing and give what was recorded."""

    def fed(tool: Tool) -> Tool:
        async def answer(_hands: Hands, **_arguments: Any) -> ToolOutcome:
            match stage.due():
                case ToolAnswered(name=name) as event if name == tool.spec.name:
                    images = tuple(map(Image.parse, event.images))
                    # Files may have changed: whether a snapshot was taken is asked next. It is short already.
                    fed = ToolOutcome(event.ok, event.text, event.summary, changed=True, paged=True, images=images)
                    return replace(fed, difference=event.difference)
                case _:
                    raise stage.halt(f"it ran {tool.spec.name}")

        return replace(tool, function=answer)

    return {name: fed(tool) for name, tool in tools.items()}


def _parked(ended: TurnEnded) -> End:
    until = ParkedUntil(from_text(ended.parked_until), ended.fault)
    return End(Outcome.PARKED, ended.reason, ended.action, parked=until)


def _recorded_reply(stage: Stage, said: MessagePosted) -> tuple[ModelReply, UsageRecorded] | None:
    """The reply whose message is recorded next, and what it used."""
    calls = []
    for event in stage.following():
        match event:
            case ToolCalled(step=said.step):
                calls.append(ToolCall(CallId(event.call), event.name, event.arguments, event.raw))
            case UsageRecorded(step=said.step):
                opaque = dict(said.opaque)
                return ModelReply(said.text, tuple(calls), event.finish, _usage(event), said.thinking, opaque), event
            case _:
                pass
    return None


def _usage(event: UsageRecorded | ModelFailed) -> Usage:
    return Usage(event.input, event.output, event.cache_read, event.cache_write, event.cache_write_1h)
