"""For a task: what a new chat is for, chosen before it begins, and so whose budgets pay for it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QActionGroup, QResizeEvent
from PySide6.QtWidgets import QMenu, QSizePolicy, QToolButton

from studio.base.text import shorten
from studio.domain.briefs import NO_PURPOSE, Brief, Purpose
from studio.domain.ids import ProjectId
from studio.domain.tasks import ENDED, Task
from studio.ui.bridge import Bridge
from studio.ui.chat.composer import Composer
from studio.ui.icons import icon
from studio.ui.theme import Theme
from studio.ui.widgets.names import shown, tooltip

if TYPE_CHECKING:
    from studio.app.studio import Studio

TITLE_CHARACTERS = 60
MOST = 30
"""So many of the newest tasks, and of the newest briefs, are offered."""

NOTHING = "For no task"
_HINT = "The budgets of the task or brief pay for this chat, too."
_PADDING = 6
_ICON = 14


class ForTask(QToolButton):
    """One line above the message that says what a new chat is for, and a menu to change that.

    It is not there where the project has no brief and no task that is to be done. Choosing one puts its words into the
    message, where nothing is written yet.
    """

    def __init__(self, composer: Composer, theme: Theme) -> None:
        super().__init__(composer)
        self._theme = theme
        self._input = composer.input
        self.setObjectName("for_task")
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        # Words beside an icon begin at the left, where those of the message do.
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setIconSize(QSize(_ICON, _ICON))
        theme.changed.connect(self._dress)
        self._dress()
        self.setMenu(QMenu(self))
        self._tasks: tuple[Task, ...] = ()
        self._briefs: tuple[Brief, ...] = ()
        self._told = NOTHING
        self.purpose = NO_PURPOSE
        """What the chat is for."""
        self.hide()

    def look(self, bridge: Bridge, project: ProjectId) -> None:
        """Offers what is to be done in the project now."""
        bridge.call(
            lambda studio: _read(studio, project), lambda found: self.offer(*found), lambda _error: self.leave()
        )

    def offer(self, tasks: tuple[Task, ...], briefs: tuple[Brief, ...]) -> None:
        """Offers these; what was chosen stays chosen while it is there."""
        self._tasks = tuple(reversed([task for task in tasks if task.state not in ENDED]))[:MOST]
        self._briefs = tuple(reversed(briefs))[:MOST]
        named = {task.id for task in self._tasks} | {brief.id for brief in self._briefs}
        if not {self.purpose.task or self.purpose.brief} <= named:
            self.purpose = NO_PURPOSE
        self._show()

    def leave(self) -> None:
        """Offers nothing: the chat has begun."""
        self.offer((), ())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: D102
        super().resizeEvent(event)
        self._fit()

    def _dress(self) -> None:
        self.setIcon(icon("checklist", self._theme.color("text_muted")))

    def _choose(self, purpose: Purpose, text: str, _checked: bool = False) -> None:
        self.purpose = purpose
        if text and not self._input.toPlainText().strip():
            self._input.setPlainText(text)
        self._show()

    def _show(self) -> None:
        menu = self.menu()
        menu.clear()
        group = QActionGroup(menu)
        lines = [(NOTHING, NO_PURPOSE, "")]
        lines += [(f"For task {_named(task)}", Purpose(task=task.id), in_full(task)) for task in self._tasks]
        lines += [(f"For brief {_named(brief)}", Purpose(brief=brief.id), in_full(brief)) for brief in self._briefs]
        for words, purpose, text in lines:
            action = QAction(words.replace("&", "&&"), menu, checkable=True, checked=purpose == self.purpose)
            action.triggered.connect(partial(self._choose, purpose, text))
            group.addAction(action)
            menu.addAction(action)
            if purpose == self.purpose:
                self._told = words
        self.setAccessibleName(self._told)
        self.setToolTip(tooltip(f"{self._told}. {_HINT}"))
        self.setVisible(len(lines) > 1)
        self._fit()

    def _fit(self) -> None:
        """A narrow panel cuts the line before its end, which says that it can be changed."""
        room = self.width() - self.fontMetrics().horizontalAdvance(" ▾") - _ICON - 3 * _PADDING
        told = self.fontMetrics().elidedText(self._told, Qt.TextElideMode.ElideRight, room)
        self.setText(f"{told} ▾".replace("&", "&&"))


def in_full(wanted: Task | Brief) -> str:
    """A task or brief as a message to whoever is to do it."""
    parts = [wanted.title, wanted.text] if wanted.text else [wanted.title]
    if isinstance(wanted, Task) and wanted.checks:
        parts.append("\n".join(("It is done when:", *(f"- {check}" for check in wanted.checks))))
    return "\n\n".join(parts)


def _named(wanted: Task | Brief) -> str:
    return f"“{shown(shorten(wanted.title, TITLE_CHARACTERS))}” {wanted.id}"


async def _read(studio: Studio, project: ProjectId) -> tuple[tuple[Task, ...], tuple[Brief, ...]]:
    return await studio.board.tasks(project), await studio.briefs.list(project)
