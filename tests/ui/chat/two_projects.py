"""Two projects, the first with one run, and a chat panel that keeps what is not sent yet in a folder."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pytestqt.qtbot import QtBot

from studio.domain.ids import ProjectId, RunId
from studio.domain.models import ModelRef
from studio.domain.runs import Run, RunState
from studio.ui.bridge import Bridge
from studio.ui.chat.panel import ChatPanel
from studio.ui.theme import Theme
from studio.ui.window_state import WindowState

PROJECT, ELSEWHERE, RUN = ProjectId("p0000001"), ProjectId("p0000002"), RunId("r0000001")


class TwoProjects:
    """The chats door, without `send`."""

    async def runs(self, project: ProjectId) -> tuple[Run, ...]:
        now = datetime(2026, 1, 1, tzinfo=UTC)
        model = ModelRef("ollama", "qwen")
        run = Run(RUN, PROJECT, "engineer", "Old", model, "main", "a", "b", "a", now, state=RunState.IDLE)
        return (run,) if project == PROJECT else ()

    async def log(self, run: RunId, newest: int | None = None) -> tuple[Any, ...]:
        return ()


def panel_on(qtbot: QtBot, bridge: Bridge, theme: Theme, folder: Path) -> ChatPanel:
    """A panel as a window has it whose state is in that folder."""
    made = ChatPanel(bridge, theme)
    qtbot.addWidget(made.widget)
    made.drafts.use(WindowState(folder))
    made.widget.show()
    return made


def open_project(qtbot: QtBot, panel: ChatPanel, project: ProjectId = PROJECT) -> None:
    """Shows the chats of a project, and waits until one can write."""
    panel.set_project(project)
    qtbot.waitUntil(lambda: panel.current_chat is not None and panel.current_chat.page().composer.model != "")
    if project == PROJECT:
        qtbot.waitUntil(lambda: panel.strip.bar.count() == 2)
