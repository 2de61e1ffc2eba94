"""Mentions: references in the message field get a colour, so that one sees that they are understood."""

from __future__ import annotations

from PySide6.QtGui import QSyntaxHighlighter, QTextCharFormat, QTextCursor, QTextDocument

from studio.domain.references import reference_spans
from studio.ui.theme import Theme

LONGEST = 4_000
"""In longer paragraphs, which were pasted, nothing is coloured: each key would colour all of one again."""


class Mentions(QSyntaxHighlighter):
    """Colours the references of a document, also after the theme changed."""

    def __init__(self, document: QTextDocument, theme: Theme) -> None:
        super().__init__(document)
        self._theme = theme
        theme.changed.connect(self.rehighlight)

    def highlightBlock(self, text: str) -> None:  # noqa: D102
        if len(text) > LONGEST:
            return
        style = QTextCharFormat()
        style.setForeground(self._theme.color("accent"))
        style.setBackground(self._theme.color("selected"))
        for (begin, end), _ in reference_spans(text):
            self.setFormat(positions(text[:begin]), positions(text[begin:end]), style)


def positions(text: str) -> int:
    """How many places of a cursor a text takes: Qt counts most emoji as two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def text_before(cursor: QTextCursor) -> str:
    """What stands in the cursor's paragraph before it."""
    units = cursor.block().text().encode("utf-16-le", "surrogatepass")
    return units[: 2 * cursor.positionInBlock()].decode("utf-16-le", "ignore")
