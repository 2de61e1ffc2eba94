"""Going back: a chat's files, its messages or both return to a turn, or another run goes on from there."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QMenu, QWidget

from studio.domain.ids import RunId
from studio.domain.restores import What
from studio.domain.runs import Run
from studio.ui.bridge import Bridge
from studio.ui.chat.chat import Chat
from studio.ui.chat.confirming import confirm
from studio.ui.chat.entries import HumanSaid, Note

if TYPE_CHECKING:
    from studio.app.restoring import Restored

_SAFE = "Nothing is lost: you can take it back, and every turn stays reachable."
_TITLES = {What.FILES: "Restore files", What.CHAT: "Restore chat", What.BOTH: "Restore files and chat"}
_SAYS = {
    What.FILES: "The run's files become what they were {point}, as a new commit on its branch. "
    "What lies there now is saved first. The chat stays as it is.",
    What.CHAT: "The agent is shown the chat as it was {point}. What followed is folded away, and what it cost stays "
    "counted. The files stay as they are.",
    What.BOTH: "The run's files and its chat become what they were {point}: the files as a new commit on its branch, "
    "the messages that followed folded away.",
}
_FORK = (
    "A new run goes on from {point}, with a branch and files of its own, and the chat up to there. This run stays as "
    "it is. You may choose another model there before you send a message."
)


class GoingBack(QObject):
    """Adds its entries to the menus of chats.

    Signals:
        forked: a new run was made
    """

    forked = Signal(object)

    def __init__(self, bridge: Bridge, parent: QWidget) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._parent = parent

    def offer(self, chat: Chat) -> None:
        """Lets this chat go back."""
        chat.fillers.append(lambda menu, row: self._fill(chat, menu, row))

    def _fill(self, chat: Chat, menu: QMenu, row: int) -> None:
        run, turn, entry = chat.run, chat.items.turn_of(row), chat.items.entry(row)
        if run is None:
            return
        if isinstance(entry, Note) and entry.restored:
            menu.addAction("Take the newest restore back", partial(self._redo, chat, run))
        if not turn:
            return
        before = isinstance(entry, HumanSaid)
        point = "before this message" if before else "after this turn"
        menu.addSeparator()
        for what, title in _TITLES.items():
            ask = partial(self._ask, title, _SAYS[what].format(point=point), "Restore")
            menu.addAction(f"{title} to {point}…", partial(ask, partial(self._restore, chat, run, turn, what, before)))
        ask = partial(self._ask, "Fork this run", _FORK.format(point=point), "Fork")
        menu.addAction(f"Fork from {point}…", partial(ask, partial(self._fork, chat, run, turn, before)))

    def _ask(self, title: str, says: str, verb: str, act: Callable[[], None]) -> None:
        confirm(self._parent, title, f"{says} {_SAFE}" if verb == "Restore" else says, {verb: act})

    def _restore(self, chat: Chat, run: RunId, turn: str, what: What, before: bool) -> None:
        chat.page().clear_error()
        self._bridge.call(
            lambda studio: studio.restoring.restore(run, turn, what, before=before), _done, chat.show_error
        )

    def _redo(self, chat: Chat, run: RunId) -> None:
        chat.page().clear_error()
        self._bridge.call(lambda studio: studio.restoring.redo(run), _done, chat.show_error)

    def _fork(self, chat: Chat, run: RunId, turn: str, before: bool) -> None:
        chat.page().clear_error()
        self._bridge.call(
            lambda studio: studio.forks.fork(run, turn, before=before), partial(self._on_forked, chat), chat.show_error
        )

    def _on_forked(self, _chat: Chat, made: Run) -> None:
        """Not called when the chat was closed meanwhile, such as by another project."""
        self.forked.emit(made.id)


def _done(_: Restored) -> None:
    """The chat hears of it from the log."""
