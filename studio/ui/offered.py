"""Offered: what is taken from the app of one run comes into the message to that run that is being written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio.domain.ids import RunId
from studio.ui.frame import Frame
from studio.ui.panels import Panels

if TYPE_CHECKING:
    from studio.ui.chat.chat import Chat


def chat_of(panels: Panels, frame: Frame, run: RunId) -> Chat | None:
    """The chat of this run, brought to the front, if it is the one a person looks at.

    What is another run's by now is dropped: it would be sent to an agent that knows nothing of that app.
    """
    if panels.chat.current_run != run:
        return None
    frame.show_panel("chat")
    return panels.chat.current_chat


def offer_words(panels: Panels, frame: Frame, run: RunId, text: str) -> None:
    """Puts words into the composer of this run, for the person to send."""
    chat = chat_of(panels, frame, run)
    if chat is not None:
        chat.page().composer.input.add(text, with_keyboard=True)
