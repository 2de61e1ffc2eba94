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
        self._kept: dict[ProjectId, KeptOf] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)
        self.hide()

    def show_kept(self, kept: tuple[KeptOf, ...]) -> None:
        """Shows these and no others; nothing where there is none."""
        self._kept = {one[0].project: one for one in kept}
        for line in self.lines.values():
            self._column.removeWidget(line)
            line.hide()
            line.deleteLater()
        self.lines = {data.project: self._line(data, project, title) for data, project, title in kept}
        for line in self.lines.values():
            self._column.addWidget(line)
        self.setVisible(bool(kept))

    def of(self, project: ProjectId) -> KeptOf | None:
        """What is shown as kept for a project."""
        return self._kept.get(project)

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
    return shown(f"Services of new runs of {project} begin with a copy of what those of {_copied(data, title)}.")


def forget_words(kept: KeptOf) -> str:
    """What goes when that is forgotten, and what does not."""
    data, _, title = kept
    return shown(
        f"The copy of what services of {_copied(data, title)} is deleted for good. Services of new runs begin "
        "empty again; runs that have their copy keep it."
    )


def keep_words(replaced: KeptOf | None) -> str:
    """What goes when a run's data are kept in the place of what is kept now."""
    ends = "This ends its sandbox for the time of the copy, with all that runs in it."
    if replaced is None:
        return ends
    data, _, title = replaced
    return shown(f"{ends} The copy kept now, of what services of {_copied(data, title)}, is deleted for good.")


def _copied(data: ServiceData, title: str) -> str:
    return f"“{title}” kept at {data.kept.astimezone():%Y-%m-%d %H:%M} ({sized(data.bytes)})"
