"""Opening files: tabs, previews, what is shown about a file."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QAbstractEventDispatcher, QEventLoop
from pytestqt.qtbot import QtBot

from studio.domain.ids import ProjectId
from tests.ui.editor.conftest import CHECKOUT, WORKSPACE, Editing


def test_a_glanced_file_gives_its_tab_to_the_next_one(editing: Editing) -> None:
    for name in ("a.py", "b.py", "c.py"):
        editing.put(name, f"# {name}\n")
    editing.open("a.py")
    editing.open("b.py", preview=True)
    editing.open("c.py", preview=True)
    assert editing.titles() == ["a.py", "c.py"]


def test_typing_into_a_glanced_file_keeps_its_tab(editing: Editing) -> None:
    editing.put("b.py", "b\n")
    editing.put("c.py", "c\n")
    editing.open("b.py", preview=True)
    editing.type("x")
    editing.open("c.py", preview=True)
    assert editing.titles() == ["b.py", "c.py"]


def test_opening_an_open_file_brings_its_tab_to_the_front(editing: Editing) -> None:
    editing.put("a.py", "a\n")
    editing.put("b.py", "b\n")
    first = editing.open("a.py")
    editing.open("b.py")
    assert editing.open("a.py") is first
    assert editing.titles() == ["a.py", "b.py"]


def test_the_same_path_of_checkout_and_workspace_are_two_tabs(editing: Editing) -> None:
    editing.put("a.py", "mine\n")
    editing.put("a.py", "theirs\n", WORKSPACE)
    mine, theirs = editing.open("a.py"), editing.open("a.py", WORKSPACE)
    assert (mine.code.content(), theirs.code.content()) == ("mine\n", "theirs\n")
    assert mine.crumbs.place.text() == ""
    assert "r7f3a0000" in theirs.crumbs.place.text()


def test_the_panel_says_which_file_is_in_front(editing: Editing, qtbot: QtBot) -> None:
    editing.put("src/a.py", "a\n")
    with qtbot.waitSignal(editing.panel.current_changed) as seen:
        editing.panel.open_file(CHECKOUT, "src/a.py")
    assert seen.args == [CHECKOUT, "src/a.py"]


def test_text_with_a_nul_character_and_astral_signs_is_shown_and_saved_whole(editing: Editing) -> None:
    text = "before\0after é 😀\nsecond\n"
    editing.put("odd.txt", text)
    page = editing.open("odd.txt")
    assert page.code.content() == text
    editing.type("x")
    editing.save()
    assert editing.files.texts[CHECKOUT, "odd.txt"] == "x" + text


def test_text_that_cannot_be_written_back_as_it_was_is_only_shown(editing: Editing) -> None:
    editing.put("odd.txt", "a\udce9b")
    page = editing.open("odd.txt")
    assert page.code.readOnly()
    assert "only be read" in page.notice.sentence.text()


def test_a_file_that_the_door_calls_read_only_cannot_be_typed_into(editing: Editing) -> None:
    editing.files.read_only.add("large.log")
    editing.put("large.log", "line\n")
    page = editing.open("large.log")
    editing.type("x")
    assert page.code.content() == "line\n"
    assert "Read-only" in page.crumbs.facts.text()


def test_a_missing_file_says_so_and_can_be_tried_again(editing: Editing) -> None:
    page = editing.open("gone.py")
    assert "gone.py does not exist" in page.notice.sentence.text()
    editing.put("gone.py", "back\n")
    editing.press("Try again")
    editing.qtbot.waitUntil(lambda: page.code.content() == "back\n")


def test_a_hostile_name_is_shown_with_what_it_hides(editing: Editing) -> None:
    name = "a\u202egpj.py"
    editing.put(name, "x\n")
    page = editing.open(name)
    assert editing.titles() == [r"a\u202egpj.py"]
    assert r"\u202e" in page.crumbs.path.text()


def test_an_ampersand_in_a_name_does_not_become_a_shortcut(editing: Editing) -> None:
    editing.put("a&b.py", "x\n")
    editing.open("a&b.py")
    assert editing.titles() == ["a&&b.py"]


def test_a_line_that_is_asked_for_is_where_the_caret_stands(editing: Editing) -> None:
    editing.put("a.py", "one\ntwo\nthree\n")
    editing.panel.open_file(CHECKOUT, "a.py", line=3)
    page = editing.front()
    editing.qtbot.waitUntil(lambda: page.loaded)
    assert page.code.caret() == (3, 1)


def test_a_text_that_lies_nowhere_has_a_tab_and_cannot_be_edited(editing: Editing) -> None:
    editing.panel.show_text("Changes of r1", "-old\n+new\n", "Diff")
    editing.type("x")
    assert editing.front().code.content() == "-old\n+new\n"
    assert editing.titles() == ["Changes of r1"]


def test_showing_the_same_text_again_uses_its_tab(editing: Editing) -> None:
    editing.panel.show_text("Changes", "one\n", "Diff")
    editing.panel.show_text("Changes", "two\n", "Diff")
    assert editing.titles() == ["Changes"]
    assert editing.front().code.content() == "two\n"


def test_a_change_of_theme_repaints_open_files(editing: Editing) -> None:
    editing.put("a.py", "a = 1\n")
    page = editing.open("a.py")
    dark = page.code.styleBack(32)
    editing.theme.set("light")
    assert page.code.styleBack(32) != dark
    assert page.code.styleBack(32) == 0xFFFFFF


@pytest.mark.parametrize("path", ["notes", "cart.py"])
def test_an_open_file_lets_the_program_rest(editing: Editing, path: str) -> None:
    editing.put(path, "one\ntwo\n")
    editing.open(path)
    dispatcher = QAbstractEventDispatcher.instance()
    assert dispatcher is not None
    everything = QEventLoop.ProcessEventsFlag.AllEvents
    # After the wait itself there is always something left; what never rests has something every time.
    editing.qtbot.waitUntil(lambda: any(not dispatcher.processEvents(everything) for _ in range(20)))


def test_a_tab_of_another_project_says_whose_it_is(editing: Editing) -> None:
    editing.panel.show_project(CHECKOUT.project, {CHECKOUT.project: "shop"})
    editing.put("a.py", "x\n")
    editing.put("b.py", "x\n", WORKSPACE)
    pages = [editing.open("a.py"), editing.open("b.py", WORKSPACE)]
    assert editing.titles() == ["a.py", "b.py"]
    assert not pages[0].crumbs.place.isVisibleTo(pages[0])
    editing.panel.show_project(ProjectId("p2"), {CHECKOUT.project: "shop", ProjectId("p2"): "blog"})
    assert editing.titles() == ["a.py (shop)", "b.py (shop)"]
    assert [page.crumbs.place.text() for page in pages] == ["shop", "shop · Workspace · r7f3a0000"]
    editing.panel.show_project(CHECKOUT.project, {CHECKOUT.project: "shop"})
    assert editing.titles() == ["a.py", "b.py"]
