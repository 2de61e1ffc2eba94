"""The settings window: reached from everywhere that rules are spoken of, with its pages at the left."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from studio.ui.main_window import MainWindow
from studio.ui.rules.panel import RulesPanel
from studio.ui.settings.window import SettingsWindow
from tests.fixtures.repositories import make_repository
from tests.fixtures.window import open_window

# The offscreen platform says this of every floating frame, whatever the program does.
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints|raise", extend=True)

Ways = dict[str, Callable[[MainWindow], object]]


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path) -> Iterator[MainWindow]:
    repository = make_repository(tmp_path / "shop", {"a.txt": "one\n"})
    with open_window(qtbot, tmp_path / "home", repository, {}) as opened:
        yield opened


def opened(window: MainWindow) -> tuple[SettingsWindow, RulesPanel]:
    """The settings window and its page of rules, which are there by now."""
    settings = window.settings
    assert settings.window is not None
    assert settings.rules is not None
    return settings.window, settings.rules


def by_menu(window: MainWindow) -> None:
    """Chooses the rules in the menu of the project."""
    menu = window.frame.title.switcher.menu()
    assert isinstance(menu, QMenu)
    next(action for action in menu.actions() if action.text() == "Rules of this project…").trigger()


TO_SETTINGS: Ways = {
    "the rail": lambda window: QTest.mouseClick(window.frame.rail.buttons["settings"], Qt.MouseButton.LeftButton),
    "its key": lambda window: window.actions_table.action("show_settings").trigger(),
}
WAYS: Ways = {
    "the palette": lambda window: window.actions_table.action("show_rules").trigger(),
    "the menu of the project": by_menu,
    "the card in the chat": lambda window: window.panels.chat.current_chat.page().question.offer.rules.click(),  # type: ignore[union-attr]
}


@pytest.mark.parametrize("way", list(TO_SETTINGS))
def test_the_settings_begin_with_the_providers_and_come_back_to_the_page_seen_last(
    way: str, qtbot: QtBot, window: MainWindow
) -> None:
    TO_SETTINGS[way](window)
    settings, rules = opened(window)
    assert settings.current_page == "providers"
    settings.list.setCurrentItem(settings.list.findItems("Rules", Qt.MatchFlag.MatchExactly)[0])
    qtbot.waitUntil(lambda: rules.view.project.currentText() == "shop")
    settings.close()
    TO_SETTINGS[way](window)
    assert settings.isVisible()
    assert settings.current_page == "rules"


def test_without_a_model_the_home_page_leads_to_where_a_key_is_pasted(qtbot: QtBot, window: MainWindow) -> None:
    checks = window.panels.home.view.checks
    qtbot.waitUntil(lambda: checks.paste is not None, timeout=30_000)
    assert checks.paste is not None
    checks.paste.click()
    settings, _ = opened(window)
    assert settings.isVisible()
    assert settings.current_page == "providers"


@pytest.mark.parametrize("way", list(WAYS))
def test_the_rules_of_the_open_project_are_shown_by(way: str, qtbot: QtBot, window: MainWindow) -> None:
    WAYS[way](window)
    settings, rules = opened(window)
    assert settings.isVisible()
    assert settings.current_page == "rules"
    assert settings.size().width() <= window.width()
    qtbot.waitUntil(lambda: rules.view.project.currentText() == "shop")
    qtbot.waitUntil(rules.view.filter.hasFocus)
    QTest.keyClick(settings, Qt.Key.Key_Escape)
    assert not settings.isVisible()


def test_a_question_of_another_project_leads_to_the_rules_there(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    assert window.project is not None
    asking = window.project.id
    window.panels.home.open_path(str(make_repository(tmp_path / "till", {"b.txt": "two\n"})))
    qtbot.waitUntil(lambda: window.project is not None and window.project.name == "till")
    window.panels.inbox.view.rules_requested.emit(asking)
    _, rules = opened(window)
    qtbot.waitUntil(lambda: rules.view.project.currentText() == "shop")
