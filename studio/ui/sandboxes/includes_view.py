"""Files of the person's that a merged change of .worktreeinclude asks for: a card for each project, with a yes."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from studio.ui.widgets.act_text import ActText
from studio.ui.widgets.buttons import button
from studio.ui.widgets.labels import label
from studio.ui.widgets.names import shown

if TYPE_CHECKING:
    from studio.domain.ids import ProjectId

_LINES_SEEN = 8
_LINES_MAX = 500
"""Nobody reads more in a card; what is not shown is not agreed to."""

Asked = tuple["ProjectId", str, tuple[str, ...], str]
"""A project, its name, the lines that came (`+ `), went (`- `) and stayed, and what names the text they are of."""


class IncludesView(QWidget):
    """Signals: `agree_requested(str, str)` a project and the text that is agreed to."""

    agree_requested = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lines: dict[ProjectId, QWidget] = {}
        self._asked: tuple[Asked, ...] = ()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)
        self.hide()

    def show_asked(self, asked: tuple[Asked, ...]) -> None:
        """Shows these and no others; nothing where nobody is asked. What is shown already stays as it is read."""
        if asked == self._asked:
            return
        self._asked = asked
        for line in self.lines.values():
            self._column.removeWidget(line)
            line.hide()
            line.deleteLater()
        self.lines = {one[0]: self._card(one) for one in asked}
        for line in self.lines.values():
            self._column.addWidget(line)
        self.setVisible(bool(asked))

    def _card(self, asked: Asked) -> QWidget:
        project, name, changes, digest = asked
        is_whole = len(changes) <= _LINES_MAX
        card = QWidget()
        column = QVBoxLayout(card)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(label(asked_words(name, is_whole=is_whole), "caution", wrap=True), 1)
        column.addLayout(row)
        if is_whole:
            text = _text_of(name, changes)
            row.addWidget(self._agree(project, name, digest, text))
            column.addWidget(text)
        return card

    def _agree(self, project: ProjectId, name: str, digest: str, text: ActText) -> QWidget:
        """The yes, which can be said where the last of the lines is in sight."""
        agree = button("Put them in", partial(self.agree_requested.emit, project, digest))
        agree.setAccessibleName(f"Put these files into new workspaces of {shown(name)}")
        bar = text.verticalScrollBar()

        def follow() -> None:
            is_read = bar.value() >= bar.maximum()
            agree.setEnabled(is_read)
            agree.setToolTip(
                "New runs find these files of your checkout in their workspace, where agents can read them"
                if is_read
                else "Scroll to the last of the lines first"
            )

        bar.valueChanged.connect(follow)
        bar.rangeChanged.connect(follow)
        follow()
        return agree


def _text_of(name: str, changes: tuple[str, ...]) -> ActText:
    text = ActText(f"What was changed in .worktreeinclude of {shown(name)}")
    text.give_room(_LINES_SEEN * text.fontMetrics().lineSpacing())
    text.setPlainText("\n".join(map(shown, changes)))
    return text


def asked_words(name: str, *, is_whole: bool) -> str:
    """What is asked for, and that it waits."""
    how = (
        "+ came, - went. New workspaces get what it names once you agree."
        if is_whole
        else f"There is more of it than can be shown here. Read and agree there: studio sandbox include {name}"
    )
    return shown(f".worktreeinclude of {name} was changed, and may ask for more of your files. {how}")
