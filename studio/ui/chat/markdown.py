"""Markdown of models turned into a small, harmless subset of HTML."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import cast

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from PySide6.QtGui import QFontInfo

from studio.ui.chat.spots import APPLY_SCHEME, COPY_SCHEME, OPEN_SCHEME, address
from studio.ui.chat.words import lines
from studio.ui.theme import Theme
from studio.ui.widgets.names import shown

NESTING = 40
"""Quotes and lists deeper than this are cut: laying them out would cost more than they can tell."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message as HTML, with its code blocks and where its links lead, each in order."""

    html: str = ""
    code: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    """The language of each code block as its fence names it, else empty."""
    links: tuple[str, ...] = ()


class Markdown:
    """Renders with the colours and fonts that the theme has now.

    No HTML of the author gets through, and no picture is ever asked for.
    """

    def __init__(self, theme: Theme) -> None:
        # Looked up once: a message asks for them at every word, and asking the font database is slow.
        font = theme.inline_code_font()
        self._code_font = font.family(), QFontInfo(font).pixelSize()
        self._hex = lru_cache(maxsize=None)(lambda name: theme.color(name).name())
        self._parser = MarkdownIt("commonmark", {"html": False, "maxNesting": NESTING}).enable(
            ["table", "strikethrough"]
        )
        rules = cast(dict[str, Callable[..., str]], cast(RendererHTML, self._parser.renderer).rules)
        rules.update(
            fence=self._code_block,
            code_block=self._code_block,
            code_inline=self._code_inline,
            image=self._image,
            link_open=self._link_open,
            table_open=self._table_open,
            text=self._text,
        )
        self._first = 0
        self._code: list[str] = []
        self._languages: list[str] = []
        self._links: list[str] = []

    def render(self, text: str, first: int = 0) -> Rendered:
        """The whole message, or a part of it before which there were `first` code blocks."""
        self._first, self._code, self._languages, self._links = first, [], [], []
        body = self._parser.render(text)
        return Rendered(body, tuple(self._code), tuple(self._languages), tuple(self._links))

    def code_title(self, named: str, number: int) -> str:
        """What stands above the code block of this number: all that its fence says, and what can be done with it."""
        muted, accent = self._hex("text_muted"), self._hex("accent")
        acts = "".join(
            f' &nbsp;·&nbsp; <a href="{scheme}{number}" style="color:{accent}; text-decoration:none">{word}</a>'
            for word, scheme in (("Copy", COPY_SCHEME), ("Open", OPEN_SCHEME), ("Apply", APPLY_SCHEME))
        )
        name = html.escape(shown(named)) or "text"
        return f'<p style="margin:0; font-size:11px; color:{muted}">{name}{acts}</p>'

    def _code_block(self, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
        token = tokens[index]
        source = token.content.rstrip("\n")
        language = token.info.split()[0] if token.info.split() else ""
        title = self.code_title(" ".join(token.info.split()), self._first + len(self._code))
        self._code.append(source)
        self._languages.append(language)
        family, size = self._code_font
        return (
            f'<table width="100%" cellspacing="0" cellpadding="8" bgcolor="{self._hex("raised")}"'
            f' style="margin-top:6px; margin-bottom:6px"><tr><td>{title}'
            f"<pre style=\"margin:0; margin-top:4px; font-family:'{family}'; font-size:{size}px;"
            f' white-space:pre-wrap">{html.escape(lines(source))}</pre></td></tr></table>'
        )

    def _code_inline(self, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
        family, size = self._code_font
        return (
            f"<span style=\"font-family:'{family}'; font-size:{size}px; background-color:{self._hex('raised')}\">"
            f"{html.escape(shown(tokens[index].content))}</span>"
        )

    def _image(self, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
        words = html.escape(shown(tokens[index].content)) or "no description"
        return f'<span style="color:{self._hex("text_muted")}">[picture not loaded: {words}]</span>'

    def _link_open(self, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
        target = address(str(tokens[index].attrs.get("href", "")))
        if not target:
            return "<a>"
        self._links.append(target)
        return f'<a href="{html.escape(target)}" style="color:{self._hex("accent")}">'

    def _table_open(self, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
        return (
            f'<table border="1" cellspacing="0" cellpadding="4" style="border-collapse:collapse;'
            f' border-color:{self._hex("line")}; border-style:solid">'
        )

    def _text(self, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
        return html.escape(shown(tokens[index].content))
