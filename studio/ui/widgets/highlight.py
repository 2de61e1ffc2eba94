"""Highlighting: source text cut, piece by piece, into runs that each carry the name of a theme colour."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache

from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name, get_lexer_for_filename
from pygments.token import Comment, Keyword, Name, Number, String
from pygments.util import ClassNotFound
from PySide6.QtGui import QColor, QFont, QTextBlock, QTextCharFormat, QTextLayout

CHARACTERS = 40_000
"""Longer texts stay plain: half a second of work for one text is enough."""

Run = tuple[str, str]
"""A piece of text and the name of its colour, empty for plain text."""

_COLOURS: dict[tuple[str, ...], str] = {
    Comment: "code_comment",
    Keyword: "code_keyword",
    Name.Function: "code_function",
    Name.Class: "code_function",
    Name.Decorator: "code_function",
    Name.Builtin: "code_function",
    Name.Tag: "code_keyword",
    Name.Attribute: "code_function",
    Number: "code_number",
    String: "code_string",
}
"""Token types with a colour of their own; their subtypes share it, all others are plain text."""


def by_language(text: str, language: str) -> Iterator[list[Run]]:
    """The runs of each line, for a language as Markdown fences name it; nothing where all is plain.

    Reading ten characters takes a tenth of a millisecond, so whoever must not wait reads on a little at a time.
    """
    return _lines(text, _named(language.strip().lower()))


def by_file_name(text: str, path: str) -> Iterator[list[Run]]:
    """The same for the language that a file's name tells."""
    return _lines(text, _for_file(path.rsplit("/", 1)[-1]))


def colour(block: QTextBlock, runs: list[Run], colours: Callable[[str], QColor], *, bold: bool = False) -> None:
    """Colours a line that is laid out, and leaves its letters where they are.

    Qt forgets the lines of a block whose colours change, and finding them again would lay out all that follows.
    """
    layout, at = block.layout(), 0
    ranges: list[QTextLayout.FormatRange] = []
    for piece, name in runs:
        made = QTextLayout.FormatRange()
        made.start, made.length = at, len(piece.encode("utf-16-le")) // 2
        at += made.length
        if name:
            letters = QTextCharFormat()
            letters.setForeground(colours(name))
            if bold:
                letters.setFontWeight(QFont.Weight.DemiBold)
            made.format = letters
            ranges.append(made)
    found = [layout.lineAt(number) for number in range(layout.lineCount())]
    places = [(line.width(), line.position(), line.leadingIncluded()) for line in found]
    layout.setFormats(ranges)
    layout.beginLayout()
    for width, position, leading in places:
        line = layout.createLine()
        line.setLeadingIncluded(leading)
        line.setLineWidth(width)
        line.setPosition(position)
    layout.endLayout()


def _lines(text: str, lexer: Lexer | None) -> Iterator[list[Run]]:
    if lexer is None or len(text) > CHARACTERS:
        return
    line: list[Run] = []
    for kind, token in lexer.get_tokens(text):
        name = _colour(kind)
        first, *others = token.split("\n")
        if line and line[-1][1] == name:
            line[-1] = (line[-1][0] + first, name)
        else:
            line.append((first, name))
        for piece in others:
            yield line
            line = [(piece, name)]
    yield line


@lru_cache(maxsize=512)
def _colour(kind: tuple[str, ...]) -> str:
    """The colour of the nearest type above `kind` that has one; types are tuples of their path."""
    found = (_COLOURS[kind[:length]] for length in range(len(kind), 0, -1) if kind[:length] in _COLOURS)
    return next(found, "")


@lru_cache(maxsize=64)
def _named(language: str) -> Lexer | None:
    try:
        return get_lexer_by_name(language, stripnl=False, ensurenl=False) if language else None
    except ClassNotFound:
        return None


@lru_cache(maxsize=64)
def _for_file(name: str) -> Lexer | None:
    try:
        return get_lexer_for_filename(name, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return None
