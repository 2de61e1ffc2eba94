"""A run whose agent asks for something, on a real log; a call that reached for a container would fail loudly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest

from studio.adapters.clock import SystemClock
from studio.agents.approving import Approver
from studio.agents.calls import CallAnswerer, Waiting
from studio.agents.history import History
from studio.agents.journal import Journal
from studio.agents.live import LiveRun
from studio.agents.outputs import Outputs
from studio.base.paths import Paths
from studio.checkpoints.checkpoints import Checkpoints
from studio.checkpoints.rules import Rules
from studio.contracts.chat_model import ModelReply
from studio.domain.checkpoints import Checkpoint, CheckpointKind, CheckpointState
from studio.domain.ids import CallId, TurnId
from studio.domain.messages import FinishReason, ToolAnswer, ToolCall
from studio.domain.money import NanoUsd
from studio.domain.roles import Limits
from studio.domain.rules import CommandKind, Scope
from studio.domain.runs import Run
from studio.domain.tools import ApprovalMode
from studio.domain.usage import Usage
from studio.events.recorder import Recorder
from studio.router.router import Completion
from studio.sandbox.box import Sandbox
from studio.store import projects
from studio.store.database import Database
from studio.tools.table import TOOLS
from studio.tools.tool import Tool
from studio.workspace.files import Folder
from studio.workspace.workspaces import Workspaces
from tests.fixtures.memory import a_project, a_run


@dataclass(slots=True)
class Story:
    """A run whose agent has asked for something."""

    run: Run
    folder: Path
    database: Database
    recorder: Recorder
    journal: Journal
    checkpoints: Checkpoints
    outputs: Outputs
    rules: Rules
    deny: tuple[CommandKind, ...] = ()
    tools: Mapping[str, Tool] = field(default_factory=lambda: TOOLS)

    async def ask(self, *calls: ToolCall, finish: FinishReason = FinishReason.TOOL_CALLS) -> None:
        """The agent's reply with its calls."""
        reply = ModelReply("I try this.", calls, finish, Usage(10, 5))
        await self.journal.record_reply(
            self.run, await self.journal.history(self.run), 1, Completion(reply, self.run.model, NanoUsd(0), 1.0)
        )

    async def approve(self, call: CallId, act: str) -> None:
        """A person says yes to `act`, and the run goes on."""
        question = self.checkpoints.question(self.run, call, CheckpointKind.APPROVAL, "Run this?", act)
        async with self.recorder.unit(self.run.project, self.run.id) as unit:
            asked = await self.checkpoints.open(unit, question)
            await self.checkpoints.decide(unit, asked, CheckpointState.APPROVED, "", "operator")

    async def fate(self, name: str, **arguments: Any) -> Checkpoint | str:
        """What becomes of a call: the question it waits for, “run”, or what the model is told instead."""
        call = ToolCall(CallId.new(), name, arguments)
        await self.ask(call)
        try:
            return (await self.answers())[call.id].text
        except Waiting as waiting:
            async with self.recorder.unit(self.run.project, self.run.id) as unit:
                return await self.checkpoints.open(unit, waiting.question)
        except AttributeError:
            # There is no container to run it in; that it was to be run is in the log.
            assert call.id in (await self.journal.history(self.run)).started
            await self.answers()
            return "run"

    async def asks(self, command: str) -> Checkpoint:
        """The question that a command waits for."""
        asked = await self.fate("shell", command=command)
        assert isinstance(asked, Checkpoint)
        return asked

    async def decide(self, asked: Checkpoint, state: CheckpointState, scope: Scope = Scope.ONCE) -> None:
        """A person decides, and the run goes on; what is approved is begun."""
        async with self.recorder.unit(self.run.project, self.run.id) as unit:
            decided = await self.checkpoints.decide(unit, asked, state, "", "operator")
            await self.rules.allow(
                unit, decided, scope if state is CheckpointState.APPROVED else Scope.ONCE, "operator"
            )
        try:
            await self.answers()
        except AttributeError:
            await self.answers()

    async def answers(self) -> dict[str, ToolAnswer]:
        """What each call of the newest message is answered with."""
        history: History = await self.journal.history(self.run)
        workspaces = Workspaces(Paths(self.folder), "git", {})
        live = LiveRun(self.run, Folder(self.folder), cast(Sandbox, None), workspaces, 120.0)
        approver = Approver(self.run, self.tools, self.deny, self.rules)
        answerer = CallAnswerer(
            self.run,
            dict(self.tools),
            live,
            self.journal,
            self.checkpoints,
            SystemClock(),
            lambda delta: None,
            self.outputs,
            approver,
        )
        await answerer.answer_all(history)
        assert history.open_calls() == ()
        return (await self.journal.history(self.run)).said[-1].answers


@pytest.fixture
async def story(database: Database, recorder: Recorder, tmp_path: Path) -> Story:
    """A run at work on a message."""
    folder = tmp_path / "workspace"
    folder.mkdir()
    journal = Journal(database, recorder)
    project = a_project()
    run = a_run(project, approval=ApprovalMode.ASK, limits=Limits(100, 3600.0, None))
    async with recorder.unit(project.id, None) as unit:
        await projects.add(unit.connection, project)
    async with recorder.unit(project.id, run.id) as unit:
        await journal.start_run(unit, run)
        working = await journal.start_turn(unit, run, "Go", TurnId.new())
    checkpoints, outputs = Checkpoints(database, recorder, SystemClock()), Outputs(database, recorder)
    rules = Rules(database, recorder, SystemClock())
    return Story(working, folder, database, recorder, journal, checkpoints, outputs, rules)
