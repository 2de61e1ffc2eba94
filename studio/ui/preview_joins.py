"""Preview joins: what is taken from a previewed page goes into the message that is being written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QImage

from studio.domain.ids import RunId
from studio.ui.frame import Frame
from studio.ui.panels import Panels

if TYPE_CHECKING:
    from studio.ui.chat.chat import Chat


def join_preview(panels: Panels, frame: Frame) -> None:
    """Pictures and words of the preview come into the composer of the chat in front, for the person to send."""

    def chat_of(run: RunId) -> Chat | None:
        # What is another run's by now is dropped: it would be sent to an agent that knows nothing of that page.
        if panels.chat.current_run != run:
            return None
        frame.show_panel("chat")
        return panels.chat.current_chat

    def take_picture(run: RunId, image: QImage) -> None:
        chat = chat_of(run)
        if chat is not None:
            chat.page().composer.input.image_given.emit(image)

    def take_words(run: RunId, text: str) -> None:
        chat = chat_of(run)
        if chat is not None:
            chat.page().composer.input.add(text, with_keyboard=True)

    panels.preview.picture_taken.connect(take_picture)
    panels.preview.words_offered.connect(take_words)
