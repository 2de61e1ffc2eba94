"""Agents: who is at work in any project, on what, and who needs a person, folded from events."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from studio.base.text import plain
from studio.domain.events import (
    CheckpointOpened,
    Event,
    ModelFailed,
    ProjectAdded,
    Recorded,
    RunDiscarded,
    RunStarted,
    SandboxStarted,
    StepStarted,
    ToolCalled,
    TurnEnded,
    TurnResumed,
    TurnStarted,
)
from studio.domain.ids import ProjectId, RunId
from studio.domain.parked import parked
from studio.domain.projects import Project
from studio.domain.runs import STOPPABLE, Outcome, Run, RunState, state_after
from studio.ui.chat.words import call_made, failure, role_title

ALIVE = STOPPABLE


@dataclass(frozen=True, slots=True)
class Agent:
    """One agent: its run, what it is about, where it stands and what it does right now; `act` is empty when unknown."""

    run: RunId
    project: ProjectId
    role: str
    title: str
    state: RunState
    act: str = ""
    since: datetime | None = None

    @property
    def needs_person(self) -> bool:
        """Whether it waits for a decision."""
        return self.state is RunState.WAITING


class Agents:
    """Every agent of every project that is at work or waits; takes each event once."""

    def __init__(self) -> None:
        self._agents: dict[RunId, Agent] = {}
        self._names: dict[ProjectId, str] = {}
        self._last = 0

    def load(self, runs: Iterable[Run], projects: Iterable[Project]) -> None:
        """Puts what is saved beside what events told meanwhile, which is newer."""
        saved = (Agent(run.id, run.project, role_title(run.role), run.title, run.state) for run in runs)
        self._agents = {**{agent.run: agent for agent in saved}, **self._agents}
        self._names.update({project.id: project.name for project in projects})

    def apply(self, items: Iterable[Recorded]) -> bool:
        """Takes in what happened; returns whether it changed who is at work or on what."""
        before = self.alive()
        for item in items:
            if item.seq <= self._last or item.project is None:
                continue
            self._last = item.seq
            if isinstance(item.event, ProjectAdded):
                self._names[item.project] = item.event.name
            if item.run is not None:
                self._take(item.run, item.project, item)
        return self.alive() != before

    def alive(self) -> tuple[Agent, ...]:
        """Who is at work or waits: first those who need a person, then by project."""
        alive = (agent for agent in self._agents.values() if agent.state in ALIVE)
        return tuple(sorted(alive, key=lambda agent: (not agent.needs_person, self.project(agent), agent.run)))

    def project(self, agent: Agent) -> str:
        """The name of an agent's project, as far as it is known."""
        return self._names.get(agent.project, "")

    def _take(self, run: RunId, project: ProjectId, item: Recorded) -> None:
        event = item.event
        if isinstance(event, RunStarted):
            role = role_title(event.role, event.role_title)
            known = self._agents.get(run)
            self._agents[run] = Agent(run, project, role, event.title, known.state if known else RunState.IDLE)
        elif (agent := self._agents.get(run)) is not None:
            self._agents[run] = _after(agent, event, item.time)


def _after(agent: Agent, event: Event, now: datetime) -> Agent:
    match event:
        case TurnStarted() | TurnResumed():
            return replace(agent, state=RunState.WORKING, act="starting", since=now)
        case SandboxStarted():
            return replace(agent, act="its sandbox is up", since=now)
        case StepStarted():
            return replace(agent, act="thinking", since=now)
        case ModelFailed():
            return replace(agent, act=failure(event), since=now)
        case ToolCalled():
            made = call_made(event.call, event.name, event.arguments, event.raw)
            return replace(agent, act=f"{made.verb} {made.target}".strip(), since=now)
        case CheckpointOpened():
            return replace(agent, act=" ".join(plain(f"{event.title} {event.act}").split()), since=now)
        case TurnEnded():
            act = parked(event, now) if event.outcome is Outcome.PARKED else agent.act
            return replace(agent, state=state_after(event.outcome), act=act, since=now)
        case RunDiscarded():
            return replace(agent, state=RunState.DISCARDED)
        case _:
            return agent
