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

from studio.ui.theme import Theme
from studio.ui.widgets.highlight import by_language
from studio.ui.widgets.names import shown

LINK_SCHEMES = ("https://", "http://", "mailto:")
NESTING = 40
"""Quotes and lists deeper than this are cut: laying them out would cost more than they can tell."""

COPY_SCHEME = "copy:"
"""A link `copy:N` stands for “copy the Nth code block”; it never leaves the window."""

FILE_SCHEME = "file-here:"
"""A link `file-here:PATH` stands for a file of the run's workspace; Markdown writes it as a relative link."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message as HTML, with the text of its code blocks in order."""

    html: str
    code: tuple[str, ...]


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
        self._code: list[str] = []

    def render(self, text: str) -> Rendered:
        """The whole message."""
        self._code = []
        body = self._parser.render(text)
        return Rendered(body, tuple(self._code))

    def _code_block(self, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
        token = tokens[index]
        source = token.content.rstrip("\n")
        language = token.info.split()[0] if token.info.split() else ""
        self._code.append(source)
        body = "".join(self._run(piece, colour) for piece, colour in by_language(source, language))
        surface, muted, accent = (self._hex(name) for name in ("raised", "text_muted", "accent"))
        family, size = self._code_font
        return (
            f'<table width="100%" cellspacing="0" cellpadding="8" bgcolor="{surface}" style="margin-top:6px;'
            f' margin-bottom:6px"><tr><td><p style="margin:0; font-size:11px; color:{muted}">'
            f"{html.escape(shown(language)) or 'text'} &nbsp;·&nbsp; "
            f'<a href="{COPY_SCHEME}{len(self._code) - 1}" style="color:{accent}; text-decoration:none">Copy</a></p>'
            f"<pre style=\"margin:0; margin-top:4px; font-family:'{family}'; font-size:{size}px;"
            f' white-space:pre-wrap">{body}</pre></td></tr></table>'
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
        target = str(tokens[index].attrs.get("href", ""))
        if ":" not in target and not target.startswith(("/", "#")):
            target = f"{FILE_SCHEME}{target}"
        elif not target.lower().startswith(LINK_SCHEMES):
            return "<a>"
        return f'<a href="{html.escape(target)}" style="color:{self._hex("accent")}">'

    def _table_open(self, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
        return (
            f'<table border="1" cellspacing="0" cellpadding="4" style="border-collapse:collapse;'
            f' border-color:{self._hex("line")}; border-style:solid">'
        )

    def _text(self, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
        return html.escape(shown(tokens[index].content))

    def _run(self, piece: str, colour: str) -> str:
        safe = html.escape("\n".join(shown(line) for line in piece.expandtabs(4).split("\n")))
        return f'<span style="color:{self._hex(colour)}">{safe}</span>' if colour else safe
