"""Mentions: references in the message field get a colour, so that one sees that they are understood."""

from __future__ import annotations

from PySide6.QtGui import QSyntaxHighlighter, QTextCharFormat, QTextDocument

from studio.domain.references import reference_spans
from studio.ui.theme import Theme


class Mentions(QSyntaxHighlighter):
    """Colours the references of a document, also after the theme changed."""

    def __init__(self, document: QTextDocument, theme: Theme) -> None:
        super().__init__(document)
        self._theme = theme
        theme.changed.connect(self.rehighlight)

    def highlightBlock(self, text: str) -> None:  # noqa: D102
        style = QTextCharFormat()
        style.setForeground(self._theme.color("accent"))
        style.setBackground(self._theme.color("selected"))
        for (begin, end), _ in reference_spans(text):
            self.setFormat(begin, end - begin, style)
