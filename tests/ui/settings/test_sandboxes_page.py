"""The page of sandboxes on a real core: what is up stands there with what it uses, and can be stopped."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from studio.app.studio import Studio
from studio.domain.ids import RunId
from studio.ui.sandboxes.panel import SandboxesPanel
from studio.ui.theme import Theme
from tests.fixtures.repositories import make_repository
from tests.fixtures.scripts import DONE, scripted
from tests.ui.settings.conftest import Core

pytestmark = pytest.mark.docker


@pytest.fixture
def page(qtbot: QtBot, core: Core, theme: Theme) -> SandboxesPanel:
    panel = SandboxesPanel(core.bridge, theme, core.bridge)
    qtbot.addWidget(panel.widget)
    panel.widget.resize(860, 560)
    panel.widget.show()
    core.bridge.events_arrived.connect(panel.apply)
    panel.refresh()
    core.until(lambda: panel.view.empty.title.text() != "Loading…")
    return panel


def test_a_sandbox_is_shown_with_what_it_uses_and_stopped_by_a_click(
    page: SandboxesPanel, core: Core, tmp_path: Path
) -> None:
    assert page.view.empty.title.text() == "No sandbox is up"
    core.until(lambda: page.view.disk.text().startswith("On disk: images "))

    async def begun(studio: Studio) -> RunId:
        project = await studio.projects.add(make_repository(tmp_path / "shop", {"a.txt": "one\n"}))
        sent = await studio.chats.send(project.id, "Hi there", model=scripted(tmp_path, DONE))
        while not await studio.sandboxes.list():
            await asyncio.sleep(0.1)
        return sent.run

    run = core.ask(begun)
    core.until(lambda: run in page.view.rows and "memory" in page.view.rows[run].use.text())
    row = page.view.rows[run]
    assert row.name.text() == "shop · Hi there"
    assert (row.state.text(), row.wake.isVisible()) == ("running · in use", False)

    async def idle(studio: Studio) -> bool:
        return (await studio.chats.run(run)).turn is None or (await studio.chats.run(run)).outcome is not None

    core.until(lambda: core.ask(idle))
    QTest.mouseClick(row.stop, Qt.MouseButton.LeftButton)

    core.until(lambda: page.view.rows == {})
    assert page.view.empty.isVisible()
