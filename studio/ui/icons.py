"""Icons: glyphs of the codicon font, drawn in any colour and size."""

from __future__ import annotations

import json
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QIcon, QIconEngine, QPainter, QPixmap

# Only the font and its table are taken from the package: importing it costs more than the whole first paint.
_PACKAGE = "qtawesome"
_DISABLED_ALPHA = 0.45


def icon(name: str, color: QColor | str) -> QIcon:
    """The codicon `name` (as in its published list, `go-to-file` for example); raises KeyError for no such icon."""
    return _icon(name, QColor(color).name())


@lru_cache(maxsize=512)
def _icon(name: str, color: str) -> QIcon:
    family, glyphs = _font()
    return QIcon(_Glyph(family, chr(glyphs[name]), QColor(color)))


@lru_cache(maxsize=1)
def _font() -> tuple[str, dict[str, int]]:
    spec = find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise FileNotFoundError(f"{_PACKAGE} is missing from this installation")
    folder = Path(spec.origin).parent / "fonts"
    font = next(folder.glob("codicon-*.ttf"))
    table: dict[str, str] = json.loads(next(folder.glob("codicon-charmap-*.json")).read_text("utf-8"))
    number = QFontDatabase.addApplicationFont(str(font))
    return QFontDatabase.applicationFontFamilies(number)[0], {name: int(code, 16) for name, code in table.items()}


class _Glyph(QIconEngine):
    def __init__(self, family: str, glyph: str, color: QColor) -> None:
        super().__init__()
        self._family = family
        self._glyph = glyph
        self._color = color

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, _state: QIcon.State) -> None:
        color = QColor(self._color)
        if mode is QIcon.Mode.Disabled:
            color.setAlphaF(_DISABLED_ALPHA)
        font = QFont(self._family)
        font.setPixelSize(max(1, rect.height()))
        painter.save()
        painter.setFont(font)
        painter.setPen(color)
        painter.drawText(QRectF(rect), Qt.AlignmentFlag.AlignCenter, self._glyph)
        painter.restore()

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        pixmap = QPixmap(size)
        if pixmap.isNull():  # a bar that is laid out anew asks for icons without any room
            return pixmap
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        self.paint(painter, QRect(QPoint(0, 0), size), mode, state)
        painter.end()
        return pixmap

    def clone(self) -> QIconEngine:
        return _Glyph(self._family, self._glyph, QColor(self._color))
