"""Keeping: text that is not saved outlives the window it was typed in."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QMessageBox

from studio.ui.editor.page import Page
from tests.ui.editor.conftest import CHECKOUT, WORKSPACE, Editing


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "unsaved"


@pytest.fixture
def restart(editing: Editing, folder: Path) -> Callable[[], None]:
    """The first window keeps its texts; each call opens another one, as after a kill."""
    editing.panel.keep_unsaved_in(folder)

    def next_window() -> None:
        editing.next_window()
        editing.panel.keep_unsaved_in(folder)

    return next_window


def _typed(editing: Editing, folder: Path, text: str = "mine ") -> Page:
    editing.put("a.py", "base\n")
    page = editing.open("a.py")
    editing.type(text)
    editing.qtbot.waitUntil(lambda: len(_kept(folder)) == 1)
    return page


def _kept(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.exists() else []


def test_text_that_was_not_saved_comes_back_with_its_file(
    editing: Editing, folder: Path, restart: Callable[[], None]
) -> None:
    _typed(editing, folder)
    restart()
    page = editing.open("a.py")
    assert page.code.content() == "mine base\n"
    assert page.dirty
    assert "not saved" in page.notice.sentence.text()
    assert editing.files.texts[CHECKOUT, "a.py"] == "base\n"
    with editing.qtbot.waitSignal(editing.panel.saved):
        editing.press("Save")
    assert editing.files.texts[CHECKOUT, "a.py"] == "mine base\n"
    assert _kept(folder) == []


def test_what_is_in_the_file_can_be_taken_instead_and_that_undone(
    editing: Editing, folder: Path, restart: Callable[[], None]
) -> None:
    _typed(editing, folder)
    restart()
    page = editing.open("a.py")
    editing.press("Take what is in the file")
    assert page.code.content() == "base\n"
    assert not page.dirty
    assert _kept(folder) == []
    page.code.undo()
    assert page.code.content() == "mine base\n"
    editing.qtbot.waitUntil(lambda: len(_kept(folder)) == 1)


def test_a_file_that_somebody_else_changed_since_is_not_overwritten(
    editing: Editing, folder: Path, restart: Callable[[], None]
) -> None:
    _typed(editing, folder)
    editing.put("a.py", "theirs\n")
    restart()
    page = editing.open("a.py")
    assert page.code.content() == "mine base\n"
    assert "changed by somebody else" in page.notice.sentence.text()
    page.notice.silence()
    editing.panel.save()
    editing.qtbot.waitUntil(page.notice.isVisible)
    assert editing.files.texts[CHECKOUT, "a.py"] == "theirs\n"
    editing.press("Take theirs")
    assert page.code.content() == "theirs\n"
    assert _kept(folder) == []


def test_a_file_that_was_deleted_since_gives_its_text_back(
    editing: Editing, folder: Path, restart: Callable[[], None]
) -> None:
    _typed(editing, folder)
    del editing.files.texts[CHECKOUT, "a.py"]
    restart()
    page = editing.open("a.py")
    assert page.code.content() == "mine base\n"
    with editing.qtbot.waitSignal(editing.panel.saved):
        editing.press("Save it again")
    assert editing.files.texts[CHECKOUT, "a.py"] == "mine base\n"


def test_text_of_one_place_is_not_offered_for_another(
    editing: Editing, folder: Path, restart: Callable[[], None]
) -> None:
    _typed(editing, folder)
    restart()
    editing.put("a.py", "base\n", WORKSPACE)
    assert editing.open("a.py", WORKSPACE).code.content() == "base\n"


@pytest.mark.parametrize("end", ["saved", "undone", "dropped"])
def test_nothing_stays_of_text_that_was_saved_undone_or_dropped(
    end: str, editing: Editing, folder: Path, restart: Callable[[], None]
) -> None:
    page = _typed(editing, folder)
    if end == "saved":
        editing.save()
    elif end == "undone":
        page.code.undo()
    else:
        editing.panel.close_current()
        box = editing.panel.view.findChild(QMessageBox)
        assert isinstance(box, QMessageBox)
        box.button(QMessageBox.StandardButton.Discard).click()
    assert _kept(folder) == []


def test_kept_text_is_for_its_own_person_only(editing: Editing, folder: Path, restart: Callable[[], None]) -> None:
    _typed(editing, folder)
    (kept,) = _kept(folder)
    assert kept.stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("spoilt", [b"", b"{}\n", b"\xff\xfe", b'{"etag": null, "size": 99}\nshort'])
def test_spoilt_memory_of_a_text_is_no_trouble(
    spoilt: bytes, editing: Editing, folder: Path, restart: Callable[[], None]
) -> None:
    _typed(editing, folder)
    (kept,) = _kept(folder)
    kept.write_bytes(spoilt)
    restart()
    page = editing.open("a.py")
    assert page.code.content() == "base\n"
    assert not page.notice.isVisible()


@pytest.mark.skipif(os.name != "posix", reason="names are bytes only there")
def test_any_name_of_a_file_can_be_kept(editing: Editing, folder: Path, restart: Callable[[], None]) -> None:
    name = os.fsdecode(b"d/" + b"long" * 60 + b"\xff")
    editing.put(name, "base\n")
    editing.open(name)
    editing.type("mine ")
    editing.panel.keep_unsaved()
    restart()
    assert editing.open(name).code.content() == "mine base\n"


def test_the_next_window_says_which_files_were_not_saved_and_opens_them(
    editing: Editing, folder: Path, restart: Callable[[], None]
) -> None:
    _typed(editing, folder)
    editing.put("lib/b.py", "other\n", WORKSPACE)
    editing.open("lib/b.py", WORKSPACE)
    editing.type("also mine ")
    editing.qtbot.waitUntil(lambda: len(_kept(folder)) == 2)
    assert not editing.panel.view.notice.isVisible()
    restart()
    notice = editing.panel.view.notice
    assert notice.isVisible()
    assert notice.sentence.text() == "a.py and b.py were not saved when Studio ended. Their text was kept."
    assert editing.panel.unsaved_in(WORKSPACE) == ("lib/b.py",)
    notice.buttons[0].click()
    editing.qtbot.waitUntil(lambda: all(page.dirty for page in editing.panel.view.pages))
    assert [page.code.content() for page in editing.panel.view.pages] == ["mine base\n", "also mine other\n"]
    assert not notice.isVisible()
    assert editing.panel.unsaved_in(WORKSPACE) == ("lib/b.py",)
    assert editing.panel.unsaved_in(CHECKOUT) == ("a.py",)


def test_a_file_that_is_opened_by_hand_is_not_spoken_of_any_more(
    editing: Editing, folder: Path, restart: Callable[[], None]
) -> None:
    _typed(editing, folder)
    restart()
    assert editing.panel.view.notice.sentence.text() == "a.py was not saved when Studio ended. Its text was kept."
    editing.open("a.py")
    assert not editing.panel.view.notice.isVisible()


def test_text_that_an_earlier_studio_kept_without_its_place_still_comes_back_with_its_file(
    editing: Editing, folder: Path, restart: Callable[[], None]
) -> None:
    _typed(editing, folder)
    head, _, text = _kept(folder)[0].read_bytes().partition(b"\n")
    about = {name: value for name, value in json.loads(head).items() if name not in ("project", "run")}
    _kept(folder)[0].write_bytes(json.dumps(about).encode() + b"\n" + text)
    restart()
    assert not editing.panel.view.notice.isVisible()
    assert editing.open("a.py").code.content() == "mine base\n"
