"""A panel that is new to a saved layout stands behind the others of its area, and can be shown there."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from studio.ui.docks import Area, Docks


def docks_with(qtbot: QtBot, window: QWidget, *bottom: str) -> Docks:
    docks = Docks(window)
    QVBoxLayout(window).addWidget(docks.manager)
    docks.set_centre(QWidget())
    docks.add("explorer", "Explorer", Area.SIDE)
    for id in bottom:
        docks.add(id, id.title(), Area.BOTTOM)
    docks.settle()
    qtbot.addWidget(window)
    window.resize(900, 600)
    window.show()
    return docks


def test_a_dock_that_a_saved_layout_does_not_know_stands_behind_its_neighbours(qtbot: QtBot) -> None:
    first, second = QWidget(), QWidget()
    before = docks_with(qtbot, first, "terminal", "console")
    before.show("console")
    layout = before.save()

    now = docks_with(qtbot, second, "terminal", "console", "logs")
    now.restore(layout)

    logs, console = now._docks["logs"], now._docks["console"]
    assert logs.dockAreaWidget() is console.dockAreaWidget()
    assert console.isCurrentTab()
    assert not logs.isFloating()
    now.show("logs")
    assert logs.isCurrentTab()


def test_a_dock_that_was_closed_stays_closed_with_the_layout(qtbot: QtBot) -> None:
    first, second = QWidget(), QWidget()
    before = docks_with(qtbot, first, "terminal", "console")
    before.hide("console")

    now = docks_with(qtbot, second, "terminal", "console")
    now.restore(before.save())

    assert not now.is_open("console")
    assert now.is_open("terminal")
