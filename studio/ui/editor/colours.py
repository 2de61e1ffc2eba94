"""Colours a code view from the theme's tokens."""

from __future__ import annotations

from PySide6.QtGui import QColor, QFontDatabase, QFontInfo
from pyside6_scintilla import Scintilla, ScintillaEdit

from studio.ui.editor.languages import Language
from studio.ui.theme import CODE_FONTS, Theme

FOUND = 8
"""The indicator under every match of a search."""

_TOKENS: tuple[tuple[str, str], ...] = (
    ("comment", "code_comment"),
    ("tag", "code_keyword"),
    ("attribute", "code_function"),
    ("error", "error"),
    ("keyword", "code_keyword"),
    ("preprocessor", "code_keyword"),
    ("string", "code_string"),
    ("character", "code_string"),
    ("regex", "code_string"),
    ("literal", "code_number"),
)
_BUILT_IN_STYLES = range(32, 40)
# Scintilla takes a font by its name alone, so ligatures cannot be switched off in a font that has them.
_WITH_LIGATURES = frozenset({"JetBrains Mono", "Cascadia Code", "Fira Code", "Hasklig", "Iosevka"})


def paint(code: ScintillaEdit, theme: Theme, language: Language) -> None:
    """Gives `code` the theme's font and colours, with the language's styles on top."""
    _paint_base(code, theme)
    _paint_styles(code, theme, language)
    _paint_margins(code, theme)
    _paint_elements(code, theme)


def token_of_tags(tags: str) -> str:
    """The colour token for a lexer's description of a style, such as `literal string`."""
    words = frozenset(tags.split())
    return next((token for word, token in _TOKENS if word in words), "text")


def packed(color: QColor) -> int:
    """The colour as Scintilla reads it: blue, green and red bytes from the top."""
    return color.red() | color.green() << 8 | color.blue() << 16


def packed_with_alpha(color: QColor, alpha: int = 255) -> int:
    """As `packed`, with the alpha byte on top that element colours carry."""
    return packed(color) | alpha << 24


def _paint_base(code: ScintillaEdit, theme: Theme) -> None:
    default = int(Scintilla.StylesCommon.Default)
    font = theme.code_font()
    code.styleResetDefault()
    code.styleSetFont(default, _without_ligatures(QFontInfo(font).family()))
    code.styleSetSizeFractional(default, round(QFontInfo(font).pointSizeF() * 100))
    code.styleSetFore(default, packed(theme.color("text")))
    code.styleSetBack(default, packed(theme.color("surface")))
    code.styleClearAll()
    code.setExtraAscent(2)
    code.setExtraDescent(2)


def _without_ligatures(family: str) -> str:
    if family not in _WITH_LIGATURES:
        return family
    others = (f"{family} NL", *(name for name in CODE_FONTS if name not in _WITH_LIGATURES))
    return next((name for name in others if QFontDatabase.hasFamily(name)), family)


def _paint_styles(code: ScintillaEdit, theme: Theme, language: Language) -> None:
    for style in range(code.namedStyles()):
        if style not in _BUILT_IN_STYLES:
            token = token_of_tags(bytes(code.tagsOfStyle(style).data()).decode())
            code.styleSetFore(style, packed(theme.color(token)))
    for style, token in language.styles.items():
        code.styleSetFore(style, packed(theme.color(token)))


def _paint_margins(code: ScintillaEdit, theme: Theme) -> None:
    surface, faint = packed(theme.color("surface")), packed(theme.color("text_faint"))
    number = int(Scintilla.StylesCommon.LineNumber)
    code.styleSetFore(number, faint)
    code.styleSetBack(number, surface)
    code.setFoldMarginColour(True, surface)
    code.setFoldMarginHiColour(True, surface)
    for marker in Scintilla.MarkerOutline:
        code.markerSetFore(int(marker), faint)
        code.markerSetBack(int(marker), faint)
    code.styleSetFore(int(Scintilla.StylesCommon.IndentGuide), packed(theme.color("line")))
    matched, lonely = int(Scintilla.StylesCommon.BraceLight), int(Scintilla.StylesCommon.BraceBad)
    code.styleSetFore(matched, packed(theme.color("accent")))
    code.styleSetBack(matched, packed(theme.color("accent_surface")))
    code.styleSetFore(lonely, packed(theme.color("error")))


def _paint_elements(code: ScintillaEdit, theme: Theme) -> None:
    element = Scintilla.Element
    for part, token in (
        (element.SelectionBack, "accent_surface"),
        (element.SelectionInactiveBack, "accent_surface"),
        (element.SelectionAdditionalBack, "accent_surface"),
        (element.Caret, "text"),
        (element.CaretAdditional, "accent"),
        (element.CaretLineBack, "raised"),
        (element.FoldLine, "line"),
        (element.HiddenLine, "line"),
    ):
        code.setElementColour(int(part), packed_with_alpha(theme.color(token)))
    code.indicSetStyle(FOUND, int(Scintilla.IndicatorStyle.StraightBox))
    code.indicSetFore(FOUND, packed(theme.color("warn")))
    code.indicSetAlpha(FOUND, 60)
    code.indicSetOutlineAlpha(FOUND, 120)
    code.indicSetUnder(FOUND, True)
