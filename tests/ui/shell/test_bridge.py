"""The bridge: calls down, answers and events up, always on the window's thread."""

from __future__ import annotations

import asyncio
import threading
import weakref
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, cast

import pytest
import shiboken6
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from studio.domain.errors import StudioError, UserError
from studio.domain.events import Delta, Event, MessagePosted, Recorded, TurnStarted
from studio.domain.ids import ProjectId, RunId
from studio.domain.messages import Speaker
from studio.ui.batch import Batch
from studio.ui.bridge import Bridge
from tests.fixtures.quiet_doors import QuietDoors

PROJECT, RUN, OTHER = ProjectId("p1"), RunId("r1"), RunId("r2")


def _event(seq: int, event: Event, run: RunId = RUN) -> Recorded:
    return Recorded(seq, datetime(2026, 1, 1, tzinfo=UTC), PROJECT, run, event)


def _text(text: str, run: RunId = RUN) -> Delta:
    return Delta(PROJECT, run, "text", text)


@pytest.fixture
def doors() -> QuietDoors:
    return QuietDoors()


@pytest.fixture
def make_bridge(doors: QuietDoors) -> Iterator[Callable[..., Bridge]]:
    made: list[Bridge] = []

    def make(build: Any = None) -> Bridge:
        async def quiet() -> Any:
            return doors

        made.append(Bridge(build or quiet))
        return made[-1]

    yield make
    for bridge in made:
        assert bridge.stop()


def test_an_answer_arrives_on_the_windows_thread_also_when_asked_before_the_start(
    qtbot: QtBot, make_bridge: Callable[..., Bridge]
) -> None:
    bridge = make_bridge()
    seen: list[tuple[str, threading.Thread, threading.Thread]] = []

    async def work(_studio: object) -> threading.Thread:
        return threading.current_thread()

    bridge.call(work, lambda worker: seen.append(("done", worker, threading.current_thread())))
    bridge.start()
    qtbot.waitUntil(lambda: bool(seen))
    word, worker, receiver = seen[0]
    assert word == "done"
    assert worker.name == "engine"
    assert receiver is threading.main_thread()


def test_an_error_goes_to_the_caller_or_else_to_the_error_signal(
    qtbot: QtBot, make_bridge: Callable[..., Bridge]
) -> None:
    bridge = make_bridge()
    bridge.start()
    told: list[StudioError] = []

    async def work(_studio: object) -> None:
        raise UserError("No such thing.", "Name another.")

    bridge.call(work, failed=told.append)
    qtbot.waitUntil(lambda: bool(told))
    with qtbot.waitSignal(bridge.error_arrived) as signal:
        bridge.call(work)
    assert told[0].sentence == "No such thing."
    assert signal.args is not None
    assert cast(StudioError, signal.args[0]).action == "Name another."


def test_a_fault_of_the_program_flies_to_the_exception_hook(qtbot: QtBot, make_bridge: Callable[..., Bridge]) -> None:
    bridge = make_bridge()
    bridge.start()

    async def work(_studio: object) -> None:
        raise ZeroDivisionError

    with qtbot.captureExceptions() as exceptions:
        bridge.call(work)
        qtbot.waitUntil(lambda: bool(exceptions))
    assert exceptions[0][0] is ZeroDivisionError


def test_a_core_that_cannot_be_built_says_why_to_everybody(qtbot: QtBot, make_bridge: Callable[..., Bridge]) -> None:
    async def build() -> Any:
        raise UserError("The data folder is locked.")

    bridge = make_bridge(build)
    told: list[StudioError] = []

    async def work(_studio: object) -> None:
        raise AssertionError("there is no core to work with")

    bridge.call(work, failed=told.append)
    with qtbot.waitSignal(bridge.start_failed):
        bridge.start()
    qtbot.waitUntil(lambda: bool(told))
    assert told[0].sentence == "The data folder is locked."


def test_nobody_is_told_once_the_receiver_is_gone(qtbot: QtBot, make_bridge: Callable[..., Bridge]) -> None:
    bridge = make_bridge()
    bridge.start()
    told: list[str] = []
    gone = QObject()
    gate = threading.Event()

    async def work(_studio: object) -> str:
        await asyncio.to_thread(gate.wait)
        return "late"

    def to_the_gone(answer: str) -> None:
        told.append(f"{gone.objectName()}{answer}")

    bridge.call(work, to_the_gone)
    shiboken6.delete(gone)
    gate.set()
    bridge.call(work, lambda answer: told.append(f"alive {answer}"))
    qtbot.waitUntil(lambda: bool(told))
    assert told == ["alive late"]


def test_events_arrive_in_order_in_few_signals(
    qtbot: QtBot, doors: QuietDoors, make_bridge: Callable[..., Bridge]
) -> None:
    bridge = make_bridge()
    batches: list[list[Recorded | Delta]] = []
    bridge.events_arrived.connect(batches.append)
    with qtbot.waitSignal(bridge.ready):
        bridge.start()
    doors.feed.tell(*(_event(seq, TurnStarted("t1")) for seq in range(1, 1001)))
    qtbot.waitUntil(lambda: sum(len(batch) for batch in batches) == 1000)
    arrived = [item.seq for batch in batches for item in batch if isinstance(item, Recorded)]
    assert arrived == list(range(1, 1001))
    assert len(batches) < 100


def test_stopping_cancels_what_goes_on_and_closes_the_core(
    qtbot: QtBot, doors: QuietDoors, make_bridge: Callable[..., Bridge]
) -> None:
    bridge = make_bridge()
    with qtbot.waitSignal(bridge.ready):
        bridge.start()
    cancelled = threading.Event()

    async def forever(_studio: object) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    bridge.call(forever)
    assert bridge.stop()
    assert doors.closed
    assert cancelled.is_set()


def test_pieces_of_one_stream_are_joined_but_never_past_an_event_of_their_run() -> None:
    batch = Batch()
    said = _event(1, MessagePosted(Speaker.AGENT, "one two"))
    for item in (_text("one "), _text("x", OTHER), _text("two"), said, _text("three"), _text("y", OTHER)):
        batch.add(item)
    assert batch.take() == [_text("one two"), _text("xy", OTHER), said, _text("three")]
    assert not batch


def test_what_hangs_in_a_cycle_is_torn_down_on_the_windows_thread(
    qtbot: QtBot, make_bridge: Callable[..., Bridge]
) -> None:
    bridge, torn_down = make_bridge(), list[threading.Thread]()
    bridge.start()
    qtbot.waitUntil(lambda: bridge.is_ready)
    dialog = _Dialog()
    weakref.finalize(dialog, lambda: torn_down.append(threading.current_thread()))
    del dialog

    kept: list[list[int]] = []

    async def make_much(_: object) -> None:
        kept.extend([number] for number in range(200_000))

    bridge.call(make_much)
    qtbot.waitUntil(lambda: bool(torn_down))
    assert torn_down == [threading.main_thread()]


class _Dialog(QObject):
    """Hangs in a cycle, as one whose signal goes to a function that holds it."""

    def __init__(self) -> None:
        super().__init__()
        self.own = self
