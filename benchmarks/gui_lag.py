"""How late the window's loop is while ten runs stream a hundred pieces a second each, beside the idle floor.

python -m benchmarks.gui_lag [--seconds N]

The pieces go through the real bridge into the real chat panel. The loop's lag is what a timer of 5 ms comes
late. Four lines: nothing streams; the chat panel with one chat in view, as people use it; the same with messages that
are one block of code of 39,000 characters each, as when whole files are written out; ten chats in view. Then what it
costs to show one more piece of such a block, by the length of what is there.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import resource
import time
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from itertools import count
from statistics import median, quantiles
from types import SimpleNamespace
from typing import Any, cast

from PySide6.QtCore import QEventLoop, Qt, QTimer
from PySide6.QtWidgets import QApplication, QGridLayout, QWidget

from studio.domain.events import (
    Delta,
    Event,
    MessagePosted,
    Recorded,
    RunStarted,
    StepStarted,
    ToolAnswered,
    ToolCalled,
    TurnStarted,
)
from studio.domain.ids import ProjectId, RunId
from studio.domain.messages import Speaker
from studio.domain.models import ModelRef
from studio.domain.roles import RoleList
from studio.domain.tools import ApprovalMode
from studio.ui.bridge import Bridge
from studio.ui.chat.items import ChatItems
from studio.ui.chat.live import LiveMessage
from studio.ui.chat.page import ChatPage
from studio.ui.chat.panel import ChatPanel
from studio.ui.theme import Theme

RUNS = 10
PIECES_A_SECOND = 100
PIECES_A_MESSAGE = 300
TICK_MILLISECONDS = 5
PROJECT = ProjectId("p0000001")
TEXT = (
    "The discount is taken from an **unrounded** sum, so the tax `rounds` twice. I will change this:\n\n"
    "```python\ndef total(lines: list[Line]) -> Decimal:\n    return sum(line.price for line in lines)  # once\n```\n\n"
    "- first the failing test\n- then the fix, see [the docs](https://example.org)\n\n"
)
LINE = "    return sum(line.price * (1 - line.discount) for line in lines)  # taken once\n"
FENCE = "Here is the whole file:\n\n```python\n" + LINE * 390
"""A message that is mostly there already; as many pieces of PIECE characters follow as a short message has."""
PIECE = 30


class Streams:
    """A feed in which every run writes message after message, with a tool call between them."""

    def __init__(self) -> None:
        self.streaming = False
        self.long = False
        self.sent = 0
        self._seq = count(1)

    async def last(self) -> int:
        return 0

    async def follow(self, since: int = 0, **_: object) -> AsyncIterator[Recorded | Delta]:
        runs = [RunId(f"r{number:08x}") for number in range(RUNS)]
        writers = [self._written(run, offset * 7) for offset, run in enumerate(runs)]
        for run in runs:
            yield self._event(run, RunStarted(f"Task {run}", "engineer", "ollama/m", "main", "a", "b", "ask"))
            yield self._event(run, TurnStarted("t"))
        start, ticks = time.monotonic(), 0
        while True:
            ticks += 1
            await asyncio.sleep(max(0.0, start + ticks / PIECES_A_SECOND - time.monotonic()))
            if self.streaming:
                for writer in writers:
                    self.sent += 1
                    yield next(writer)

    def _written(self, run: RunId, offset: int) -> Iterator[Recorded | Delta]:
        for step in count(1):
            yield self._event(run, StepStarted("t", step, "ollama/m"))
            if self.long:
                pieces = [FENCE, *(LINE[(PIECE * n) % len(LINE) :][:PIECE] for n in range(PIECES_A_MESSAGE))]
            else:
                pieces = [TEXT[(offset + 6 * n) % len(TEXT) :][:6] for n in range(PIECES_A_MESSAGE)]
            for piece in pieces:
                yield Delta(PROJECT, run, "text", piece)
            yield self._event(run, MessagePosted(Speaker.AGENT, "".join(pieces), "t", step))
            yield self._event(run, ToolCalled("t", step, f"{run}{step}", "shell", {"command": "pytest -q"}))
            yield self._event(run, ToolAnswered(f"{run}{step}", "shell", True, "38 passed", "38 passed", 1200.0))

    def _event(self, run: RunId, event: Event) -> Recorded:
        return Recorded(next(self._seq), datetime.now(UTC), PROJECT, run, event)


class Doors:
    """As much of the core as a chat panel asks for."""

    def __init__(self) -> None:
        self.feed = Streams()
        self.chats = SimpleNamespace(runs=self._nothing, log=self._nothing)
        self.models = SimpleNamespace(
            default=lambda: "ollama/m",
            default_approval=lambda: ApprovalMode.ASK,
            require_usable=lambda _model: None,
            choices=self._nothing,
        )

        self.roles = SimpleNamespace(list=self._no_roles)

    async def close(self) -> None:
        pass

    async def _no_roles(self, _project: object) -> RoleList:
        return RoleList()

    async def _nothing(self, *_: object) -> tuple[ModelRef, ...]:
        return ()


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0)
    seconds = parser.parse_args().seconds
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application = QApplication([])
    theme = Theme("dark")
    theme.dress(application)
    print(f"{'GUI loop lag':44}      p50      p99      max   CPU")
    for name, show, streaming, long in (
        ("floor: the panel idle", in_panel, False, False),
        ("ten streams, the chat panel, one chat in view", in_panel, True, False),
        ("the same, every message one long block of code", in_panel, True, True),
        ("ten streams, ten chats in view", side_by_side, True, False),
    ):
        measure(name, theme, show, streaming, long, seconds)
    print(f"\n{'one more piece of a block of code':44} median      max")
    for characters in (2_000, 8_000, 39_000):
        measure_pieces(theme, characters)


def measure_pieces(theme: Theme, characters: int) -> None:
    """Prints what the live message takes to show a piece when `characters` of a block of code are there."""
    chat = QWidget()
    live = LiveMessage(theme, chat)
    live.resize(400, 900)
    chat.resize(400, 900)
    chat.show()
    text, took = (FENCE * 2)[: FENCE.index(LINE) + characters], []
    live.show_text(text, "", "")
    wait(0.5)
    for number in range(200):
        text += LINE[(PIECE * number) % len(LINE) :][:PIECE]
        began = time.perf_counter()
        live.growing.show(text)
        took.append((time.perf_counter() - began) * 1000)
    print(f"{characters:8,} characters{'':25} {median(took):6.2f}ms {max(took):6.1f}ms", flush=True)


def measure(
    name: str,
    theme: Theme,
    show: Callable[[Bridge, Theme], object],
    streaming: bool,
    long: bool,
    seconds: float,
) -> None:
    """Prints one line of the table."""
    doors = Doors()
    doors.feed.long = long

    async def build() -> Any:
        return doors

    bridge = Bridge(cast(Any, build))
    shown = show(bridge, theme)
    bridge.start()
    wait(1.0)
    doors.feed.streaming = streaming
    wait(1.0)
    before, began, sent = cpu(), time.perf_counter(), doors.feed.sent
    lags = lag(seconds)
    took = time.perf_counter() - began
    share, rate = 100 * (cpu() - before) / took, (doors.feed.sent - sent) / took
    assert bridge.stop()
    print(
        f"{name:44} {median(lags):6.2f}ms {quantiles(lags, n=100)[-1]:6.2f}ms {max(lags):6.1f}ms {share:4.0f}%"
        + (f"  ({rate:.0f} pieces/s)" if streaming else ""),
        flush=True,
    )
    del shown


def in_panel(bridge: Bridge, theme: Theme) -> object:
    """The chat panel with the first run's chat in front."""
    panel = ChatPanel(bridge, theme)
    panel.widget.resize(440, 900)
    panel.widget.show()
    panel.set_project(PROJECT)
    bridge.events_arrived.connect(lambda _: panel.show_run(RunId("r00000000")) if panel.current_run is None else None)
    return panel


def side_by_side(bridge: Bridge, theme: Theme) -> object:
    """Ten chats that are all in view."""
    window = QWidget()
    grid = QGridLayout(window)
    chats: dict[RunId, ChatItems] = {}
    for number in range(RUNS):
        items = ChatItems(window)
        chats[RunId(f"r{number:08x}")] = items
        grid.addWidget(ChatPage(items, theme), number // 5, number % 5)

    def apply(batch: list[Recorded | Delta]) -> None:
        for item in batch:
            if item.run is not None:
                chats[item.run].apply(item)

    bridge.events_arrived.connect(apply)
    window.resize(1900, 1000)
    window.show()
    return window


def lag(seconds: float) -> list[float]:
    """By how many milliseconds each tick of a timer came late."""
    late: list[float] = []
    last = time.perf_counter()

    def tick() -> None:
        nonlocal last
        now = time.perf_counter()
        late.append(max(0.0, (now - last) * 1000 - TICK_MILLISECONDS))
        last = now

    timer = QTimer()
    timer.setTimerType(Qt.TimerType.PreciseTimer)
    timer.timeout.connect(tick)
    timer.start(TICK_MILLISECONDS)
    wait(seconds)
    timer.stop()
    return late


def wait(seconds: float) -> None:
    """Lets the window's loop run."""
    loop = QEventLoop()
    QTimer.singleShot(int(seconds * 1000), loop.quit)
    loop.exec()


def cpu() -> float:
    """Seconds of processor time of this process so far."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
