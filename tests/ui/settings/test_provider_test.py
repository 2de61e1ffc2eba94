"""The button Test on the page of providers: what a person reads of a provider that works, and of one that does not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from studio.router.tries import CALLS
from studio.ui.providers.panel import ProvidersPanel
from studio.ui.providers.row import ProviderRow
from studio.ui.theme import Theme
from tests.fixtures.plug import Cut, Plugged, Reply, provider
from tests.ui.settings.conftest import Core

CALL = (("report_file", CALLS[0]),)


@pytest.fixture
def served() -> Iterator[Plugged]:
    with provider(models=("dear", "other")) as running:
        yield running


@pytest.fixture
def environment(home: Path, environment: dict[str, str], served: Plugged) -> dict[str, str]:
    home.mkdir()
    (home / "prices.toml").write_text('["anthropic/dear"]\ninput = 10\noutput = 100\n')
    return {**environment, **served.environment("anthropic")}


@pytest.fixture
def row(qtbot: QtBot, core: Core, theme: Theme) -> ProviderRow:
    panel = ProvidersPanel(core.bridge, theme, core.bridge)
    qtbot.addWidget(panel.widget)
    panel.widget.resize(860, 560)
    panel.widget.show()
    panel.refresh()
    core.until(lambda: bool(panel.view.rows))
    return panel.view.row("anthropic")


def test_what_a_provider_can_do_and_what_finding_out_cost_is_said(
    row: ProviderRow, core: Core, served: Plugged
) -> None:
    served.replies += [Reply(calls=CALL), Reply("1 2 3 4 5")]
    QTest.mouseClick(row.test, Qt.MouseButton.LeftButton)
    assert not row.test.isEnabled()

    core.until(row.test.isEnabled)
    verdict, models = row.found.text().split("\n")
    assert verdict.startswith("dear called the tool as it was told. ")
    assert "tokens a second, the first after" in verdict
    assert verdict.endswith("The test cost $0.0400.")
    assert models == "2 models: dear, other."


def test_a_provider_is_not_asked_twice_at_once(row: ProviderRow, core: Core, served: Plugged) -> None:
    served.replies += [Reply(calls=CALL), Reply("1 2 3")]
    QTest.mouseClick(row.test, Qt.MouseButton.LeftButton)
    row.show_state(row.state)  # as when another window saves a key
    assert not row.test.isEnabled()
    core.until(row.test.isEnabled)


def test_a_provider_that_is_cut_off_says_so_and_can_be_tested_again(
    row: ProviderRow, core: Core, served: Plugged
) -> None:
    served.replies += [Reply(cut=Cut.BEFORE), Reply(calls=CALL), Reply("1 2 3")]
    QTest.mouseClick(row.test, Qt.MouseButton.LeftButton)
    core.until(row.test.isEnabled)
    assert "The reply of Anthropic broke off or could not be read" in row.fault.text()
    assert "called the tool" not in row.found.text()

    QTest.mouseClick(row.test, Qt.MouseButton.LeftButton)
    core.until(row.test.isEnabled)
    assert "dear called the tool as it was told." in row.found.text()
    assert row.fault.isHidden()


def test_only_what_is_wrong_stands_out(row: ProviderRow, core: Core, served: Plugged) -> None:
    served.replies += [Reply(calls=(("report_file", {}),)), Reply("1 2 3 4 5")]
    QTest.mouseClick(row.test, Qt.MouseButton.LeftButton)
    core.until(row.test.isEnabled)
    assert row.fault.text().startswith("dear: It called the tool with other values than it was told.")
    assert "cost" not in row.fault.text()
    assert row.found.text().endswith("The test cost $0.0400.\n2 models: dear, other.")
    assert row.fault.objectName() != row.found.objectName()
