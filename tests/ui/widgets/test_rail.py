"""The rail: icons with a count of what waits behind each."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from studio.ui.rail.rail import Rail
from studio.ui.theme import Theme


@pytest.mark.parametrize(("count", "words"), [(1, "1"), (19, "19"), (88, "88"), (120, "99+")])
def test_a_count_is_seen_whole(count: int, words: str, qtbot: QtBot) -> None:
    rail = Rail(Theme("dark"))
    qtbot.addWidget(rail)
    rail.show()
    rail.show_count("inbox", count)
    button = rail.buttons["inbox"]
    assert button.badge.text() == words
    assert button.badge.isVisible()
    assert button.badge.width() >= button.badge.sizeHint().width()
    assert button.rect().contains(button.badge.geometry())
