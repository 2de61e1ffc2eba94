"""Documents: laid-out texts of a chat, kept while they are near the eye."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QRectF, QUrl
from PySide6.QtGui import (
    QAbstractTextDocumentLayout,
    QFont,
    QPainter,
    QPalette,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextOption,
)

from studio.ui.chat.colouring import Colouring
from studio.ui.chat.markdown import Markdown, Rendered
from studio.ui.chat.spots import Spot, spot_at, spots_of_code
from studio.ui.theme import Theme

KEPT = 96
KEPT_CHARACTERS = 120_000
"""As many texts are kept, and as long ones together; a laid-out character takes about a hundred bytes."""

MARKED_MOST = 100
"""How many marked words one text shows."""

INDENT = 20
LINE_PERCENT = 118


class Style(StrEnum):
    """How a text is set."""

    MARKDOWN = "markdown"
    TEXT = "text"
    SMALL = "small"
    CODE = "code"
    DIFF = "diff"


class SafeDocument(QTextDocument):
    """A text that loads nothing, whatever is written in it."""

    def loadResource(self, kind: int, name: QUrl | str) -> object:  # noqa: D102
        return None


@dataclass(slots=True)
class _Kept:
    document: SafeDocument
    rendered: Rendered
    seen: bool = False


class Documents:
    """Makes documents on demand and keeps the newest used; `clear` when fonts or colours change."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self._markdown = Markdown(theme)
        self.colouring = Colouring(theme)
        self._kept: OrderedDict[tuple[Style, str], _Kept] = OrderedDict()
        self._characters = 0
        self.marked = ""
        # Asking the font database at every word that is painted is slow.
        self._fonts: dict[Style, QFont] = {}

    def clear(self) -> None:
        """Forgets all documents."""
        self.colouring.clear()
        self._kept.clear()
        self._characters = 0
        self._fonts.clear()
        self._markdown = Markdown(self._theme)

    def get(self, style: Style, text: str, width: int) -> QTextDocument:
        """The text laid out for `width` pixels."""
        document = self._find(style, text).document
        if document.textWidth() != width:
            document.setTextWidth(width)
        return document

    def height(self, style: Style, text: str, width: int) -> int:
        """Exact height of the text at `width`, in pixels."""
        return int(self.get(style, text, width).size().height() + 0.5)

    def spot(self, text: str, address: str) -> Spot | None:
        """What an address in a Markdown text stands for."""
        rendered = self._find(Style.MARKDOWN, text).rendered
        return spot_at(address, rendered.code, rendered.languages)

    def code_spots(self, text: str) -> list[Spot]:
        """What can be done with the code blocks of a Markdown text."""
        rendered = self._find(Style.MARKDOWN, text).rendered
        return spots_of_code(rendered.code, rendered.languages)

    def links(self, text: str) -> tuple[Spot, ...]:
        """Where the links of a Markdown text lead, each once."""
        rendered = self._find(Style.MARKDOWN, text).rendered
        spots = (spot_at(link, rendered.code) for link in rendered.links)
        return tuple(dict.fromkeys(spot for spot in spots if spot is not None))

    def see(self, style: Style, text: str, width: int) -> QTextDocument:
        """The same as `get` for a text that comes into view: its code gets colours soon."""
        document, kept = self.get(style, text, width), self._find(style, text)
        if not kept.seen:
            kept.seen = True
            self.colouring.add(document, kept.rendered.languages)
        return document

    def draw(self, painter: QPainter, document: QTextDocument, x: int, y: int, colour: str, clip: QRectF) -> None:
        """Paints a document with its top left corner at (x, y), only where `clip` touches it."""
        context = QAbstractTextDocumentLayout.PaintContext()
        context.palette.setColor(QPalette.ColorRole.Text, self._theme.color(colour))
        context.clip = clip.translated(-x, -y)
        context.selections = self._marks(document)
        painter.save()
        painter.translate(x, y)
        document.documentLayout().draw(painter, context)
        painter.restore()

    def _marks(self, document: QTextDocument) -> list[QAbstractTextDocumentLayout.Selection]:
        """Where the marked words are in a document, the first few of them."""
        made: list[QAbstractTextDocumentLayout.Selection] = []
        cursor = document.find(self.marked) if self.marked else QTextCursor()
        while not cursor.isNull() and len(made) < MARKED_MOST:
            mark = QAbstractTextDocumentLayout.Selection()
            mark.cursor = cursor
            style = QTextCharFormat()
            style.setBackground(self._theme.color("warn"))
            style.setForeground(self._theme.color("surface"))
            mark.format = style
            made.append(mark)
            cursor = document.find(self.marked, cursor)
        return made

    def font(self, style: Style) -> QFont:
        """The font a style begins with."""
        if style not in self._fonts:
            self._fonts[style] = self._font(style)
        return self._fonts[style]

    def _font(self, style: Style) -> QFont:
        if style in (Style.CODE, Style.DIFF):
            return self._theme.inline_code_font()
        font = QFont(self._theme.ui_font())
        if style is Style.SMALL:
            font.setPixelSize(self._theme.size("font_small"))
        return font

    def _find(self, style: Style, text: str) -> _Kept:
        found = self._kept.get((style, text))
        if found is None:
            found = self._made(style, text)
            self._kept[(style, text)] = found
            self._characters += len(text)
            while len(self._kept) > KEPT or (self._characters > KEPT_CHARACTERS and len(self._kept) > 1):
                (_, gone), _ = self._kept.popitem(last=False)
                self._characters -= len(gone)
        else:
            self._kept.move_to_end((style, text))
        return found

    def _made(self, style: Style, text: str) -> _Kept:
        document = SafeDocument()
        document.setUndoRedoEnabled(False)
        document.setDocumentMargin(0)
        document.setDefaultFont(self.font(style))
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        document.setDefaultTextOption(option)
        rendered = Rendered()
        if style is Style.MARKDOWN:
            rendered = self._markdown.render(text)
            document.setIndentWidth(INDENT)
            document.setHtml(rendered.html)
            space_lines(QTextCursor(document))
            _trim(document)
        else:
            document.setPlainText(text)
            if style is Style.DIFF:
                self._tint(document)
        return _Kept(document, rendered)

    def _tint(self, document: QTextDocument) -> None:
        """Gives lines of an edit the background of what they do."""
        block = document.begin()
        while block.isValid():
            sign = block.text()[:1]
            if sign in ("+", "-"):
                layout = QTextBlockFormat()
                layout.setBackground(self._theme.color("diff_added" if sign == "+" else "diff_removed"))
                QTextCursor(block).mergeBlockFormat(layout)
            block = block.next()


def space_lines(cursor: QTextCursor) -> None:
    """Gives the lines from the cursor to the end of its document the room that makes them easy to read."""
    cursor.movePosition(QTextCursor.MoveOperation.End, QTextCursor.MoveMode.KeepAnchor)
    cursor.mergeBlockFormat(spaced())


def spaced() -> QTextBlockFormat:
    """The room of one such line."""
    layout = QTextBlockFormat()
    layout.setLineHeight(LINE_PERCENT, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
    return layout


def _trim(document: QTextDocument) -> None:
    """Takes away the space above the first and below the last paragraph, which rows add themselves."""
    for block, edge in ((document.begin(), "top"), (document.lastBlock(), "bottom")):
        if QTextCursor(block).currentTable() is not None:
            continue
        layout = block.blockFormat()
        if edge == "top":
            layout.setTopMargin(0)
        else:
            layout.setBottomMargin(0)
        QTextCursor(block).setBlockFormat(layout)
