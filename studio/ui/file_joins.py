"""File joins: the editor opens whatever file another panel names."""

from __future__ import annotations

from studio.domain.files import Place
from studio.ui.frame import Frame
from studio.ui.panels import Panels
from studio.ui.status.panel import StatusPanel


def join_files(panels: Panels, frame: Frame, status: StatusPanel) -> None:
    """Lets explorer, chat, review and palette open files; the explorer marks the one in front."""

    def open_file(place: Place, path: str, preview: bool = False, line: int = 0) -> None:
        frame.show_panel("editor")
        panels.editor.open_file(place, path, preview, line)

    def open_at(place: Place, path: str, line: int) -> None:
        open_file(place, path, line=line)

    panels.explorer.file_open_requested.connect(open_file)
    panels.review.file_open_requested.connect(open_file)
    panels.chat.file_open_requested.connect(open_at)
    panels.palette.file_requested.connect(open_at)
    panels.explorer.message_arrived.connect(status.say)
    panels.editor.current_changed.connect(panels.explorer.mark)
