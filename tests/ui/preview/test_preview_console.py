"""What a page writes to its console is told to the core, in bounds, and as of the run it belongs to."""

from __future__ import annotations

import pytest

from studio.domain.console import ConsoleEntry, ConsoleLevel
from studio.ui.preview.console import MOST_AT_ONCE
from tests.ui.preview.conftest import RUN, Previewing

pytestmark = pytest.mark.qt_log_ignore("RHI", "QRhi", "GPUInfo", "dbus", "^js:")


def _entries(previewing: Previewing) -> list[ConsoleEntry]:
    return [entry for _, entries, _ in previewing.door.reported for entry in entries]


def test_a_shown_page_is_told_of_before_it_writes_anything(previewing: Previewing) -> None:
    previewing.serve("<h1>quiet</h1>")
    previewing.open()

    previewing.qtbot.waitUntil(lambda: previewing.door.reported == [(RUN, (), 0)])


def test_entries_carry_level_and_place_and_an_uncaught_error_is_one(previewing: Previewing) -> None:
    previewing.serve("<script>console.log('up');\nconsole.warn('slow');\nmissing()</script>")
    previewing.open()
    previewing.qtbot.waitUntil(lambda: len(_entries(previewing)) == 3, timeout=20_000)

    logged, warned, failed = _entries(previewing)
    assert (logged, warned.level) == (ConsoleEntry(ConsoleLevel.INFO, "up", "/:1"), ConsoleLevel.WARNING)
    assert (failed.level, failed.source) == (ConsoleLevel.ERROR, "/:3")
    assert "missing is not defined" in failed.text


def test_an_address_that_is_not_let_through_is_an_entry(previewing: Previewing) -> None:
    previewing.serve(f"<img src='{previewing.other.url}/logo.png'>")
    previewing.open()

    previewing.qtbot.waitUntil(
        lambda: any("was stopped: " in entry.text and "/logo.png" in entry.text for entry in _entries(previewing)),
        timeout=20_000,
    )


def test_a_flood_is_cut_short_and_counted(previewing: Previewing) -> None:
    previewing.serve("<script>for (let i = 0; i < 5000; i++) console.log('x'.repeat(9000))</script>")
    previewing.open()
    previewing.qtbot.waitUntil(
        lambda: sum(len(entries) + dropped for _, entries, dropped in previewing.door.reported) == 5000,
        timeout=60_000,
    )

    assert max(len(entries) for _, entries, _ in previewing.door.reported) <= MOST_AT_ONCE
    assert {len(entry.text) for entry in _entries(previewing)} == {1000}
