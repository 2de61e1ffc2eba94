"""Saving: nothing a person typed is lost without their word."""

from __future__ import annotations

from PySide6.QtWidgets import QMessageBox

from studio.domain.events import BranchMerged, SnapshotTaken
from tests.ui.editor.conftest import CHECKOUT, WORKSPACE, Editing

_SNAPSHOT = SnapshotTaken("t1", 1, "c2", "c1", ("a.py",))
_MERGED = BranchMerged("studio/r1", "main", "c2", "c1")


def _dialog(editing: Editing) -> QMessageBox:
    box = editing.panel.view.findChild(QMessageBox)
    assert isinstance(box, QMessageBox)
    return box


def test_a_saved_file_is_clean_and_its_text_is_in_the_file(editing: Editing) -> None:
    editing.put("a.py", "old\n")
    editing.open("a.py")
    editing.type("new ")
    assert editing.panel.view.tabs.is_dirty(0)
    assert editing.panel.unsaved() == ("a.py",)
    editing.save()
    assert editing.files.texts[CHECKOUT, "a.py"] == "new old\n"
    assert not editing.panel.view.tabs.is_dirty(0)
    assert editing.panel.unsaved() == ()


def test_two_saves_in_a_row_both_arrive(editing: Editing) -> None:
    editing.put("a.py", "x\n")
    editing.open("a.py")
    for letter in ("1", "2"):
        editing.type(letter)
        editing.save()
    assert editing.files.texts[CHECKOUT, "a.py"] == "21x\n"


def test_what_is_typed_while_a_save_is_on_its_way_stays_unsaved(editing: Editing) -> None:
    editing.put("a.py", "x\n")
    page = editing.open("a.py")
    editing.type("1")
    editing.panel.save()
    editing.type("2")
    editing.qtbot.waitUntil(lambda: not page.saving)
    assert editing.files.texts[CHECKOUT, "a.py"] == "1x\n"
    assert page.dirty


def test_a_file_changed_meanwhile_is_not_overwritten_by_a_save(editing: Editing) -> None:
    editing.put("a.py", "base\n")
    page = editing.open("a.py")
    editing.type("mine ")
    editing.put("a.py", "theirs\n")
    editing.panel.save()
    editing.qtbot.waitUntil(lambda: page.notice.isVisible())
    assert editing.files.texts[CHECKOUT, "a.py"] == "theirs\n"
    assert page.code.content() == "mine base\n"


def test_overwriting_is_done_when_the_person_says_so(editing: Editing) -> None:
    editing.put("a.py", "base\n")
    page = editing.open("a.py")
    editing.type("mine ")
    editing.put("a.py", "theirs\n")
    editing.panel.save()
    editing.qtbot.waitUntil(lambda: page.notice.isVisible())
    with editing.qtbot.waitSignal(editing.panel.saved):
        editing.press("Overwrite with mine")
    assert editing.files.texts[CHECKOUT, "a.py"] == "mine base\n"


def test_taking_theirs_can_be_undone(editing: Editing) -> None:
    editing.put("a.py", "base\n")
    page = editing.open("a.py")
    editing.type("mine ")
    editing.put("a.py", "theirs\n")
    editing.panel.save()
    editing.qtbot.waitUntil(lambda: page.notice.isVisible())
    editing.press("Take theirs")
    assert page.code.content() == "theirs\n"
    assert not page.dirty
    page.code.undo()
    assert page.code.content() == "mine base\n"
    assert page.dirty


def test_their_text_can_be_looked_at_before_choosing(editing: Editing) -> None:
    editing.put("a.py", "base\n")
    page = editing.open("a.py")
    editing.type("mine ")
    editing.put("a.py", "theirs\n")
    editing.panel.save()
    editing.qtbot.waitUntil(lambda: page.notice.isVisible())
    editing.press("Show theirs")
    assert editing.front().code.content() == "theirs\n"
    assert page.notice.isVisibleTo(page)


def test_a_clean_file_follows_the_agent(editing: Editing) -> None:
    editing.put("a.py", "one\ntwo\n", WORKSPACE)
    page = editing.open("a.py", WORKSPACE)
    page.code.go_to(2)
    editing.put("a.py", "one\ntwo\nthree\n", WORKSPACE)
    editing.happened(_SNAPSHOT, WORKSPACE)
    editing.qtbot.waitUntil(lambda: page.code.content().endswith("three\n"))
    assert page.code.caret() == (2, 1)
    assert not page.dirty


def test_a_file_with_unsaved_text_does_not_follow_but_asks(editing: Editing) -> None:
    editing.put("a.py", "one\n", WORKSPACE)
    page = editing.open("a.py", WORKSPACE)
    editing.type("mine ")
    editing.put("a.py", "two\n", WORKSPACE)
    editing.happened(_SNAPSHOT, WORKSPACE)
    editing.qtbot.waitUntil(lambda: page.notice.isVisible())
    assert page.code.content() == "mine one\n"


def test_a_merge_shows_in_the_checkout(editing: Editing) -> None:
    editing.put("a.py", "before\n")
    page = editing.open("a.py")
    editing.put("a.py", "merged\n")
    editing.happened(_MERGED, CHECKOUT)
    editing.qtbot.waitUntil(lambda: page.code.content() == "merged\n")


def test_a_deleted_file_keeps_its_text_here_and_can_be_saved_again(editing: Editing) -> None:
    editing.put("a.py", "last\n")
    page = editing.open("a.py")
    del editing.files.texts[CHECKOUT, "a.py"]
    editing.panel.look_again()
    editing.qtbot.waitUntil(lambda: page.notice.isVisible())
    with editing.qtbot.waitSignal(editing.panel.saved):
        editing.press("Save it again")
    assert editing.files.texts[CHECKOUT, "a.py"] == "last\n"


def test_a_refused_save_says_why_and_keeps_the_text(editing: Editing) -> None:
    editing.put("a.py", "x\n")
    page = editing.open("a.py")
    editing.type("1")
    editing.files.refuse_writes = "The disk is full."
    editing.panel.save()
    editing.qtbot.waitUntil(lambda: "The disk is full." in page.notice.sentence.text())
    editing.files.refuse_writes = ""
    with editing.qtbot.waitSignal(editing.panel.saved):
        editing.press("Save again")
    assert editing.files.texts[CHECKOUT, "a.py"] == "1x\n"


def test_closing_unsaved_text_asks_and_can_be_called_off(editing: Editing) -> None:
    editing.put("a.py", "x\n")
    editing.open("a.py")
    editing.type("1")
    editing.panel.close_current()
    _dialog(editing).button(QMessageBox.StandardButton.Cancel).click()
    assert editing.titles() == ["a.py"]


def test_closing_can_save_first(editing: Editing) -> None:
    editing.put("a.py", "x\n")
    editing.open("a.py")
    editing.type("1")
    editing.panel.close_current()
    with editing.qtbot.waitSignal(editing.panel.saved):
        _dialog(editing).button(QMessageBox.StandardButton.Save).click()
    assert editing.files.texts[CHECKOUT, "a.py"] == "1x\n"
    assert editing.titles() == []


def test_closing_can_drop_the_text(editing: Editing) -> None:
    editing.put("a.py", "x\n")
    editing.open("a.py")
    editing.type("1")
    editing.panel.close_current()
    _dialog(editing).button(QMessageBox.StandardButton.Discard).click()
    assert editing.files.texts[CHECKOUT, "a.py"] == "x\n"
    assert editing.titles() == []
