"""What services of new runs begin with, a line for each project that has data kept for them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from studio.base.text import sized
from studio.ui.widgets.buttons import button
from studio.ui.widgets.labels import label
from studio.ui.widgets.names import shown

if TYPE_CHECKING:
    from studio.domain.ids import ProjectId
    from studio.domain.service_data import ServiceData

KeptOf = tuple["ServiceData", str, str]
"""What is kept, the name of its project, and the title of the run it was copied from."""


class KeptDataView(QWidget):
    """Signals: `forget_requested(str)` a project."""

    forget_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lines: dict[ProjectId, QWidget] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)
        self.hide()

    def show_kept(self, kept: tuple[KeptOf, ...]) -> None:
        """Shows these and no others; nothing where there is none."""
        for line in self.lines.values():
            self._column.removeWidget(line)
            line.hide()
            line.deleteLater()
        self.lines = {data.project: self._line(data, project, title) for data, project, title in kept}
        for line in self.lines.values():
            self._column.addWidget(line)
        self.setVisible(bool(kept))

    def _line(self, data: ServiceData, project: str, title: str) -> QWidget:
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(label(kept_words(data, project, title), "small", wrap=True), 1)
        forget = button("Forget", partial(self.forget_requested.emit, data.project), "danger")
        forget.setAccessibleName(f"Forget the data kept for new runs of {shown(project)}")
        forget.setToolTip("Services of new runs begin empty again; runs that have their copy keep it")
        row.addWidget(forget)
        return line


def kept_words(data: ServiceData, project: str, title: str) -> str:
    """What new runs of a project begin with."""
    return shown(
        f"Services of new runs of {project} begin with a copy of what those of “{title}” kept at "
        f"{data.kept.astimezone():%Y-%m-%d %H:%M} ({sized(data.bytes)})."
    )
