"""The settings window with all its pages on a real core: each opens, and what is changed there reaches the chats."""

from __future__ import annotations

from functools import partial

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from studio.domain.roles import Tier
from studio.ui.settings_joins import SettingsDesk
from studio.ui.theme import Theme
from studio.ui.widgets.states import EmptyState, ErrorBar
from tests.ui.settings.conftest import Core

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", "does not support raise", extend=True)


@pytest.fixture
def desk(qtbot: QtBot, core: Core, theme: Theme) -> SettingsDesk:
    owner = QWidget()
    qtbot.addWidget(owner)
    owner.resize(1280, 800)
    owner.show()
    return SettingsDesk(core.bridge, theme, lambda: None, owner)


def is_settled(page: QWidget) -> bool:
    """Whether a page no longer says that it is reading."""
    return not any(each.isVisible() and each.title.text().endswith("…") for each in page.findChildren(EmptyState))


def test_every_page_opens_by_the_arrow_keys_and_shows_no_fault(desk: SettingsDesk, core: Core) -> None:
    desk.open_settings()
    window = desk.window
    assert window is not None
    titles = [window.list.item(row).text() for row in range(window.list.count())]
    assert titles == ["Providers & keys", "Models", "Tiers", "Experiments", "Budgets", "Rules", "Network", "Sandboxes"]
    for row in range(window.list.count()):
        assert window.list.currentRow() == row
        page = window.pages.currentWidget()
        assert page is not None
        core.until(partial(is_settled, page))
        assert [bar for bar in page.findChildren(ErrorBar) if not bar.isHidden()] == []
        QTest.keyClick(window.list, Qt.Key.Key_Down)
    QTest.keyClick(window, Qt.Key.Key_Escape)
    assert not window.isVisible()


def test_a_tier_that_another_face_changes_is_told_to_the_chats(desk: SettingsDesk, core: Core, qtbot: QtBot) -> None:
    with qtbot.waitSignal(desk.models_changed):
        core.ask(lambda studio: studio.routing.set_tier(Tier.FAST, (("groq/llama",),)))
