"""What containers write is read each by itself, and keeps the time at which it was written."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from studio.agents.container_lines import ContainerLines
from studio.domain.console import ConsoleEntry, ConsoleKind, ConsoleLevel
from studio.domain.console_words import line_of
from studio.domain.container_logs import LogLine, LogSource

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


def said(name: str, text: str, seconds: int, source: LogSource = LogSource.SERVICE) -> LogLine:
    return LogLine(source, name, NOON + timedelta(seconds=seconds), text)


def heard(*lines: LogLine) -> list[ConsoleEntry]:
    reading = ContainerLines()
    return [*reading.feed(lines, 0), *reading.finish(NOON)]


def test_lines_of_two_services_between_each_other_are_entries_of_each() -> None:
    error = heard(
        said("worker", "Traceback (most recent call last):", 1),
        said("db", "ready", 2),
        said("worker", '  File "/app/jobs.py", line 3, in work', 3),
        said("worker", "ValueError: no job", 4),
    )

    found = {entry.method: entry for entry in error}
    assert (found["db"].text, found["db"].time) == ("ready", NOON + timedelta(seconds=2))
    assert (found["worker"].level, found["worker"].text) == (ConsoleLevel.ERROR, "ValueError: no job")
    assert found["worker"].time == NOON + timedelta(seconds=1)


def test_each_is_named_for_the_agent_and_processes_are_heard_elsewhere() -> None:
    entries = heard(
        said("db", "ready", 1), said("p1-ab", "GET /", 2, LogSource.PROCESS), said("", "starts", 3, LogSource.SANDBOX)
    )

    assert {entry.kind for entry in entries} == {ConsoleKind.SERVICE, ConsoleKind.SANDBOX}
    assert sorted(map(line_of, entries)) == ["info [sandbox]: starts", "info [service db]: ready"]


def test_one_that_is_silent_is_whole_also_while_another_one_writes_on() -> None:
    reading = ContainerLines()
    assert reading.feed([said("db", "ERROR:  no relation carts", 1)], at=1.0) == ()
    assert reading.settle(0.7, NOON) == ()

    reading.feed([said("web", "GET /poll", 2)], at=1.3)

    assert [entry.method for entry in reading.settle(1.0, NOON)] == ["db"]
    assert reading.is_waiting
