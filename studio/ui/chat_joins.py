"""Chat joins: what the chat asks of other panels."""

from __future__ import annotations

from studio.ui.editor.inserting import insert
from studio.ui.frame import Frame
from studio.ui.panels import Panels
from studio.ui.status.panel import StatusPanel


def join_chat(panels: Panels, frame: Frame, status: StatusPanel) -> None:
    """Lets code of a chat be opened and applied."""

    def show_text(title: str, text: str, language: str) -> None:
        frame.show_panel("editor")
        panels.editor.show_text(title, text, language)

    def apply(code: str) -> None:
        frame.show_panel("editor")
        status.say(insert(panels.editor.view.current, code))

    panels.chat.text_open_requested.connect(show_text)
    panels.chat.apply_requested.connect(apply)
