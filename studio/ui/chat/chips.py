"""Chips: the files that a tool call touched, each in a small frame that opens it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPen

from studio.ui.theme import Theme
from studio.ui.widgets.names import shown

MOST = 3
"""So many chips a card shows in any case, cut where they must be; its menu has all files."""

MOST_WHOLE = 8
"""So many it shows where all their names have room."""

HEIGHT = 20
GAP = 6
PADDING = 7
LEAST = 28


@dataclass(frozen=True, slots=True)
class Chip:
    """One of them: what it opens, nothing for “+2”, what it says, and where it is."""

    path: str
    text: str
    rect: QRect


def chips(wanted: Sequence[tuple[str, str]], font: QFont, line: QRect) -> list[Chip]:
    """The chips of a card within its line, made of paths and what each says.

    Long names are cut in their middle so that all have room.
    """
    metrics = QFontMetrics(font)
    named = [(path, shown(text)) for path, text in wanted[:MOST_WHOLE]]
    fitting = min(MOST, len(named))
    while fitting < len(named) and _width([*named[: fitting + 1], *_more(wanted, fitting + 1)], metrics) < line.width():
        fitting += 1
    named = [*named[:fitting], *_more(wanted, fitting)]
    made: list[Chip] = []
    left = line.left()
    for at, (path, name) in enumerate(named):
        share = (line.right() - left - GAP * (len(named) - at - 1)) // (len(named) - at)
        if share < LEAST:
            break
        text = metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, share - 2 * PADDING)
        width = metrics.horizontalAdvance(text) + 2 * PADDING
        made.append(Chip(path, text, QRect(left, line.center().y() - HEIGHT // 2, width, HEIGHT)))
        left += width + GAP
    return made


def _more(wanted: Sequence[tuple[str, str]], count: int) -> list[tuple[str, str]]:
    """The chip that counts those which are left out."""
    return [("", f"+{len(wanted) - count}")] if len(wanted) > count else []


def _width(named: Sequence[tuple[str, str]], metrics: QFontMetrics) -> int:
    return sum(metrics.horizontalAdvance(text) + 2 * PADDING + GAP for _path, text in named) - GAP


def paint_chip(painter: QPainter, chip: Chip, font: QFont, theme: Theme) -> None:
    """Draws one."""
    painter.setPen(QPen(theme.color("line"), 1))
    painter.setBrush(theme.color("raised"))
    radius = theme.size("radius") / 2
    painter.drawRoundedRect(QRectF(chip.rect).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
    painter.setFont(font)
    painter.setPen(theme.color("accent" if chip.path else "text_muted"))
    painter.drawText(chip.rect, int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextSingleLine), chip.text)
