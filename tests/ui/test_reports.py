"""What a page says while a report of it is on its way waits in bounds, and goes with the next one."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest
from pytestqt.qtbot import QtBot

from studio.domain.console import ConsoleEntry, ConsoleLevel
from studio.domain.errors import NotFound
from studio.domain.ids import RunId
from studio.ui.bridge import Bridge
from studio.ui.reports import MOST_AT_ONCE, Reports
from tests.fixtures.quiet_doors import QuietDoors

RUN = RunId("r1")


class SlowConsoles:
    """Takes a report, and says so only once it is let."""

    def __init__(self) -> None:
        self.reported: list[tuple[tuple[ConsoleEntry, ...], int]] = []
        self.waiting: list[asyncio.Future[None]] = []
        self.error: Exception | None = None

    async def report(self, run: RunId, entries: tuple[ConsoleEntry, ...], dropped: int, port: int) -> None:
        self.reported.append((entries, dropped))
        self.waiting.append(asyncio.get_running_loop().create_future())
        await self.waiting[-1]
        if self.error is not None:
            raise self.error

    def let(self) -> None:
        waiting = self.waiting[-1]
        waiting.get_loop().call_soon_threadsafe(waiting.set_result, None)


@pytest.fixture
def consoles(doors: QuietDoors) -> SlowConsoles:
    made = cast(Any, doors).consoles = SlowConsoles()
    return made


def _entry(text: str, level: ConsoleLevel = ConsoleLevel.INFO) -> ConsoleEntry:
    return ConsoleEntry(level, text)


def test_what_comes_meanwhile_goes_with_the_next_report_in_bounds(
    qtbot: QtBot, bridge: Bridge, consoles: SlowConsoles
) -> None:
    reports = Reports(bridge, RUN, 8000)
    reports.take(_entry("first"))
    reports.tell()
    qtbot.waitUntil(lambda: len(consoles.waiting) == 1)

    for number in range(5 * MOST_AT_ONCE):
        reports.take(_entry(f"line {number}"))
        reports.tell()
    reports.take(_entry("no total", ConsoleLevel.ERROR))
    consoles.let()
    qtbot.waitUntil(lambda: len(consoles.waiting) == 2)
    consoles.let()

    [(first, none), (meanwhile, dropped)] = consoles.reported
    assert ([one.text for one in first], none) == (["first"], 0)
    assert len(meanwhile) <= MOST_AT_ONCE
    assert len(meanwhile) + dropped == 5 * MOST_AT_ONCE + 1
    assert meanwhile[-1].text == "no total"


def test_a_report_that_nobody_could_take_holds_up_no_other(
    qtbot: QtBot, bridge: Bridge, consoles: SlowConsoles
) -> None:
    consoles.error = NotFound("There is no such run.", "")
    reports = Reports(bridge, RUN, 8000)
    reports.tell()
    qtbot.waitUntil(lambda: len(consoles.waiting) == 1)
    reports.take(_entry("later"))
    reports.tell()
    consoles.let()

    qtbot.waitUntil(lambda: len(consoles.reported) == 2)
    assert [one.text for one in consoles.reported[1][0]] == ["later"]
    consoles.let()
