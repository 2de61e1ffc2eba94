"""Trying again: the newest message of a chat goes to another model, which does not see the try before."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMenu, QWidget

from studio.domain.ids import RunId
from studio.domain.runs import RunState
from studio.ui.bridge import Bridge
from studio.ui.chat.chat import Chat
from studio.ui.chat.confirming import confirm
from studio.ui.chat.words import model_choice, model_title

if TYPE_CHECKING:
    from studio.app.chats import Sent

_SAYS = (
    "Your newest message is sent again, to {model}, which is not shown the try before: that is folded away, and what "
    "it cost stays counted. The files stay as they are, or, if you put them back, become what they were before the "
    "message, as a new commit on the run's branch; what lies there now is saved first. "
)
_WAITS = "What the agent asks you now is withdrawn. "
_SAFE = "Nothing is lost: every turn stays reachable."


class TryingAgain(QObject):
    """Adds its entry to the menus of chats."""

    def __init__(self, bridge: Bridge, parent: QWidget) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._parent = parent

    def offer(self, chat: Chat) -> None:
        """Lets the newest message of this chat be tried again."""
        chat.fillers.append(lambda menu, row: self._fill(chat, menu, row))

    def _fill(self, chat: Chat, menu: QMenu, row: int) -> None:
        run = chat.run
        if run is None or chat.state in (None, RunState.WORKING, RunState.DISCARDED) or not chat.items.is_newest(row):
            return
        submenu = menu.addMenu("Retry with another model")
        for name in chat.offers.models:
            if name != chat.items.model:
                title = f"{model_choice(name)}…".replace("&", "&&")
                submenu.addAction(title, partial(self._ask, chat, run, chat.items.turn_of(row), name))
        if submenu.isEmpty():
            submenu.addAction("No other model is set up: what to do…", chat.setup_requested.emit)

    def _ask(self, chat: Chat, run: RunId, turn: str, model: str) -> None:
        waits = _WAITS if chat.state is RunState.WAITING else ""
        says = f"{_SAYS.format(model=model_choice(model))}{waits}{_SAFE}"
        acts = {
            "Retry": lambda: self._retry(chat, run, turn, model, files=False),
            "Retry and put the files back": lambda: self._retry(chat, run, turn, model, files=True),
        }
        confirm(self._parent, f"Retry with {model_title(model)}", says, acts)

    def _retry(self, chat: Chat, run: RunId, turn: str, model: str, *, files: bool) -> None:
        chat.page().clear_error()
        self._bridge.call(
            lambda studio: studio.retries.retry(run, model, turn=turn, files=files),
            lambda sent: _follow(chat, sent, model),
            chat.show_error,
        )


def _follow(chat: Chat, _: Sent, model: str) -> None:
    """What is said next goes to the model that tries it now; the rest is told by the log."""
    chat.go_on_with(model)
