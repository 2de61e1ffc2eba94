"""Inserting: a text from elsewhere put where the caret is, for the person to see, change, undo or save."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio.ui.widgets.names import shown

if TYPE_CHECKING:
    # The editor itself is loaded with the first file that is opened, or after the window stands.
    from studio.ui.editor.code import CodeView
    from studio.ui.editor.page import Page


def insert(page: Page | None, text: str) -> str:
    """Puts `text` in the place of what is selected, unsaved, as one act that can be undone; says what became of it.

    At the beginning of a line that is not empty it gets lines of its own.
    """
    if page is None or not page.loaded or page.code.readOnly():
        return "Nothing was applied: open the file that the code belongs to, and put the caret where it is to go."
    clean = text.encode("utf-8", "replace").decode("utf-8")
    if _is_before_a_line(page.code) and not clean.endswith("\n"):
        clean += "\n"
    page.code.beginUndoAction()
    page.code.replaceSel(clean)
    page.code.endUndoAction()
    page.code.scrollCaret()
    page.focus_text()
    return f"Put into {shown(page.document.title)} at the caret. It is not saved yet; Ctrl+Z takes it out again."


def _is_before_a_line(code: CodeView) -> bool:
    caret = code.currentPos()
    line = code.lineFromPosition(caret)
    return bool(code.selectionEmpty()) and code.positionFromLine(line) == caret < code.lineEndPosition(line)
