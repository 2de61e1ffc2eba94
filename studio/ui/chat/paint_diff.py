"""Painting of a small diff: the first lines that an edit changes, each cut where its card ends."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFontMetrics, QPainter

from studio.ui.chat.documents import Documents, Style
from studio.ui.chat.entries import CallMade, CallState
from studio.ui.theme import Theme

PREVIEW = 6
"""How many changed lines of an edit its card shows before it is opened."""

MARGIN = 5
_LINE_CHARACTERS = 300
_ALIGN = int(Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine)


class DiffPainter:
    """Lines are drawn without a document: a chat may show many edits, and scrolls past them at once."""

    def __init__(self, theme: Theme, documents: Documents) -> None:
        self._theme = theme
        self._documents = documents

    def height(self, entry: CallMade) -> int:
        """How high the lines of a call are, 0 when it is no edit or failed."""
        lines = changed_lines(entry)
        return len(lines) * self._line() + 2 * MARGIN if lines else 0

    def paint(self, painter: QPainter, rect: QRect, entry: CallMade) -> None:
        """Paints them into `rect`, which is as high as they are."""
        lines = changed_lines(entry)
        if not lines:
            return
        painter.fillRect(QRect(rect.left(), rect.top(), rect.width(), 1), self._theme.color("line"))
        painter.setFont(self._documents.font(Style.CODE))
        line = QRect(rect.left(), rect.top() + MARGIN, rect.width(), self._line())
        for text in lines:
            back = {"+": "diff_added", "-": "diff_removed"}.get(text[:1])
            if back is not None:
                painter.fillRect(line, self._theme.color(back))
            painter.setPen(self._theme.color("text" if back else "text_muted"))
            cut = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, line.width() - 6)
            painter.drawText(line.adjusted(3, 0, 0, 0), _ALIGN, cut)
            line.translate(0, line.height())

    def _line(self) -> int:
        return QFontMetrics(self._documents.font(Style.CODE)).height() + 1


def changed_lines(entry: CallMade) -> list[str]:
    """What a card shows of an edit before it is opened."""
    if not entry.is_diff or entry.state is CallState.FAILED:
        return []
    lines = entry.request.split("\n")
    changed = [line for at, line in enumerate(lines) if line[:1] in ("+", "-") and not _is_head(lines, at)]
    more = len(changed) - PREVIEW
    if more > 1:
        changed = [*changed[:PREVIEW], f"  … {more} more lines"]
    return [line[:_LINE_CHARACTERS] for line in changed]


def _is_head(lines: list[str], at: int) -> bool:
    """Whether a line of a patch names a file; a comment that begins with two dashes looks like it when taken out."""
    begin = at if lines[at].startswith("--- ") else at - 1
    head = lines[max(begin, 0) : begin + 3]
    return len(head) == 3 and all(map(str.startswith, head, ("--- ", "+++ ", "@@")))
