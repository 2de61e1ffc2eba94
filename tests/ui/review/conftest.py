"""What review tests share: a theme and a bridge to scripted doors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, cast

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.ui.bridge import Bridge
from studio.ui.theme import Theme
from tests.fixtures.quiet_doors import QuietDoors


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    return Theme("dark")


@pytest.fixture
def doors() -> QuietDoors:
    return QuietDoors()


@pytest.fixture
def bridge(qtbot: QtBot, doors: QuietDoors) -> Iterator[Bridge]:
    async def build() -> Any:
        return doors

    made = Bridge(cast(Callable[[], Any], build))
    with qtbot.waitSignal(made.ready):
        made.start()
    yield made
    assert made.stop()
