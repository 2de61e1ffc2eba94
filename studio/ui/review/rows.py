"""Review rows: how branches and files are drawn in their lists."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QFont, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from studio.domain.changes import FileStatus
from studio.domain.runs import RunState
from studio.ui.review.items import BranchItems, FileItems
from studio.ui.theme import Theme
from studio.ui.widgets.names import shown

Index = QModelIndex | QPersistentModelIndex
PAD = 12

_LETTERS = {
    FileStatus.ADDED: ("A", "ok"),
    FileStatus.MODIFIED: ("M", "warn"),
    FileStatus.DELETED: ("D", "error"),
    FileStatus.RENAMED: ("R", "info"),
}
_ALIGN = int(Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine)


class _Rows(QStyledItemDelegate):
    """Background and words of a row."""

    def __init__(self, theme: Theme, parent: QObject) -> None:
        super().__init__(parent)
        self._theme = theme

    def _background(self, painter: QPainter, option: QStyleOptionViewItem) -> None:
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(option.rect, self._theme.color("selected"))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(option.rect, self._theme.color("raised"))

    def _word(
        self,
        painter: QPainter,
        rect: QRect,
        text: str,
        colour: str,
        mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
    ) -> int:
        """Draws elided text at the left; returns its width."""
        painter.setPen(self._theme.color(colour))
        elided = painter.fontMetrics().elidedText(text, mode, max(rect.width(), 0))
        painter.drawText(rect, _ALIGN, elided)
        return painter.fontMetrics().horizontalAdvance(elided)

    def _counts(self, painter: QPainter, rect: QRect, added: int, removed: int) -> int:
        """Draws +/- at the right; returns the room they took."""
        taken = 0
        for text, colour in ((f"−{removed}", "error"), (f"+{added}", "ok")):
            width = painter.fontMetrics().horizontalAdvance(text)
            self._word(painter, QRect(rect.right() - taken - width, rect.top(), width + 1, rect.height()), text, colour)
            taken += width + 6
        return taken + 6

    def _small(self) -> QFont:
        font = QFont(self._theme.ui_font())
        font.setPixelSize(self._theme.size("font_small"))
        return font


class BranchRows(_Rows):
    """Two lines: title, then branch and counts."""

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:  # noqa: D102
        return QSize(120, 46)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:  # noqa: D102
        items = index.model()
        if not isinstance(items, BranchItems):
            return
        view = items.view(index.row())
        painter.save()
        self._background(painter, option)
        inner = option.rect.adjusted(PAD, 5, -PAD, -5)
        top = QRect(inner.left(), inner.top(), inner.width(), 18)
        low = QRect(inner.left(), inner.top() + 18, inner.width(), 18)
        painter.setFont(self._theme.ui_font())
        self._word(painter, top, str(index.data()), "text")
        painter.setFont(self._small())
        low.setRight(low.right() - self._counts(painter, low, view.added, view.removed))
        working = view.run.state is RunState.WORKING
        files = f"{view.files} file{'' if view.files == 1 else 's'}"
        about = f"{'still working · ' if working else ''}{files} · {shown(view.run.branch)}"
        self._word(painter, low, about, "accent" if working else "text_muted")
        painter.restore()


class FileRows(_Rows):
    """One line: status letter, path, who runs it on someone's machine, counts."""

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:  # noqa: D102
        return QSize(120, self._theme.size("row"))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:  # noqa: D102
        items = index.model()
        if not isinstance(items, FileItems):
            return
        change = items.file(index.row())
        painter.save()
        self._background(painter, option)
        inner = option.rect.adjusted(PAD, 0, -PAD, 0)
        painter.setFont(self._small())
        letter, colour = _LETTERS[change.status]
        self._word(painter, QRect(inner.left(), inner.top(), 16, inner.height()), letter, colour)
        taken = 12 if change.binary else self._counts(painter, inner, change.added, change.removed)
        if by := items.run_by(index.row()):
            width = painter.fontMetrics().horizontalAdvance(by)
            at = QRect(inner.right() - taken - width, inner.top(), width + 1, inner.height())
            self._word(painter, at, by, "warn")
            taken += width + 6
        painter.setFont(self._theme.ui_font())
        name = inner.adjusted(20, 0, -taken, 0)
        self._word(painter, name, str(index.data()), "text", Qt.TextElideMode.ElideLeft)
        painter.restore()
