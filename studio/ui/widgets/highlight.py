"""Highlighting: source text cut into runs that each carry the name of a theme colour."""

from __future__ import annotations

from functools import lru_cache

from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name, get_lexer_for_filename
from pygments.token import Comment, Keyword, Name, Number, String
from pygments.util import ClassNotFound

CHARACTERS = 40_000
"""Longer texts stay plain: colouring them would hold up the window."""

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


def by_language(text: str, language: str) -> list[tuple[str, str]]:
    """`text` as (piece, colour name) pairs for a language as Markdown fences name it; empty name: plain text."""
    return _runs(text, _named(language.strip().lower()))


def by_file_name(text: str, path: str) -> list[tuple[str, str]]:
    """`text` as (piece, colour name) pairs for the language that a file's name tells."""
    return _runs(text, _for_file(path.rsplit("/", 1)[-1]))


def _runs(text: str, lexer: Lexer | None) -> list[tuple[str, str]]:
    if lexer is None or len(text) > CHARACTERS:
        return [(text, "")]
    runs: list[tuple[str, str]] = []
    for kind, piece in lexer.get_tokens(text):
        colour = _colour(kind)
        if runs and runs[-1][1] == colour:
            runs[-1] = (runs[-1][0] + piece, colour)
        else:
            runs.append((piece, colour))
    return runs


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
