"""Files of the person's that a merged change of .worktreeinclude asks for: a line for each project, with a yes."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from studio.ui.widgets.buttons import button
from studio.ui.widgets.labels import label
from studio.ui.widgets.names import shown

if TYPE_CHECKING:
    from studio.domain.ids import ProjectId

_NAMED = 8

Asked = tuple["ProjectId", str, tuple[str, ...], str]
"""A project, its name, the lines that nobody agreed to, and what names the text they are of."""


class IncludesView(QWidget):
    """Signals: `agree_requested(str, str)` a project and the text that is agreed to."""

    agree_requested = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lines: dict[ProjectId, QWidget] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)
        self.hide()

    def show_asked(self, asked: tuple[Asked, ...]) -> None:
        """Shows these and no others; nothing where nobody is asked."""
        for line in self.lines.values():
            self._column.removeWidget(line)
            line.hide()
            line.deleteLater()
        self.lines = {one[0]: self._line(one) for one in asked}
        for line in self.lines.values():
            self._column.addWidget(line)
        self.setVisible(bool(asked))

    def _line(self, asked: Asked) -> QWidget:
        project, name, lines, digest = asked
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(label(asked_words(name, lines), "caution", wrap=True), 1)
        agree = button("Put them in", partial(self.agree_requested.emit, project, digest))
        agree.setAccessibleName(f"Put these files into new workspaces of {shown(name)}")
        agree.setToolTip("New runs find these files of your checkout in their workspace, where agents can read them")
        row.addWidget(agree)
        return line


def asked_words(name: str, lines: tuple[str, ...]) -> str:
    """What is asked for, and that it waits."""
    more = f" and {len(lines) - _NAMED} more" if len(lines) > _NAMED else ""
    return shown(
        f".worktreeinclude of {name} was changed, and asks for more of your files: {', '.join(lines[:_NAMED])}{more}. "
        "New workspaces get them once you agree."
    )
