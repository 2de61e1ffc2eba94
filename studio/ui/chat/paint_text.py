"""Painting of what is said: bubbles, agent messages, notes and turn footers."""

from __future__ import annotations

from typing import assert_never

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPen

from studio.ui.chat.chips import Chip, chips, paint_chip
from studio.ui.chat.documents import Documents, Style
from studio.ui.chat.entries import AgentSaid, HumanSaid, Note, TurnFooter
from studio.ui.chat.spots import Spot, SpotKind
from studio.ui.chat.words import footer
from studio.ui.theme import Theme

MARGIN = 14
GAP = 6
PADDING = 11
CHIPS = 28
"""How high the line of chips in a bubble is."""

Said = HumanSaid | AgentSaid | Note | TurnFooter


class TextPainter:
    """Heights, painting and clickable spots of text rows; widths and positions are in pixels."""

    def __init__(self, theme: Theme, documents: Documents) -> None:
        self._theme = theme
        self._documents = documents

    def height(self, entry: Said, opened: bool, width: int) -> int:
        """The exact height of the row at `width`."""
        room = width - 2 * MARGIN
        match entry:
            case HumanSaid():
                chips = CHIPS if entry.chips else 0
                text = self._documents.height(Style.TEXT, entry.text, room - 2 * PADDING)
                return text + chips + 2 * (PADDING - 2) + 2 * GAP
            case AgentSaid():
                return self._body_top(entry, opened, room) + self._body_height(entry, room) + GAP
            case Note():
                return self._documents.height(Style.SMALL, _note(entry, opened), room) + 2 * GAP
            case TurnFooter():
                return self._line() + 2 * GAP + 4
            case _:
                assert_never(entry)

    def paint(self, painter: QPainter, rect: QRect, entry: Said, opened: bool) -> None:
        """Paints the row into `rect`."""
        inner = rect.adjusted(MARGIN, 0, -MARGIN, 0)
        match entry:
            case HumanSaid():
                self._paint_bubble(painter, inner, entry)
            case AgentSaid():
                self._paint_message(painter, inner, entry, opened)
            case Note():
                self._draw(painter, Style.SMALL, _note(entry, opened), inner.translated(0, GAP), entry.tone.value)
            case TurnFooter():
                self._small(painter, inner.translated(0, GAP), footer(entry))
            case _:
                assert_never(entry)

    def spot(self, entry: Said, opened: bool, rect: QRect, position: QPoint) -> Spot | None:
        """What can be clicked at `position`, which is in the coordinates of `rect`."""
        inner = rect.adjusted(MARGIN, 0, -MARGIN, 0)
        if isinstance(entry, TurnFooter):
            return Spot(SpotKind.REVIEW, entry.turn) if entry.files else None
        if isinstance(entry, HumanSaid):
            paths = (chip.path for chip in self._chips(entry, inner) if chip.rect.contains(position))
            return next((Spot(SpotKind.FILE, path) for path in paths if path), None)
        if isinstance(entry, Note):
            return Spot(SpotKind.FOLD) if entry.folds else None
        below = position.y() - rect.top()
        if entry.thinking and self._header_height(entry) <= below < self._header_height(entry) + self._line() + GAP:
            return Spot(SpotKind.FOLD)
        top = self._body_top(entry, opened, inner.width())
        if below < top or not entry.text:
            return None
        return self._link(entry, inner, QPointF(position.x() - inner.left(), below - top))

    def _link(self, entry: AgentSaid, inner: QRect, point: QPointF) -> Spot | None:
        document = self._documents.get(Style.MARKDOWN, entry.text, inner.width())
        return self._documents.spot(entry.text, document.documentLayout().anchorAt(point))

    def _paint_bubble(self, painter: QPainter, inner: QRect, entry: HumanSaid) -> None:
        box = QRectF(inner).adjusted(0.5, GAP + 0.5, -0.5, -GAP - 0.5)
        painter.setPen(QPen(self._theme.color("line"), 1))
        painter.setBrush(self._theme.color("raised"))
        radius = self._theme.size("radius")
        painter.drawRoundedRect(box, radius, radius)
        text = inner.adjusted(PADDING, GAP + PADDING - 2, -PADDING, 0)
        self._draw(painter, Style.TEXT, entry.text, text, "text")
        for chip in self._chips(entry, inner):
            paint_chip(painter, chip, self._documents.font(Style.SMALL), self._theme)

    def _chips(self, entry: HumanSaid, inner: QRect) -> list[Chip]:
        """What the person refers to, in a line at the bottom of their bubble."""
        if not entry.chips:
            return []
        top = inner.bottom() - GAP - PADDING + 4 - CHIPS
        line = QRect(inner.left() + PADDING, top, inner.width() - 2 * PADDING, CHIPS)
        return chips(entry.chips, self._documents.font(Style.SMALL), line)

    def _paint_message(self, painter: QPainter, inner: QRect, entry: AgentSaid, opened: bool) -> None:
        if entry.header:
            self._small(painter, inner.translated(0, 2 * GAP), entry.header)
        if entry.thinking:
            line = inner.translated(0, self._header_height(entry))
            self._small(painter, line, "▾ Thinking" if opened else "▸ Thought about it")
            if opened:
                body = line.adjusted(PADDING, self._line() + GAP, 0, 0)
                height = self._documents.height(Style.SMALL, entry.thinking, body.width())
                painter.fillRect(QRect(line.left() + 3, body.top(), 2, height), self._theme.color("line"))
                self._draw(painter, Style.SMALL, entry.thinking, body, "text_muted")
        if entry.text:
            body = inner.translated(0, self._body_top(entry, opened, inner.width()))
            self._draw(painter, Style.MARKDOWN, entry.text, body, "text")

    def _body_top(self, entry: AgentSaid, opened: bool, room: int) -> int:
        top = self._header_height(entry)
        if entry.thinking:
            top += self._line() + GAP
            if opened:
                top += self._documents.height(Style.SMALL, entry.thinking, room - PADDING) + GAP
        return top

    def _body_height(self, entry: AgentSaid, room: int) -> int:
        return self._documents.height(Style.MARKDOWN, entry.text, room) if entry.text else 0

    def _header_height(self, entry: AgentSaid) -> int:
        return 2 * GAP + self._line() + 4 if entry.header else GAP

    def _line(self) -> int:
        return QFontMetrics(self._documents.font(Style.SMALL)).height()

    def _small(self, painter: QPainter, rect: QRect, text: str) -> None:
        painter.setFont(self._documents.font(Style.SMALL))
        painter.setPen(self._theme.color("text_muted"))
        line = QRect(rect.left(), rect.top(), rect.width(), self._line())
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, line.width())
        painter.drawText(line, int(Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine), shown)

    def _draw(self, painter: QPainter, style: Style, text: str, rect: QRect, colour: str) -> None:
        document = self._documents.see(style, text, rect.width())
        clip = QRectF(painter.clipBoundingRect()) if painter.hasClipping() else QRectF(rect.adjusted(0, 0, 0, 1 << 16))
        self._documents.draw(painter, document, rect.left(), rect.top(), colour, clip)


def _note(entry: Note, opened: bool) -> str:
    if not entry.folds:
        return entry.text
    return f"{entry.text} {'▾ Fold it away again' if opened else '▸ Show what followed'}"
