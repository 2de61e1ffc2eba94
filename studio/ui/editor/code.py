"""The code view: Scintilla made ready for one file."""

from __future__ import annotations

from lexilla import create_lexer
from lexilla.pyside6_scintilla import set_lexer
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget
from pyside6_scintilla import Scintilla, ScintillaEdit

from studio.ui.editor.colours import paint
from studio.ui.editor.languages import Language
from studio.ui.theme import Theme

_NUMBERS, _FOLDS = 0, 2
_BRACES = frozenset(b"()[]{}")
_NEWLINE = ord("\n")
_FOLD_SYMBOLS = {
    Scintilla.MarkerOutline.FolderOpen: Scintilla.MarkerSymbol.ArrowDown,
    Scintilla.MarkerOutline.Folder: Scintilla.MarkerSymbol.Arrow,
    Scintilla.MarkerOutline.FolderOpenMid: Scintilla.MarkerSymbol.ArrowDown,
    Scintilla.MarkerOutline.FolderEnd: Scintilla.MarkerSymbol.Arrow,
    Scintilla.MarkerOutline.FolderSub: Scintilla.MarkerSymbol.Empty,
    Scintilla.MarkerOutline.FolderTail: Scintilla.MarkerSymbol.Empty,
    Scintilla.MarkerOutline.FolderMidTail: Scintilla.MarkerSymbol.Empty,
}


class CodeView(ScintillaEdit):
    """One file's text with its colours, folds and carets.

    Positions are UTF-8 byte offsets, lines and columns count from 1 where people see them.

    Signals: `dirty_changed(bool)`; `caret_moved()`; `text_edited()` after every change of the text.
    """

    dirty_changed = Signal(bool)
    caret_moved = Signal()
    text_edited = Signal()

    def __init__(self, theme: Theme, language: Language, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._language = language
        self.setFrameShape(self.Shape.NoFrame)
        self._set_up_editing()
        self._set_up_margins()
        self._set_up_language()
        self.repaint_theme()
        theme.changed.connect(self.repaint_theme)
        self.savePointChanged.connect(self.dirty_changed)
        self.updateUi.connect(self._on_update)
        self.charAdded.connect(self._on_char)
        self.notifyChange.connect(self.text_edited)
        self.linesAdded.connect(self._fit_number_margin)

    @property
    def language(self) -> Language:
        """What the text is coloured as."""
        return self._language

    @property
    def dirty(self) -> bool:
        """Whether the text differs from what was last loaded or saved."""
        return bool(self.modify())

    def content(self) -> str:
        """The whole text with its line ends as they are."""
        return bytes(self.get_text_range(0, self.textLength()).data()).decode("utf-8")

    def load(self, text: str) -> None:
        """Replaces everything by `text`, clean and with nothing to undo."""
        read_only = self.readOnly()
        self.setReadOnly(False)
        self.setUndoCollection(False)
        self.clearAll()
        # setText stops at a NUL character; addText takes the length and keeps what follows.
        self.addText(len(text.encode("utf-8")), text)
        self.setUndoCollection(True)
        self.emptyUndoBuffer()
        self.setSavePoint()
        self.setEOLMode(int(Scintilla.EndOfLine.CrLf if "\r\n" in text else Scintilla.EndOfLine.Lf))
        self._fit_number_margin()
        self.setReadOnly(read_only)
        self.gotoPos(0)

    def replace_all(self, text: str, *, saved: bool = True) -> None:
        """As `load`, but it can be undone, and the view stays where it was as far as the new text allows.

        A text that is not `saved` leaves the document dirty.
        """
        caret, top = self.currentPos(), self.firstVisibleLine()
        self.beginUndoAction()
        self.clearAll()
        self.addText(len(text.encode("utf-8")), text)
        self.endUndoAction()
        if saved:
            self.setSavePoint()
        self.setEmptySelection(min(caret, self.textLength()))
        self.setFirstVisibleLine(top)

    def caret(self) -> tuple[int, int]:
        """Line and column of the caret, both from 1."""
        position = self.currentPos()
        return self.lineFromPosition(position) + 1, self.column(position) + 1

    def go_to(self, line: int) -> None:
        """Puts the caret at the start of `line` (from 1, kept within the text) and shows it in the middle."""
        wanted = max(0, min(line - 1, self.lineCount() - 1))
        self.ensureVisible(wanted)
        self.gotoLine(wanted)
        self.verticalCentreCaret()

    def select(self, start: int, end: int) -> None:
        """Selects the bytes from `start` to `end` and brings them into view."""
        self.ensureVisible(self.lineFromPosition(start))
        self.setSel(start, end)
        self.scrollRange(end, start)

    def repaint_theme(self) -> None:
        """Takes colours and font from the theme anew."""
        paint(self, self._theme, self._language)
        self._fit_number_margin()

    def _set_up_editing(self) -> None:
        language = self._language
        self.setTabWidth(4 if language.tab else language.indent)
        self.setIndent(0)
        self.setUseTabs(language.tab)
        self.setTabIndents(True)
        self.setBackSpaceUnIndents(True)
        self.setIndentationGuides(int(Scintilla.IndentView.LookBoth))
        self.setMultipleSelection(True)
        self.setAdditionalSelectionTyping(True)
        self.setMultiPaste(int(Scintilla.MultiPaste.Each))
        self.setScrollWidth(1)
        self.setScrollWidthTracking(True)
        self.setEndAtLastLine(False)
        self.setCaretLineVisible(True)
        self.setCaretLineVisibleAlways(True)
        self.setLayoutCache(int(Scintilla.LineCache.Page))
        self.setXCaretPolicy(int(Scintilla.CaretPolicy.Slop | Scintilla.CaretPolicy.Even), 24)
        self.setYCaretPolicy(int(Scintilla.CaretPolicy.Slop | Scintilla.CaretPolicy.Even), 3)

    def _set_up_margins(self) -> None:
        self.setMarginLeft(6)
        self.setMarginTypeN(_NUMBERS, int(Scintilla.MarginType.Number))
        self.setMarginWidthN(1, 0)
        self.setMarginTypeN(_FOLDS, int(Scintilla.MarginType.Symbol))
        self.setMarginMaskN(_FOLDS, int(Scintilla.MaskFolders))
        self.setMarginWidthN(_FOLDS, 16)
        self.setMarginSensitiveN(_FOLDS, True)
        fold = Scintilla.AutomaticFold
        self.setAutomaticFold(int(fold.Show | fold.Click | fold.Change))
        self.setFoldFlags(int(Scintilla.FoldFlag.LineAfterContracted))
        for marker, symbol in _FOLD_SYMBOLS.items():
            self.markerDefine(int(marker), int(symbol))

    def _set_up_language(self) -> None:
        language = self._language
        if not language.lexer:
            return
        set_lexer(self, create_lexer(language.lexer))
        # Only with a lexer: without one there is never an end to what is still to be styled.
        self.setIdleStyling(int(Scintilla.IdleStyling.All))
        for number, words in enumerate(language.words):
            self.setKeyWords(number, words)
        for key, value in {"fold": "1", "fold.compact": "0", "fold.comment": "1", **language.properties}.items():
            self.setProperty(key, value)

    def _fit_number_margin(self) -> None:
        widest = "9" * max(4, len(str(self.lineCount())) + 1)
        self.setMarginWidthN(_NUMBERS, self.textWidth(int(Scintilla.StylesCommon.LineNumber), widest))

    def _on_update(self, _what: int) -> None:
        self._light_braces()
        self.caret_moved.emit()

    def _light_braces(self) -> None:
        caret = self.currentPos()
        place = next((p for p in (caret - 1, caret) if p >= 0 and self.charAt(p) % 256 in _BRACES), -1)
        if place < 0:
            self.braceHighlight(-1, -1)
            return
        other = self.braceMatch(place, 0)
        if other < 0:
            self.braceBadLight(place)
        else:
            self.braceHighlight(place, other)

    def _on_char(self, char: int) -> None:
        if char != _NEWLINE or self.selections() > 1:
            return
        line = self.lineFromPosition(self.currentPos())
        indentation = self.lineIndentation(line - 1) if line else 0
        if indentation and not self.lineIndentation(line):
            self.setLineIndentation(line, indentation)
            self.setEmptySelection(self.lineIndentPosition(line))
