"""Preview joins: what is taken from a previewed page goes into the message that is being written."""

from __future__ import annotations

from PySide6.QtGui import QImage

from studio.domain.ids import RunId
from studio.ui.frame import Frame
from studio.ui.offered import chat_of, offer_words
from studio.ui.panels import Panels


def join_preview(panels: Panels, frame: Frame) -> None:
    """Pictures and words of the preview come into the composer of the chat in front, for the person to send."""

    def take_picture(run: RunId, image: QImage) -> None:
        chat = chat_of(panels, frame, run)
        if chat is not None:
            chat.page().composer.input.image_given.emit(image)

    panels.preview.picture_taken.connect(take_picture)
    panels.preview.words_offered.connect(lambda run, text: offer_words(panels, frame, run, text))
