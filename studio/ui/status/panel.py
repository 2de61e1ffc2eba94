"""The status panel: follows the current run and what was spent today."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from studio.domain.budgets import alerted
from studio.domain.events import (
    BudgetAlerted,
    Delta,
    Recorded,
    RunStarted,
    UsageRecorded,
)
from studio.domain.ids import ProjectId, RunId
from studio.domain.models import ModelRef
from studio.domain.money import NanoUsd, show
from studio.domain.projects import Project
from studio.domain.runs import Run
from studio.ui.bridge import Bridge
from studio.ui.status.budget import BudgetItem
from studio.ui.status.engine import EngineItem
from studio.ui.status.sandbox import SandboxItem
from studio.ui.status.view import StatusView
from studio.ui.theme import Theme

if TYPE_CHECKING:
    from studio.app.studio import Studio

MESSAGE_MILLISECONDS = 6000
_EXPLAINS = {
    "project": "home",
    "branch": "review",
    "container_engine": "home",
    "engine": "activity",
    "model": "chat",
    "budget": "usage",
    "cost": "usage",
}
_COST_SETTLE_MILLISECONDS = 300


class StatusPanel(QObject):
    """The line at the foot of the window.

    Signals: `panel_requested(str)` the panel that explains the item which was pressed; `sandboxes_requested()` the page
    of sandboxes does.
    """

    panel_requested = Signal(str)
    sandboxes_requested = Signal()

    def __init__(self, bridge: Bridge, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._run: RunId | None = None
        self._attached = False
        self.view = StatusView(theme)
        self._project: ProjectId | None = None
        self.budget = BudgetItem(bridge, theme, self.view)
        self.engine = EngineItem(bridge, theme, self.view)
        self.engine.said.connect(self.say)
        self.sandbox = SandboxItem(bridge, self.view)
        self.view.item_pressed.connect(self._explain)
        self._forget = QTimer(self, singleShot=True, interval=MESSAGE_MILLISECONDS)
        self._forget.timeout.connect(partial(self.view.message.set_text, ""))
        self._cost_due = QTimer(self, singleShot=True, interval=_COST_SETTLE_MILLISECONDS)
        self._cost_due.timeout.connect(self._read_cost)
        bridge.ready.connect(self._read_cost)
        bridge.ready.connect(self._read_engine)

    @property
    def bar(self) -> QWidget:
        """What the main window puts below its title: hidden while the container engine can be used."""
        return self.engine.bar

    @property
    def widget(self) -> QWidget:
        """What the main window puts at its foot."""
        return self.view

    def show_project(self, project: Project | None) -> None:
        """Names the open project and forgets the run."""
        self._project = project.id if project else None
        self.view.say("project", project.name if project else "", "Show all projects")
        self.show_run(None)

    def show_run(self, run: RunId | None) -> None:
        """Follows another run."""
        self._run = run
        self.budget.follow(self._project, run)
        self.sandbox.follow(run)
        if run is None:
            self.view.say("branch", "")
            self.view.say("model", "")
            return
        self._bridge.call(lambda studio: studio.chats.run(run), self._show_facts)

    def say(self, sentence: str) -> None:
        """Shows a sentence for a few seconds."""
        self.view.message.set_text(sentence)
        self._forget.start()

    def apply(self, events: Iterable[Recorded | Delta]) -> None:
        """Takes in what sandboxes and models did, and says which budget runs out."""
        events = list(events)
        self.budget.apply(events)
        self.engine.apply(events)
        self.sandbox.apply(events)
        for recorded in events:
            if not isinstance(recorded, Recorded):
                continue
            if isinstance(recorded.event, BudgetAlerted):
                self.say(alerted(recorded.event))
            if isinstance(recorded.event, UsageRecorded):
                self._cost_due.start()
            if isinstance(recorded.event, RunStarted) and recorded.run is not None and recorded.run == self._run:
                self.show_run(recorded.run)

    def _explain(self, item: str) -> None:
        if item == "sandbox":
            self.sandboxes_requested.emit()
        else:
            self.panel_requested.emit(_EXPLAINS[item])

    def _show_facts(self, run: Run) -> None:
        if run.id == self._run:
            self.view.say("branch", run.branch, "Review this branch")
            self.view.say("model", _model_words(run.model), "Show the agent")

    def _read_engine(self) -> None:
        self._bridge.call(_is_attached, self._show_engine)

    def _show_engine(self, attached: bool) -> None:
        if attached and not self._attached:
            # Answered when the other process has ended; that this one cannot take over is said as any error is.
            self._bridge.call(lambda studio: studio.own_engine(), lambda _: self._show_engine(False))
        self._attached = attached
        self.sandbox.read()
        words = "another Studio does the work" if attached else ""
        self.view.say("engine", words, "This window shows what that process does; agents go on when this one is closed")

    def _read_cost(self) -> None:
        self._bridge.call(
            lambda studio: studio.usage.today(),
            lambda today: self._show_cost(today.cost_nusd, today.input + today.output, today.unpriced),
        )

    def _show_cost(self, cost_nusd: int, tokens: int, unpriced: int) -> None:
        more = f" + {unpriced} unpriced" if unpriced else ""
        self.view.say("cost", f"today {show(NanoUsd(cost_nusd))}{more}", f"{tokens:,} tokens today. Show usage")


async def _is_attached(studio: Studio) -> bool:
    return studio.attached


def _model_words(model: ModelRef) -> str:
    return "scripted, no AI" if model.provider == "scripted" else str(model)
