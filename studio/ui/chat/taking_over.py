"""Taking over: whether a new chat goes on with what was handed over to its role, chosen before it begins."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QActionGroup, QResizeEvent
from PySide6.QtWidgets import QMenu, QSizePolicy, QToolButton, QWidget

from studio.base.text import shorten
from studio.domain.ids import ProjectId
from studio.domain.takeovers import WaitingWork
from studio.ui.bridge import Bridge
from studio.ui.chat.words import role_title
from studio.ui.widgets.names import shown, tooltip

TITLE_CHARACTERS = 40
WITHOUT = "Start without it"
_PADDING = 6


class TakingOver(QToolButton):
    """One line above the message that says what a new chat goes on with, and a menu to change that.

    Nothing is there where no work waits for the role. What started from another branch than the one that is checked
    out is gone on with only when the person says so.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("taking_over")
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setMenu(QMenu(self))
        self.menu().setToolTipsVisible(True)
        self._waiting: tuple[WaitingWork, ...] = ()
        self._role = ""
        self._chosen: WaitingWork | None = None
        self._refused: set[str] = set()
        self._told = ""
        self.hide()

    @property
    def work(self) -> str:
        """The run whose work is gone on with, empty for none."""
        return self._chosen.giver.id if self._chosen is not None else ""

    def look(self, bridge: Bridge, project: ProjectId) -> None:
        """Offers what waits in the project now."""
        bridge.call(
            lambda studio: studio.handovers.waiting(project), self.show_waiting, lambda _error: self.show_waiting(())
        )

    def show_waiting(self, waiting: tuple[WaitingWork, ...]) -> None:
        """Offers this; what was chosen stays chosen while it waits."""
        kept = self.work
        self._waiting = waiting
        self._offer(kept)

    def set_role(self, role: str) -> None:
        """Offers what waits for this role."""
        if role != self._role:
            self._role = role
            self._offer("")

    def _offer(self, kept: str) -> None:
        mine = self._mine
        usual = next((each for each in mine if each.here and each.giver.id not in self._refused), None)
        self._chosen = next((each for each in mine if each.giver.id == kept), usual)
        self._show()

    @property
    def _mine(self) -> tuple[WaitingWork, ...]:
        return tuple(each for each in self._waiting if each.role == self._role)

    def _choose(self, work: WaitingWork | None, _checked: bool = False) -> None:
        self._refused = {each.giver.id for each in self._mine} if work is None else set()
        self._chosen = work
        self._show()

    def _show(self) -> None:
        mine, chosen = self._mine, self._chosen
        self.setVisible(bool(mine))
        if not mine:
            return
        self._told = f"Goes on with {_named(chosen)}" if chosen is not None else f"Starts without {_all(mine)}"
        self.setToolTip(tooltip(f"{self._told}. {_about(chosen or mine[0])}"))
        self.setAccessibleName(self._told)
        self._fit()
        self._fill(mine)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: D102
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """A narrow panel cuts the line before its end, which says that it can be changed."""
        room = self.width() - self.fontMetrics().horizontalAdvance(" ▾") - 2 * _PADDING
        told = self.fontMetrics().elidedText(self._told, Qt.TextElideMode.ElideRight, room)
        self.setText(f"{told} ▾".replace("&", "&&"))

    def _fill(self, mine: tuple[WaitingWork, ...]) -> None:
        menu = self.menu()
        menu.clear()
        group = QActionGroup(menu)
        lines: list[tuple[str, WaitingWork | None]] = [(f"Go on with {_named(each)}", each) for each in mine]
        for words, work in [*lines, (WITHOUT, None)]:
            action = QAction(words.replace("&", "&&"), menu, checkable=True, checked=work is self._chosen)
            if work is not None:
                action.setToolTip(tooltip(_about(work)))
            action.triggered.connect(partial(self._choose, work))
            group.addAction(action)
            menu.addAction(action)


def _named(work: WaitingWork) -> str:
    count = f"{work.files or 'no'} {'file' if work.files == 1 else 'files'}"
    branch = "" if work.here else f", from {shown(work.giver.base_branch) or 'a detached HEAD'}"
    return f"the work of {role_title(work.giver.role)} {work.giver.id} ({count}{branch})"


def _all(mine: tuple[WaitingWork, ...]) -> str:
    return _named(mine[0]) if len(mine) == 1 else f"the work of {len(mine)} runs"


def _about(work: WaitingWork) -> str:
    title = shown(shorten(work.giver.title, TITLE_CHARACTERS))
    return f"“{title}” of run {work.giver.id}, handed over to this role. It is not merged yet: look at it in Review."
