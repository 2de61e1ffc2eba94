"""Painting of tool calls: a one-line card that opens to show its input and output."""

from __future__ import annotations

import re

from PySide6.QtCore import QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPen

from studio.base.text import shorten
from studio.ui.chat.chips import Chip, chips, paint_chip
from studio.ui.chat.documents import Documents, Style
from studio.ui.chat.entries import CallMade, CallState
from studio.ui.chat.paint_diff import DiffPainter
from studio.ui.chat.paint_text import MARGIN, PADDING
from studio.ui.chat.spots import Spot, SpotKind
from studio.ui.chat.words import duration
from studio.ui.icons import icon
from studio.ui.theme import Theme

GAP = 4
HEADER = 30
ICON = 14
LINES = 120
LEAST_MILLISECONDS = 5.0
"""How many lines of input, and of output, an opened card shows."""

_TIME = re.compile(r" in [\d.]+ ?s(econds?)?$")
_ALIGN = int(Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine)


class CallPainter:
    """Heights, painting and clickable spots of tool cards; widths and positions are in pixels."""

    def __init__(self, theme: Theme, documents: Documents) -> None:
        self._theme = theme
        self._documents = documents
        self._diffs = DiffPainter(theme, documents)

    def height(self, entry: CallMade, opened: bool, width: int) -> int:
        """The exact height of the row at `width`."""
        closed = HEADER + 2 * GAP
        if not opened:
            return closed + self._diffs.height(entry)
        room = width - 2 * MARGIN - 2 * PADDING
        return closed + sum(self._documents.height(style, text, room) + PADDING for style, text in _parts(entry))

    def spot(self, entry: CallMade, opened: bool, rect: QRect, position: QPoint) -> Spot | None:
        """The card's line folds and unfolds, and so does what it shows of an edit; a file's chip opens the file."""
        below = position.y() - rect.top()
        if below < GAP or (opened and below > GAP + HEADER):
            return None
        for chip in self._chips(entry, _line(rect)):
            if chip.path and chip.rect.contains(position):
                return Spot(SpotKind.FILE, chip.path)
        return Spot(SpotKind.FOLD)

    def paint(self, painter: QPainter, rect: QRect, entry: CallMade, opened: bool) -> None:
        """Paints the row into `rect`."""
        box = QRectF(rect).adjusted(MARGIN + 0.5, GAP + 0.5, -MARGIN - 0.5, -GAP - 0.5)
        painter.setPen(QPen(self._theme.color("line"), 1))
        painter.setBrush(self._theme.color("surface"))
        radius = self._theme.size("radius")
        painter.drawRoundedRect(box, radius, radius)
        line = _line(rect)
        self._paint_line(painter, line, entry)
        if opened:
            self._paint_parts(painter, line, _parts(entry))
        else:
            self._diffs.paint(painter, line.translated(0, HEADER), entry)

    def _paint_line(self, painter: QPainter, line: QRect, entry: CallMade) -> None:
        middle = line.top() + (HEADER - ICON) // 2
        icon(entry.icon, self._theme.color("text_muted")).paint(painter, QRect(line.left(), middle, ICON, ICON))
        small = self._documents.font(Style.SMALL)
        text, colour = _end(entry)
        end = self._end_left(entry, line)
        self._word(painter, text, colour, small, QRect(end, line.top(), line.right() - end + 1, HEADER))
        left = line.left() + ICON + 8
        self._word(painter, entry.verb, "text", self._bold(), QRect(left, line.top(), end - 8 - left, HEADER))
        target = self._target_rect(entry, line)
        chips = self._chips(entry, line)
        for chip in chips:
            paint_chip(painter, chip, small, self._theme)
        if chips:
            left = chips[-1].rect.right()
        else:
            font = self._documents.font(Style.CODE if entry.code else Style.TEXT)
            left = target.left() + self._word(painter, entry.target, "text", font, target)
        for text, colour in _counts(entry):
            spot = QRect(left + 8, line.top(), end - left, HEADER)
            left += self._word(painter, text, colour, small, spot) + 8

    def _end_left(self, entry: CallMade, line: QRect) -> int:
        """Where state and duration begin, which stand at the right."""
        width = _width(self._documents.font(Style.SMALL), _end(entry)[0])
        return line.right() - min(width, line.width() // 2)

    def _target_rect(self, entry: CallMade, line: QRect) -> QRect:
        """Where what the call is about has room: between its verb and the counts of its lines."""
        left = line.left() + ICON + 8 + _width(self._bold(), entry.verb) + 8
        counts = sum(_width(self._documents.font(Style.SMALL), text) + 8 for text, _ in _counts(entry))
        return QRect(left, line.top(), max(self._end_left(entry, line) - 8 - counts - left, 0), HEADER)

    def _chips(self, entry: CallMade, line: QRect) -> list[Chip]:
        if not entry.files:
            return []
        return chips(
            [(path, path) for path in entry.files], self._documents.font(Style.SMALL), self._target_rect(entry, line)
        )

    def _paint_parts(self, painter: QPainter, line: QRect, parts: list[tuple[Style, str]]) -> None:
        top = line.top() + HEADER
        for style, text in parts:
            painter.fillRect(QRect(line.left(), top, line.width(), 1), self._theme.color("line"))
            document = self._documents.get(style, text, line.width())
            clip = QRectF(line.left(), top, line.width(), document.size().height() + PADDING)
            self._documents.draw(painter, document, line.left(), top + PADDING // 2, "text", clip)
            top += int(document.size().height() + 0.5) + PADDING

    def _word(self, painter: QPainter, text: str, colour: str, font: QFont, rect: QRect) -> int:
        """Draws elided text; returns the width it took."""
        painter.setFont(font)
        painter.setPen(self._theme.color(colour))
        elided = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, max(rect.width(), 0))
        painter.drawText(rect, _ALIGN, elided)
        return painter.fontMetrics().horizontalAdvance(elided)

    def _bold(self) -> QFont:
        font = QFont(self._documents.font(Style.TEXT))
        font.setWeight(QFont.Weight.DemiBold)
        return font


def _line(rect: QRect) -> QRect:
    """Where a card's line stands in its row."""
    return QRect(rect.left() + MARGIN + PADDING, rect.top() + GAP, rect.width() - 2 * (MARGIN + PADDING), HEADER)


def _counts(entry: CallMade) -> list[tuple[str, str]]:
    """Lines that an edit added and removed, each with its colour."""
    counts = [(f"+{entry.added}", "ok", entry.added), (f"−{entry.removed}", "error", entry.removed)]
    return [(text, colour) for text, colour, count in counts if count]


def _end(entry: CallMade) -> tuple[str, str]:
    """What a card says at its right, and in which colour."""
    match entry.state:
        case CallState.ASKED:
            return "…", "text_muted"
        case CallState.RUNNING:
            return "running", "accent"
        case CallState.FAILED:
            # What was cut off has no time of its own.
            took = f" · {duration(entry.milliseconds)}" if entry.milliseconds >= LEAST_MILLISECONDS else ""
            return f"✗ {entry.summary or 'failed'}{took}", "error"
        case CallState.DONE:
            if entry.code and entry.summary:
                # Many test runners end with the time they took: one time is enough.
                return f"{_TIME.sub('', entry.summary)} · {duration(entry.milliseconds)}", "ok"
            return f"✓ {duration(entry.milliseconds)}", "text_muted"


def _parts(entry: CallMade) -> list[tuple[Style, str]]:
    """What an opened card shows: what was asked, then what came of it."""
    style = Style.DIFF if entry.is_diff else Style.CODE
    parts = [(style, _bounded(entry.request)), (Style.CODE, _bounded(entry.output))]
    return [(style, text) for style, text in parts if text]


def _bounded(text: str) -> str:
    lines = text.strip("\n").split("\n")
    if len(lines) > LINES:
        cut = len(lines) - LINES
        lines = [*lines[: LINES // 2], f"… {cut} lines left out …", *lines[-LINES // 2 :]]
    return shorten("\n".join(lines), 16_000)


def _width(font: QFont, text: str) -> int:
    return QFontMetrics(font).horizontalAdvance(text)
