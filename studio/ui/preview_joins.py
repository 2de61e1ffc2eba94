"""Preview joins: what is taken from a previewed page goes into the message that is being written."""

from __future__ import annotations

from PySide6.QtGui import QImage

from studio.ui.frame import Frame
from studio.ui.panels import Panels


def join_preview(panels: Panels, frame: Frame) -> None:
    """Pictures and words of the preview come into the composer of the chat in front, for the person to send."""

    def take_picture(image: QImage) -> None:
        frame.show_panel("chat")
        if panels.chat.current_chat is not None:
            panels.chat.current_chat.page().composer.input.image_given.emit(image)

    def take_words(text: str) -> None:
        frame.show_panel("chat")
        if panels.chat.current_chat is not None:
            panels.chat.current_chat.page().composer.input.add(text, with_keyboard=True)

    panels.preview.picture_taken.connect(take_picture)
    panels.preview.words_offered.connect(take_words)
