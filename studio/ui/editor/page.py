"""A page: one document with its bars."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.domain.errors import StudioError
from studio.domain.files import FileText
from studio.ui.editor.code import CodeView
from studio.ui.editor.crumbs import Crumbs
from studio.ui.editor.document import Document, newline_name
from studio.ui.editor.find_bar import FindBar
from studio.ui.editor.go_bar import GoBar
from studio.ui.editor.notice import Act, NoticeBar
from studio.ui.editor.unsaved import Unsaved
from studio.ui.theme import Theme


class Page(QWidget):
    """The inside of one tab.

    `revision` counts saves and loads, so that an answer that was asked for before the latest one is known
    to be old. `saving` says that a write is on its way.

    Signals: `dirty_changed(bool)`.
    """

    dirty_changed = Signal(bool)

    def __init__(self, document: Document, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self.revision = 0
        self.saving = False
        self.loaded = False
        self.crumbs = Crumbs(theme, self)
        self.notice = NoticeBar(theme, self)
        self.code = CodeView(theme, document.language, self)
        self.find_bar = FindBar(self.code, theme, self)
        self.go_bar = GoBar(self.code, self)
        self._lay_out()
        self._connect()
        self._show_document()

    @property
    def dirty(self) -> bool:
        """Whether there is text here that is saved nowhere."""
        return self.code.dirty

    def show_owner(self, owner: str) -> None:
        """Says whose file it is; empty for one of the project on show."""
        self.document = replace(self.document, owner=owner)
        self._show_document()

    def show_loading(self) -> None:
        """Says that the text is on its way; nothing can be typed meanwhile."""
        self.code.setReadOnly(True)
        self.crumbs.show_facts("Loading\N{HORIZONTAL ELLIPSIS}")

    def show_failure(self, error: StudioError, *acts: Act) -> None:
        """Says what went wrong, beside what can be done about it."""
        self.crumbs.show_facts("")
        self._show_facts()
        self.notice.say(f"{error.sentence} {error.action}".strip(), *acts)

    def show_file(self, file: FileText) -> None:
        """Shows what was read, clean; a page that was loaded before keeps caret, scroll position and undo history."""
        self.revision += 1
        text = _encodable(file.text)
        read_only = file.read_only or text != file.text
        self.code.setReadOnly(False)
        if self.loaded:
            self.code.replace_all(text)
        else:
            self.code.load(text)
        self.loaded = True
        self.document = self.document.read_as(file)
        self.code.setReadOnly(read_only)
        self.notice.silence()
        self._show_document()
        if read_only:
            self.notice.say("This file can only be read here: it is too large, or not all of it is text.")

    def bring_back(self, unsaved: Unsaved) -> None:
        """Puts a text that was not saved in place of what was read; it is dirty, and undoing leads to the file's."""
        self.code.setReadOnly(False)
        self.code.replace_all(unsaved.text, saved=False)
        self.document = replace(self.document, etag=unsaved.etag)

    def show_text(self, text: str) -> None:
        """Shows a text that lies nowhere; it can be read and copied."""
        self.loaded = True
        self.code.load(_encodable(text))
        self.code.setReadOnly(True)
        self._show_document()

    def saved_as(self, text: str, etag: str) -> None:
        """Notes that `text` is now in the file; what was typed since stays unsaved."""
        self.revision += 1
        self.saving = False
        self.document = self.document.read_as(
            FileText(text, self.document.encoding, self.document.newline, len(text), etag)
        )
        if self.code.content() == text:
            self.code.setSavePoint()

    def focus_text(self) -> None:
        """Puts the keyboard into the text."""
        # ScintillaEdit.setFocus is Scintilla's own message and hides the widget's method of that name.
        QWidget.setFocus(self.code, Qt.FocusReason.OtherFocusReason)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for widget in (self.crumbs, self.notice, self.find_bar, self.go_bar):
            column.addWidget(widget)
        column.addWidget(self.code, 1)
        self.find_bar.hide()
        self.go_bar.hide()

    def _connect(self) -> None:
        self.setFocusProxy(self.code)
        self.code.setAccessibleName(f"Text of {self.document.path}")
        self.code.dirty_changed.connect(self.dirty_changed)
        self.code.caret_moved.connect(self._show_facts)
        self.find_bar.closed.connect(self.focus_text)
        self.go_bar.closed.connect(self.focus_text)

    def _show_document(self) -> None:
        self.crumbs.show_path(self.document.path, self.document.band)
        self._show_facts()

    def _show_facts(self) -> None:
        if not self.loaded:
            return
        line, column = self.code.caret()
        document = self.document
        self.crumbs.show_facts(
            f"Ln {line}, Col {column}",
            document.language.name,
            document.encoding.upper(),
            newline_name(document.newline),
            "Read-only" if self.code.readOnly() else "",
        )


def _encodable(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")
