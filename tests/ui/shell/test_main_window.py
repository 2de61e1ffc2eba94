"""The main window with a real core behind it: from a repository to panels that show it."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from studio.app.bootstrap import open_studio
from studio.app.standing import Access
from studio.app.studio import Studio
from studio.base.paths import Paths
from studio.domain.files import Place
from studio.domain.ids import RunId
from studio.ui.application import FirstPaint
from studio.ui.bridge import Bridge
from studio.ui.exception_hook import SENTENCE, ExceptionHook
from studio.ui.main_window import MainWindow
from studio.ui.theme import Theme
from studio.ui.window_state import WindowState
from tests.fixtures.repositories import make_repository

# The offscreen platform says this of every floating frame, whatever the program does.
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)

OpenWindow = Callable[..., MainWindow]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "data folder"


@pytest.fixture
def environment(home: Path, tmp_path: Path) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "STUDIO_HOME": str(home)}


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "grüner laden"
    folder.mkdir()
    (folder / "cart.py").write_text("TOTAL = 1\n")
    for words in (
        ["init", "-q", "-b", "main"],
        ["add", "."],
        ["-c", "user.name=Kim", "-c", "user.email=kim@example.invalid", "commit", "-q", "-m", "First"],
    ):
        subprocess.run(["git", *words], cwd=folder, check=True, env={**os.environ, "HOME": str(tmp_path)})
    return folder


@pytest.fixture
def open_window(qtbot: QtBot, environment: dict[str, str]) -> Iterator[OpenWindow]:
    with contextlib.ExitStack() as stack:

        def open_(path: str | None = None, access: Access = Access.WRITE) -> MainWindow:
            async def build() -> Studio:
                return await open_studio(environment, access)

            bridge = Bridge(build)
            stack.callback(lambda: bridge.stop())
            window = MainWindow(bridge, Theme("dark"), WindowState(Paths.from_environment(environment).window))
            qtbot.addWidget(window)
            window.furnished.connect(lambda: window.open_first(path))
            with qtbot.waitSignals([window.furnished, bridge.ready], timeout=30_000):
                bridge.start()
                window.furnish()
                window.show()
            return window

        yield open_


def _shown_files(window: MainWindow) -> list[str]:
    items = window.panels.explorer.items
    return [str(items.index(row, 0).data()) for row in range(items.rowCount())]


def test_a_named_repository_opens_and_its_files_are_listed(
    qtbot: QtBot, open_window: OpenWindow, repository: Path
) -> None:
    window = open_window(str(repository))
    qtbot.waitUntil(lambda: window.project is not None)
    qtbot.waitUntil(lambda: "cart.py" in _shown_files(window))
    assert window.windowTitle() == "grüner laden · Studio"
    assert window.frame.title.switcher.text() == "grüner laden ▾"
    assert window.frame.docks.is_open("explorer")
    assert window.frame.docks.is_open("chat")
    assert window.actions_table.action("new_chat").isEnabled()
    assert not window.actions_table.action("stop_run").isEnabled()  # no agent works


def test_code_of_a_chat_is_applied_to_the_open_file_as_a_draft(
    qtbot: QtBot, open_window: OpenWindow, repository: Path
) -> None:
    window = open_window(str(repository))
    qtbot.waitUntil(lambda: window.project is not None)
    assert window.project is not None
    editor = window.panels.editor
    editor.open_file(Place(window.project.id), "cart.py")
    qtbot.waitUntil(lambda: editor.view.current is not None and editor.view.current.loaded)
    window.panels.chat.apply_requested.emit("# first\n")
    assert editor.view.current is not None
    assert editor.view.current.code.content() == "# first\nTOTAL = 1\n"
    assert (repository / "cart.py").read_text() == "TOTAL = 1\n"
    window.panels.chat.text_open_requested.emit("Code from the chat (py)", "x = 1", "py")
    assert editor.view.current.code.content() == "x = 1"
    editor.drop_unsaved()


def test_find_searches_the_chat_when_the_keyboard_is_there_and_the_file_otherwise(
    qtbot: QtBot, open_window: OpenWindow, repository: Path
) -> None:
    window = open_window(str(repository))
    qtbot.waitUntil(lambda: window.project is not None)
    assert window.project is not None
    editor, chat = window.panels.editor, window.panels.chat.current_chat
    assert chat is not None
    editor.open_file(Place(window.project.id), "cart.py")
    qtbot.waitUntil(lambda: editor.view.current is not None and editor.view.current.loaded)
    assert editor.view.current is not None
    find = window.actions_table.action("find")

    chat.page().composer.input.setFocus()
    qtbot.waitUntil(chat.page().composer.input.hasFocus)
    find.trigger()
    assert chat.page().search.isVisible()
    assert not editor.view.current.find_bar.isVisible()

    editor.view.current.focus_text()
    find.trigger()
    assert editor.view.current.find_bar.isVisible()


def test_without_a_project_only_home_is_there_and_nothing_dead_can_be_pressed(
    qtbot: QtBot, open_window: OpenWindow
) -> None:
    window = open_window()
    assert window.frame.current_middle == "home"
    assert not window.frame.docks.is_open("chat")
    assert not window.frame.rail.buttons["review"].isEnabled()
    assert not window.actions_table.action("show_terminal").isEnabled()
    assert window.frame.rail.buttons["home"].isChecked()


def test_the_layout_and_the_project_come_back_with_the_next_window(
    qtbot: QtBot, open_window: OpenWindow, repository: Path
) -> None:
    first = open_window(str(repository))
    qtbot.waitUntil(lambda: first.project is not None)
    first.frame.docks.hide("terminal")
    first.frame.docks.hide("activity")
    first.close()
    assert first._bridge.stop()
    second = open_window()
    qtbot.waitUntil(lambda: second.project is not None)
    assert second.project == first.project
    assert not second.frame.docks.is_open("terminal")
    second.actions_table.action("reset_layout").trigger()
    assert second.frame.docks.is_open("terminal")


def test_half_a_message_survives_the_same_project_chosen_again_home_and_the_end_of_the_window(
    qtbot: QtBot, open_window: OpenWindow, repository: Path
) -> None:
    first = open_window(str(repository))
    qtbot.waitUntil(lambda: first.project is not None)
    chat = first.panels.chat.current_chat
    assert chat is not None
    QTest.keyClicks(chat.page().composer.input, "Fix the")
    first.open_project(first.project)
    assert first.panels.chat.current_chat is chat
    QTest.keyClicks(chat.page().composer.input, " totals")
    first.open_project(None)
    first.close()
    assert first._bridge.stop()
    second = open_window(str(repository))
    qtbot.waitUntil(lambda: second.panels.chat.current_chat is not None)
    again = second.panels.chat.current_chat
    assert again is not None
    assert again.page().composer.input.toPlainText() == "Fix the totals"


def test_the_rail_shows_one_side_panel_at_a_time(qtbot: QtBot, open_window: OpenWindow, repository: Path) -> None:
    window = open_window(str(repository))
    qtbot.waitUntil(lambda: window.project is not None)
    QTest.mouseClick(window.frame.rail.buttons["inbox"], Qt.MouseButton.LeftButton)
    assert window.frame.docks.is_open("inbox")
    assert not window.frame.docks.is_open("explorer")
    assert window.frame.rail.buttons["inbox"].isChecked()
    QTest.mouseClick(window.frame.rail.buttons["explorer"], Qt.MouseButton.LeftButton)
    assert window.frame.docks.is_open("explorer")
    assert not window.frame.docks.is_open("inbox")
    QTest.mouseClick(window.frame.rail.buttons["review"], Qt.MouseButton.LeftButton)
    assert window.frame.current_middle == "review"
    marked = {name for name, button in window.frame.rail.buttons.items() if button.isChecked()}
    assert marked == {"explorer", "review"}


def test_an_item_of_the_status_bar_shows_the_panel_that_explains_it(
    qtbot: QtBot, open_window: OpenWindow, repository: Path
) -> None:
    window = open_window(str(repository))
    qtbot.waitUntil(lambda: window.project is not None)
    project = window.status.view.items["project"]
    assert project.text() == "grüner laden"
    QTest.mouseClick(project, Qt.MouseButton.LeftButton)
    assert window.frame.current_middle == "home"


def test_quick_open_brings_a_file_into_the_editor(qtbot: QtBot, open_window: OpenWindow, repository: Path) -> None:
    window = open_window(str(repository))
    qtbot.waitUntil(lambda: window.project is not None)
    palette = window.panels.palette.palette
    window.actions_table.action("quick_open").trigger()
    qtbot.waitUntil(lambda: palette.list.count() == 1)
    QTest.keyClicks(palette.field, "cart")
    QTest.keyClick(palette.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.windowTitle() == "cart.py · grüner laden · Studio")


def test_a_file_of_the_former_project_stays_open_and_says_whose_it_is(
    qtbot: QtBot, open_window: OpenWindow, repository: Path, tmp_path: Path
) -> None:
    window = open_window(str(repository))
    qtbot.waitUntil(lambda: window.project is not None)
    place = window.panels.explorer.place
    assert place is not None
    window.panels.editor.open_file(place, "cart.py")
    other = make_repository(tmp_path / "blog", {"post.md": "Hello\n"})
    window.panels.home.open_path(str(other))
    qtbot.waitUntil(lambda: window.windowTitle() == "cart.py (grüner laden) · blog · Studio")


def test_a_runs_page_is_left_as_soon_as_another_chat_is_in_front(
    qtbot: QtBot, open_window: OpenWindow, repository: Path
) -> None:
    window = open_window(str(repository))
    qtbot.waitUntil(lambda: window.project is not None)
    assert window.project is not None
    preview, none = window.panels.preview, "No run is selected"
    preview.show_run(window.project.id, RunId("r0000001"), "studio/first")
    assert preview.view.state.title.text() != none

    window.panels.chat.run_changed.emit(RunId("r0000002"))

    assert preview.view.state.title.text() == none


def test_the_menu_of_projects_opens_a_repository_too(qtbot: QtBot, open_window: OpenWindow, repository: Path) -> None:
    window = open_window(str(repository))
    qtbot.waitUntil(lambda: window.project is not None)
    menu = window.frame.title.switcher.menu()
    next(action for action in menu.actions() if action.text() == "Open a repository…").trigger()
    dialog = window.panels.home.view.findChild(QFileDialog)
    assert dialog is not None
    assert dialog.isVisible()
    dialog.reject()


def test_a_path_that_is_no_repository_is_explained_and_home_stays(
    qtbot: QtBot, open_window: OpenWindow, tmp_path: Path
) -> None:
    window = open_window(str(tmp_path))
    qtbot.waitUntil(window.frame.error.isVisible)
    assert "not a Git repository" in window.frame.error.sentence.text()
    assert window.frame.current_middle == "home"


def test_a_second_window_on_the_same_data_folder_shows_who_does_the_work(
    qtbot: QtBot, open_window: OpenWindow, repository: Path
) -> None:
    first = open_window(str(repository), Access.ENGINE)
    qtbot.waitUntil(lambda: first.project is not None)
    second = open_window()
    item = second.status.view.items["engine"]
    qtbot.waitUntil(lambda: item.text() == "another Studio does the work")
    assert first.status.view.items["engine"].text() == ""


def test_a_core_that_cannot_start_says_what_to_do_and_lets_nothing_else_be_pressed(
    qtbot: QtBot, environment: dict[str, str], home: Path
) -> None:
    home.mkdir()
    (home / "settings.toml").write_text("theme = 7\n")

    async def build() -> Studio:
        return await open_studio(environment, Access.WRITE)

    bridge = Bridge(build)
    window = MainWindow(bridge, Theme("dark"), WindowState(Paths(home).window))
    qtbot.addWidget(window)
    with qtbot.waitSignals([window.furnished, bridge.start_failed], timeout=30_000):
        window.furnish()
        window.furnished.connect(bridge.start)
        window.show()
    assert "theme cannot be 7" in window.frame.error.sentence.text()
    assert not window.panels.home.view.open.isEnabled()
    assert bridge.stop()


def test_a_fault_becomes_one_calm_line_with_its_details_behind_a_button(
    qtbot: QtBot, open_window: OpenWindow, repository: Path
) -> None:
    window = open_window(str(repository))
    qtbot.waitUntil(lambda: window.project is not None)
    hook = ExceptionHook()
    hook.fault_met.connect(window.show_error)
    hook.install()
    try:
        error = ZeroDivisionError("a bug")
        sys.excepthook(ZeroDivisionError, error, None)
        qtbot.waitUntil(window.frame.error.isVisible)
    finally:
        hook.remove()
    assert window.frame.error.sentence.text() == SENTENCE
    window.frame.error.details.click()
    page = window.panels.editor.view.current
    assert page is not None
    assert "ZeroDivisionError: a bug" in page.code.content()


def test_the_theme_changes_at_once_and_is_kept(
    qtbot: QtBot, open_window: OpenWindow, environment: dict[str, str]
) -> None:
    window = open_window()
    window.actions_table.action("theme_light").trigger()
    assert window._theme.name == "light"
    window.close()
    assert WindowState(Paths.from_environment(environment).window).theme == "light"


def test_a_spoilt_memory_of_the_window_is_no_trouble(home: Path) -> None:
    folder = Paths(home).window
    folder.mkdir(parents=True)
    (folder / "window.ini").write_bytes(b"\x00\xff[[[\n[General]\ngeometry=nonsense\nlast_project=@Invalid()\n")
    state = WindowState(folder)
    assert state.geometry is None
    assert state.last_project == ""


def test_every_panel_of_the_rail_and_every_dock_has_a_name(qtbot: QtBot, open_window: OpenWindow) -> None:
    window = open_window()
    for button in (*window.frame.rail.buttons.values(), window.frame.title.search, window.frame.title.switcher):
        assert button.accessibleName()


def test_the_first_paint_is_noticed_once(qtbot: QtBot, qapp: QApplication) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    paint = FirstPaint(window)
    with qtbot.waitSignal(paint.happened):
        window.show()
    with qtbot.assertNotEmitted(paint.happened):
        window.repaint()


def test_unsaved_text_is_asked_about_before_the_window_goes(
    qtbot: QtBot, open_window: OpenWindow, repository: Path
) -> None:
    window = open_window(str(repository))
    qtbot.waitUntil(lambda: window.project is not None)
    place = window.panels.explorer.place
    assert place is not None
    window.panels.editor.open_file(place, "cart.py")
    page = window.panels.editor.view.current
    assert page is not None
    qtbot.waitUntil(lambda: page.loaded)
    QTest.keyClicks(page.code, "x")
    asked: list[str] = []

    def answer(word: str) -> None:
        box = next(widget for widget in window.children() if isinstance(widget, QMessageBox))
        asked.append(box.text())
        next(button for button in box.buttons() if button.text().replace("&", "") == word).click()

    QTimer.singleShot(0, window, lambda: answer("Cancel"))
    assert not window.close()
    QTimer.singleShot(0, window, lambda: answer("Quit"))
    assert window.close()
    assert asked == ["Quit without saving cart.py?"] * 2
    assert (repository / "cart.py").read_text() == "TOTAL = 1\n"
