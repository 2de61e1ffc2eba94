"""Growing: arriving Markdown in a document, at a cost that does not grow with what is there already."""

from __future__ import annotations

import re

from PySide6.QtGui import QTextBlockFormat, QTextCharFormat, QTextCursor, QTextDocument, QTextFrameFormat

from studio.ui.chat.documents import space_lines, spaced
from studio.ui.chat.markdown import Markdown, Rendered
from studio.ui.chat.spots import Spot, spot_at, spots_of_code
from studio.ui.chat.words import lines
from studio.ui.theme import Theme

LONG = 1500
"""A paragraph, list or table that grows beyond this many characters goes on as another one until it is finished."""

_PADDING, _ABOVE, _BELOW, _BELOW_TITLE = 8, 6, 18, 4

_OPENING = re.compile(r"^([ \t]*)(`{3,}|~{3,})([^\n`]*)\n", re.MULTILINE)
_MAYBE_OPENING = re.compile(r"^[ \t]*(?:`{1,2}|~{1,2}|(?:`{3,}|~{3,})[^\n`]*)\Z", re.MULTILINE)
_MAYBE_CLOSING = re.compile(r"\n?[ \t]*(?:`*|~*)[ \t]*\Z")


class Growing:
    """Finished paragraphs are set once and code is added to; only the newest paragraph is set again as it changes."""

    def __init__(self, document: QTextDocument, theme: Theme) -> None:
        self._document = document
        self._theme = theme
        self._code_format = QTextCharFormat()
        self.restyle()

    @property
    def code(self) -> tuple[str, ...]:
        """The code blocks so far."""
        return (*self._code, *self._newest.code)

    @property
    def code_spots(self) -> list[Spot]:
        """What can be done with them."""
        return spots_of_code(self.code, (*self._languages, *self._newest.languages))

    @property
    def links(self) -> tuple[Spot, ...]:
        """Where the links so far lead."""
        found = (self.spot(link) for link in (*self._links, *self._newest.links))
        return tuple(dict.fromkeys(spot for spot in found if spot is not None))

    def spot(self, address: str) -> Spot | None:
        """What a link in the document stands for."""
        return spot_at(address, self.code, (*self._languages, *self._newest.languages))

    def restyle(self) -> None:
        """Begins with nothing, in the fonts and colours that the theme has now."""
        self._markdown = Markdown(self._theme)
        self._code_format.setFont(self._theme.inline_code_font())
        self.clear()

    def clear(self) -> None:
        """Begins with nothing."""
        self._document.clear()
        self._text = ""
        self._done = 0
        self._place = 0
        self._fence: re.Match[str] | None = None
        self._code: list[str] = []
        self._languages: list[str] = []
        self._links: list[str] = []
        self._newest = Rendered()

    def show(self, text: str) -> None:
        """Shows `text`, of which the beginning may be shown already."""
        if not text.startswith(self._text):
            self.clear()
        self._text = text
        cursor = QTextCursor(self._document)
        cursor.beginEditBlock()
        while self._take_words(cursor) if self._fence is None else self._take_code(cursor, self._fence):
            pass
        cursor.endEditBlock()

    def _take_words(self, cursor: QTextCursor) -> bool:
        """Shows text up to the next line that opens a code block; returns whether there is one."""
        opening = _OPENING.search(self._text, self._done)
        if opening is not None:
            self._finish(cursor, opening.start())
            self._open(cursor, opening)
            return True
        self._finish(cursor, _end(self._text, "\n\n", self._done))
        if len(self._text) - self._done > LONG:
            lines_end, words_end = (_end(self._text, sign, self._done) for sign in ("\n", " "))
            self._finish(cursor, lines_end or words_end or len(self._text))
        held = _MAYBE_OPENING.search(self._text, self._done)
        self._put(cursor, self._text[self._done : held.start() if held else None])
        return False

    def _finish(self, cursor: QTextCursor, end: int) -> None:
        """Sets the words up to `end` for good."""
        if end <= self._done:
            return
        words, self._done = self._text[self._done : end], end
        self._put(cursor, words)
        self._code += self._newest.code
        self._languages += self._newest.languages
        self._links += self._newest.links
        self._newest = Rendered()
        if words.strip():
            cursor.movePosition(QTextCursor.MoveOperation.End)
            cursor.insertBlock(QTextBlockFormat(), QTextCharFormat())
            self._place = cursor.position()

    def _put(self, cursor: QTextCursor, words: str) -> None:
        """Puts `words` in the place of everything that is not finished."""
        cursor.setPosition(self._place)
        cursor.movePosition(QTextCursor.MoveOperation.End, QTextCursor.MoveMode.KeepAnchor)
        cursor.removeSelectedText()
        cursor.setBlockFormat(QTextBlockFormat())
        self._newest = self._markdown.render(words, len(self._code))
        cursor.insertHtml(self._newest.html)
        cursor.setPosition(self._place)
        space_lines(cursor)

    def _open(self, cursor: QTextCursor, opening: re.Match[str]) -> None:
        """Begins a code block. It looks like a finished one, but in a frame Qt lays out only what is new."""
        self._fence, self._done = opening, opening.end()
        box = QTextFrameFormat()
        box.setBackground(self._theme.color("raised"))
        box.setPadding(_PADDING)
        box.setTopMargin(_ABOVE)
        box.setBottomMargin(_BELOW)
        cursor.setPosition(self._place)
        if self._place:
            joined = QTextBlockFormat()
            joined.setBottomMargin(0)
            QTextCursor(cursor.block().previous()).mergeBlockFormat(joined)
        cursor.setBlockFormat(_flat())
        self._frame = cursor.insertFrame(box)
        QTextCursor(self._document.lastBlock()).setBlockFormat(_flat())
        words = opening[3].split()
        language = words[0] if words else ""
        cursor.insertHtml(self._markdown.code_title(" ".join(words), len(self._code)))
        title = spaced()
        title.setBottomMargin(_BELOW_TITLE)
        cursor.setBlockFormat(title)
        cursor.insertBlock(spaced(), self._code_format)
        self._code.append("")
        self._languages.append(language)

    def _take_code(self, cursor: QTextCursor, fence: re.Match[str]) -> bool:
        """Adds code up to the line that closes the block; returns whether there is one."""
        mark = fence[2]
        closing = re.compile(rf"^[ \t]*{mark}{mark[0]}*[ \t]*\n", re.MULTILINE).search(self._text, self._done)
        if closing is None:
            held = _MAYBE_CLOSING.search(self._text, self._done)
            self._add(cursor, held.start() if held else len(self._text), len(fence[1]))
            return False
        self._add(cursor, max(closing.start() - 1, self._done), len(fence[1]))
        self._fence, self._done = None, closing.end()
        cursor.movePosition(QTextCursor.MoveOperation.End)
        self._place = cursor.position()
        return True

    def _add(self, cursor: QTextCursor, end: int, indent: int) -> None:
        """Adds the code up to `end` without the blanks before the fence."""
        is_line = self._text[self._done - 1] == "\n"
        code, self._done = self._text[self._done : end], end
        if indent and code:
            code = re.sub(rf"\n[ \t]{{1,{indent}}}", "\n", f"\n{code}" if is_line else code)[is_line:]
        self._code[-1] += code
        cursor.setPosition(self._frame.lastPosition())
        cursor.insertText(lines(code), self._code_format)


def _flat() -> QTextBlockFormat:
    """For the empty lines that Qt needs before and after a frame."""
    layout = QTextBlockFormat()
    layout.setLineHeight(1, QTextBlockFormat.LineHeightTypes.FixedHeight.value)
    return layout


def _end(text: str, sign: str, begin: int) -> int:
    """Behind the last such sign, 0 when there is none."""
    return text.rfind(sign, begin) + len(sign) if sign in text[begin:] else 0
