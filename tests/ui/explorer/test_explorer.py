"""The explorer: what a person sees of a place's files, and what keys and clicks do."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from studio.domain.errors import EngineError
from studio.domain.events import BranchMerged, SandboxStarted, SnapshotTaken
from studio.ui.explorer.items import NODE_ROLE
from tests.ui.explorer.conftest import CHECKOUT, WORKSPACE, Exploring

_SNAPSHOT = SnapshotTaken("t1", 1, "c2", "c1", ("a.py",))
_MERGED = BranchMerged("studio/r1", "main", "c2", "c1")


def _press(exploring: Exploring, path: str, key: Qt.Key) -> None:
    exploring.panel.reveal(path)
    QTest.keyClick(exploring.panel.view.tree, key)


def test_folders_come_first_and_are_read_when_they_are_opened(exploring: Exploring) -> None:
    exploring.files.paths = {"b.py", "src/shop/cart.py", "src/a.py"}
    exploring.show()
    assert exploring.names() == ["src", "b.py"]
    assert exploring.files.asked == [""]
    exploring.expand("src")
    assert exploring.names("src") == ["shop", "a.py"]
    assert exploring.files.asked == ["", "src"]


def test_the_band_says_whose_files_these_are(exploring: Exploring) -> None:
    exploring.files.paths = {"a.py"}
    exploring.show(CHECKOUT, "shop")
    assert exploring.panel.view.band.label.text() == "Checkout \N{MIDDLE DOT} shop"
    exploring.show(WORKSPACE, "Engineer")
    assert exploring.panel.view.band.label.text() == "Engineer \N{MIDDLE DOT} r7f3a0000"


def test_enter_opens_a_file_for_good_and_a_click_only_glances(exploring: Exploring) -> None:
    exploring.files.paths = {"a.py"}
    exploring.show()
    opened: list[tuple[object, str, bool]] = []
    exploring.panel.file_open_requested.connect(lambda *asked: opened.append(asked))
    _press(exploring, "a.py", Qt.Key.Key_Return)
    tree = exploring.panel.view.tree
    QTest.mouseClick(
        tree.viewport(),
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
        tree.visualRect(exploring.index("a.py")).center() + QPoint(0, 0),
    )
    assert opened == [(CHECKOUT, "a.py", False), (CHECKOUT, "a.py", True)]


def test_enter_opens_and_closes_a_folder(exploring: Exploring) -> None:
    exploring.files.paths = {"src/a.py"}
    exploring.show()
    for expanded in (True, False):
        _press(exploring, "src", Qt.Key.Key_Return)
        assert exploring.panel.view.tree.isExpanded(exploring.index("src")) is expanded


def test_a_link_is_shown_and_not_followed(exploring: Exploring) -> None:
    exploring.files.paths = {"@passwd"}
    exploring.show()
    with (
        exploring.qtbot.waitSignal(exploring.panel.message_arrived),
        exploring.qtbot.assertNotEmitted(exploring.panel.file_open_requested),
    ):
        _press(exploring, "@passwd", Qt.Key.Key_Return)


def test_hostile_names_show_what_they_hide(exploring: Exploring) -> None:
    exploring.files.paths = {"a\u202egpj.exe", "two\nlines", "zero\u200bwidth", "<b>bold"}
    exploring.show()
    assert exploring.names() == ["<b>bold", r"a\u202egpj.exe", r"two\nlines", r"zero\u200bwidth"]
    index = exploring.index("<b>bold")
    assert "&lt;b&gt;" in exploring.panel.items.data(index, int(Qt.ItemDataRole.ToolTipRole))


def test_a_large_folder_is_shown_in_pages(exploring: Exploring) -> None:
    exploring.files.page = 3
    exploring.files.paths = {f"f{number}" for number in range(8)}
    exploring.show()
    more = "\N{HORIZONTAL ELLIPSIS} 5 more: press Enter to show them"
    assert exploring.names() == ["f0", "f1", "f2", more]
    for shown in (7, 8):
        tree = exploring.panel.view.tree
        tree.setCurrentIndex(exploring.panel.items.index(exploring.panel.items.rowCount() - 1, 0))
        QTest.keyClick(tree, Qt.Key.Key_Return)
        exploring.qtbot.waitUntil(lambda rows=shown: exploring.panel.items.rowCount() == rows)  # type: ignore[misc]
    assert exploring.names() == [f"f{number}" for number in range(8)]


def test_a_snapshot_brings_new_files_and_keeps_what_is_open_and_selected(exploring: Exploring) -> None:
    exploring.files.paths = {"src/a.py", "src/c.py", "z.py"}
    exploring.show(WORKSPACE)
    exploring.expand("src")
    exploring.panel.reveal("src/c.py")
    exploring.files.paths |= {"src/b.py"}
    exploring.files.paths -= {"z.py"}
    exploring.happened(_SNAPSHOT, WORKSPACE)
    exploring.qtbot.waitUntil(lambda: exploring.names("src") == ["a.py", "b.py", "c.py"])
    assert exploring.names() == ["src"]
    tree = exploring.panel.view.tree
    assert tree.isExpanded(exploring.index("src"))
    assert tree.currentIndex().data(NODE_ROLE).path == "src/c.py"


def test_the_file_in_front_is_marked_and_no_other_one(exploring: Exploring) -> None:
    exploring.files.paths = {"a.py", "b.py"}
    exploring.show(WORKSPACE)
    selection = exploring.panel.view.tree.selectionModel()

    def marked() -> list[str]:
        return [index.data(NODE_ROLE).path for index in selection.selectedRows()]

    exploring.panel.mark(WORKSPACE, "a.py")
    assert marked() == ["a.py"]
    exploring.panel.mark(WORKSPACE, "b.py")
    assert marked() == ["b.py"]
    exploring.panel.mark(CHECKOUT, "a.py")
    assert marked() == []
    exploring.panel.mark(WORKSPACE, "a.py")
    exploring.panel.mark(None, "")
    assert marked() == []


def test_a_merge_concerns_the_checkout_only(exploring: Exploring) -> None:
    exploring.files.paths = {"a.py"}
    exploring.show(CHECKOUT)
    exploring.files.paths = {"a.py", "b.py"}
    exploring.happened(_SNAPSHOT, WORKSPACE)
    exploring.happened(_MERGED, CHECKOUT)
    exploring.qtbot.waitUntil(lambda: exploring.names() == ["a.py", "b.py"])


def test_a_folder_that_became_a_file_is_one(exploring: Exploring) -> None:
    exploring.files.paths = {"thing/inner.py"}
    exploring.show()
    exploring.expand("thing")
    exploring.files.paths = {"thing"}
    QTest.keyClick(exploring.panel.view.tree, Qt.Key.Key_F5)
    exploring.qtbot.waitUntil(lambda: not exploring.panel.items.hasChildren(exploring.index("thing")))


def test_an_unreadable_place_says_why_and_can_be_tried_again(exploring: Exploring) -> None:
    exploring.files.error = EngineError("The workspace cannot be read.", "Start the container engine.")
    exploring.files.paths = {"a.py"}
    exploring.show()
    view = exploring.panel.view
    exploring.qtbot.waitUntil(lambda: "Start the container engine." in view.state.text.text())
    assert not view.shows_tree()
    exploring.files.error = None
    view.state.button.click()
    exploring.qtbot.waitUntil(view.shows_tree)
    assert exploring.names() == ["a.py"]


def test_an_unreadable_folder_says_so_inside_itself(exploring: Exploring) -> None:
    exploring.files.paths = {"src/a.py"}
    exploring.show()
    exploring.files.error = EngineError("This folder cannot be read.")
    exploring.expand("src")
    assert exploring.names("src") == ["This folder cannot be read."]


def test_an_empty_place_says_what_to_do(exploring: Exploring) -> None:
    exploring.show()
    exploring.qtbot.waitUntil(lambda: exploring.panel.view.state.title.text() == "This folder is empty")
    assert exploring.panel.view.state.button.isVisible()


def test_a_run_whose_files_are_not_laid_out_yet_says_when_they_come_and_shows_them_then(exploring: Exploring) -> None:
    exploring.files.waits = True
    exploring.show(WORKSPACE, "Engineer")
    exploring.qtbot.waitUntil(lambda: exploring.panel.view.state.title.text() == "No files yet")
    exploring.files.waits, exploring.files.paths = False, {"a.py"}
    exploring.happened(SandboxStarted("c1", "image"), WORKSPACE)
    exploring.qtbot.waitUntil(lambda: exploring.names() == ["a.py"])
    assert exploring.panel.view.shows_tree()


def test_without_a_project_the_panel_says_so(exploring: Exploring) -> None:
    assert exploring.panel.view.state.title.text() == "No project is open"
    assert not exploring.panel.view.shows_tree()


def test_a_new_file_is_made_in_the_selected_folder_and_opened(exploring: Exploring) -> None:
    exploring.files.paths = {"src/a.py"}
    exploring.show()
    exploring.panel.reveal("src")
    exploring.panel.new_file()
    field = exploring.panel.view.field
    assert field.text() == "src/"
    with exploring.qtbot.waitSignal(exploring.panel.file_open_requested) as opened:
        QTest.keyClicks(field, "b.py")
        QTest.keyClick(field, Qt.Key.Key_Return)
    assert opened.args == [CHECKOUT, "src/b.py", False]
    assert "src/b.py" in exploring.files.paths


def test_a_name_that_is_taken_is_refused_beside_the_field(exploring: Exploring) -> None:
    exploring.files.paths = {"a.py"}
    exploring.show()
    exploring.panel.new_file()
    field = exploring.panel.view.field
    QTest.keyClicks(field, "a.py")
    QTest.keyClick(field, Qt.Key.Key_Return)
    exploring.qtbot.waitUntil(lambda: "exists already" in exploring.panel.view.problem.text())
    assert field.isVisible()


def test_another_places_files_leave_the_keyboard_where_one_types(exploring: Exploring) -> None:
    window = QWidget()
    exploring.qtbot.addWidget(window)
    message = QLineEdit()
    row = QHBoxLayout(window)
    row.addWidget(exploring.panel.widget)
    row.addWidget(message)
    with exploring.qtbot.waitActive(window):
        window.show()
    exploring.files.paths = {"a.py"}
    exploring.show(CHECKOUT)
    message.setFocus()
    exploring.show(WORKSPACE)
    assert message.hasFocus()
    exploring.panel.new_file()
    QTest.keyClick(exploring.panel.view.field, Qt.Key.Key_Escape)
    assert exploring.panel.view.tree.hasFocus()
    row.removeWidget(exploring.panel.widget)
    exploring.panel.widget.setParent(None)


def test_answers_for_a_place_that_was_left_are_not_shown(exploring: Exploring) -> None:
    exploring.files.paths = {"a.py"}
    exploring.panel.show_place(CHECKOUT, "shop")
    exploring.panel.show_place(None)
    exploring.qtbot.waitUntil(lambda: bool(exploring.files.asked))
    exploring.show(WORKSPACE)
    assert exploring.names() == ["a.py"]
    assert exploring.panel.place == WORKSPACE
