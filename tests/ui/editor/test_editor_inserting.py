"""Code from elsewhere comes into a file as a draft."""

from __future__ import annotations

from studio.ui.editor.inserting import insert
from tests.ui.editor.conftest import CHECKOUT, Editing


def test_inserted_code_takes_the_place_of_what_is_selected_and_is_not_saved(editing: Editing) -> None:
    editing.put("a.py", "x = old\ny = 2\n")
    page = editing.open("a.py")
    page.code.setSel(4, 7)
    assert "not saved yet" in insert(editing.panel.view.current, "new(1)")
    assert page.code.content() == "x = new(1)\ny = 2\n"
    assert page.dirty
    assert editing.files.texts[CHECKOUT, "a.py"] == "x = old\ny = 2\n"
    page.code.undo()
    assert page.code.content() == "x = old\ny = 2\n"
    assert not page.dirty


def test_without_a_file_that_can_be_written_nothing_is_inserted_and_the_next_step_is_said(editing: Editing) -> None:
    assert "open the file" in insert(editing.panel.view.current, "x")
    editing.panel.show_text("Notes", "read me", "py")
    assert editing.front().code.language.name == "Python"
    assert "open the file" in insert(editing.panel.view.current, "x")
    assert editing.front().code.content() == "read me"


def test_code_that_is_put_before_a_line_gets_lines_of_its_own(editing: Editing) -> None:
    editing.put("a.py", "x = 1\n\n")
    page = editing.open("a.py")
    insert(editing.panel.view.current, "def f():\n    return 2")
    assert page.code.content() == "def f():\n    return 2\nx = 1\n\n"
    page.code.gotoPos(len(page.code.content()) - 1)
    insert(editing.panel.view.current, "y = 2")
    assert page.code.content() == "def f():\n    return 2\nx = 1\ny = 2\n"
