"""What a chat costs: shown, scrolled, streamed into, and left streaming for ten minutes.

python -m benchmarks.chat [--minutes N]

Every figure is taken in a process of its own, so that none has the memory or the caches of another. Messages are as
agents write them: words, a list, a link and a block of code, between tool calls. The floor of “shown” is a plain
QListView with the same rows as one line each. The machine is often busy with other work, so what counts is the
processor's time of the window's thread; the time by the clock stands beside it. Ten minutes of streaming are played as
fast as the window draws them: the pieces are those of 100 tokens a second, a batch of them every 33 ms of played time,
so nothing is left out.
"""

from __future__ import annotations

import argparse
import gc
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from statistics import median, quantiles

from PySide6.QtCore import QEventLoop, QStringListModel
from PySide6.QtWidgets import QApplication, QListView

from studio.domain.events import (
    Delta,
    Event,
    MessagePosted,
    Recorded,
    RunStarted,
    StepStarted,
    ToolAnswered,
    ToolCalled,
    TurnEnded,
    TurnStarted,
)
from studio.domain.ids import ProjectId, RunId
from studio.domain.messages import Speaker
from studio.domain.runs import Outcome
from studio.ui.chat.chat import NEWEST
from studio.ui.chat.items import ChatItems
from studio.ui.chat.page import ChatPage
from studio.ui.theme import Theme

PROJECT, RUN = ProjectId("p0000001"), RunId("r0000001")
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
SIZE = 440, 900
EVERY_MESSAGES = 5
"""How many messages of an agent a turn has."""
TEXT = (
    "The discount is taken from an **unrounded** sum, so the tax `rounds` twice ({number}). I will change this:\n\n"
    "```python\ndef total_{number}(lines: list[Line]) -> Decimal:\n"
    "    net = sum((line.price for line in lines), Decimal(0))\n"
    "    return (net * (1 - discount)).quantize(CENT)  # rounded once\n```\n\n"
    "- first the failing test\n- then the fix, see [the docs](https://example.org)\n\n"
)
TOKENS_A_SECOND = 100
BATCH_SECONDS = 0.033
CHARACTERS_A_TOKEN = 4
TOKENS_A_MESSAGE = 1500
"""As long as a long answer: about 6,000 characters."""


def main() -> None:
    """Prints the table, or one figure of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=int, default=10)
    parser.add_argument("--only", default="")
    given = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    os.environ.setdefault("QT_LOGGING_RULES", "qt.qpa.*=false")
    figures: dict[str, Callable[[], None]] = {
        "floor-1000": lambda: measure_floor(1_000),
        "shown-1000": lambda: measure_shown(1_000),
        "shown-10000": lambda: measure_shown(10_000),
        "scrolling": measure_scrolling,
        "pieces": measure_pieces,
        "streaming": lambda: measure_streaming(given.minutes),
    }
    if given.only:
        figures[given.only]()
        return
    for name in figures:
        command = [sys.executable, "-m", "benchmarks.chat", "--only", name, "--minutes", str(given.minutes)]
        subprocess.run(command, check=True)


def measure_floor(messages: int) -> None:
    """A list of as many plain lines, from nothing to painted."""
    application = QApplication([])
    rows = [TEXT.format(number=number).split("\n")[0] for number in range(messages)]
    before, watch = memory(), Watch()
    view = QListView()
    items = QStringListModel(rows)
    view.setModel(items)
    view.resize(*SIZE)
    view.show()
    application.processEvents()
    view.grab()
    report(f"floor: QListView of {messages:,} lines, shown", watch.read(), memory() - before)


def measure_shown(messages: int) -> None:
    """A chat from its log to painted, at its end."""
    application, theme = begun()
    # The first chat of a window also loads fonts, the parser of Markdown and the lexers.
    warm = page_of(theme, ChatItems(), list(talk(20)))
    application.processEvents()
    log = list(talk(messages))
    gc.collect()
    before, watch = memory(), Watch()
    page = page_of(theme, ChatItems(), log)
    application.processEvents()
    page.grab()
    took = watch.read()
    settle(application, 2.0)
    report(f"chat of {messages:,} messages ({len(log):,} events), shown", took, memory() - before)
    del warm


def measure_scrolling() -> None:
    """Frames while one turns the wheel from the end of 1,000 messages to the top of what is there, and back."""
    application, theme = begun()
    page = page_of(theme, ChatItems(), list(talk(1_000)))
    settle(application, 2.0)
    bar = page.list.verticalScrollBar()
    took = []
    for step in [-120] * 150 + [120] * 150:
        watch = Watch()
        bar.setValue(bar.value() + step)
        page.list.viewport().repaint()
        took.append(watch.read())
        application.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 16)
    spread("scrolling 1,000 messages by the wheel, a frame", took)
    took = []
    for place in range(0, 1000, 13):
        watch = Watch()
        bar.setValue(bar.maximum() * ((place * 7919) % 1000) // 1000)
        page.list.viewport().repaint()
        took.append(watch.read())
        application.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 16)
    spread("jumping about in it by the scroll bar, a frame", took)


def measure_pieces() -> None:
    """One more piece of a message, at the end of 1,000: taken in, laid out and painted."""
    application, theme = begun()
    items = ChatItems()
    page = page_of(theme, items, list(talk(1_000)))
    settle(application, 1.0)
    feed = stream(1_000_000)
    taken, drawn = [], []
    for piece in [next(feed) for _ in range(TOKENS_A_MESSAGE)]:
        watch = Watch()
        items.apply(piece)
        taken.append(watch.read())
        if isinstance(piece, Delta):
            watch = Watch()
            page.list.live.growing.show(items.streaming_text)
            drawn.append(watch.read())
        application.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 5)
    spread("a streamed piece taken in by the items", taken)
    spread("the same laid out at once (it is, 20 times a second)", drawn)


def measure_streaming(minutes: int) -> None:
    """Memory while one agent writes for minutes without end, played fast."""
    application, theme = begun()
    items = ChatItems()
    page = page_of(theme, items, list(talk(100)))
    feed = stream(1_000_000)
    tokens_a_batch = int(TOKENS_A_SECOND * BATCH_SECONDS) + 1
    batches = minutes * 60 * TOKENS_A_SECOND // tokens_a_batch
    began, marks = time.perf_counter(), []
    for batch in range(batches):
        for _ in range(tokens_a_batch):
            items.apply(next(feed))
        application.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 33)
        if batch % max(batches // minutes, 1) == 0:
            gc.collect()
            marks.append(memory())
    gc.collect()
    marks.append(memory())
    print(
        f"{'streaming ' + str(TOKENS_A_SECOND) + ' tokens/s for ' + str(minutes) + ' min':58} "
        f"{minutes * 60 / (time.perf_counter() - began):.0f} x as fast; MiB at each minute: "
        + " ".join(f"{mark:.0f}" for mark in marks),
        flush=True,
    )
    del page


def begun() -> tuple[QApplication, Theme]:
    """An application in its dress."""
    application = QApplication([])
    theme = Theme("dark")
    theme.dress(application)
    return application, theme


def page_of(theme: Theme, items: ChatItems, log: list[Recorded]) -> ChatPage:
    """A chat with this log, as the panel shows it."""
    page = ChatPage(items, theme)
    page.resize(*SIZE)
    page.show()
    newest = log[:1] + log[-NEWEST:] if len(log) > NEWEST else log
    items.load(newest, is_whole=newest is log)
    page.list.go_to_end()
    return page


class Watch:
    """Milliseconds since it was made: of this thread on the processor, and by the clock."""

    def __init__(self) -> None:
        self._used, self._began = time.thread_time(), time.perf_counter()

    def read(self) -> tuple[float, float]:
        return (time.thread_time() - self._used) * 1000, (time.perf_counter() - self._began) * 1000


_numbers = count(1)


def talk(messages: int) -> Iterator[Recorded]:
    """A run in which an agent wrote so many messages, each with a tool call."""
    yield recorded(RunStarted("Mend the cart", "engineer", "ollama/m", "main", "a", "b", "ask"))
    for number in range(messages):
        turn = f"t{number // EVERY_MESSAGES}"
        if number % EVERY_MESSAGES == 0:
            yield recorded(MessagePosted(Speaker.HUMAN, f"Please look at item {number} of the cart.", turn, 0))
            yield recorded(TurnStarted(turn))
        yield from message(turn, number, TEXT.format(number=number))
        if number % EVERY_MESSAGES == EVERY_MESSAGES - 1:
            yield recorded(
                TurnEnded(turn, Outcome.REPLIED, steps=EVERY_MESSAGES, branch="studio/x", input=20_000, output=900)
            )


def message(turn: str, number: int, text: str) -> Iterator[Recorded]:
    """One message of an agent, then an edit that it made."""
    edit = {"path": f"shop/part_{number % 40}.py", "old": f"price_{number}\n    tax", "new": f"cost_{number}\n    vat"}
    yield recorded(MessagePosted(Speaker.AGENT, text, turn, number))
    yield recorded(ToolCalled(turn, number, f"c{number}", "edit", edit))
    yield recorded(ToolAnswered(f"c{number}", "edit", True, "+2 −2", "Changed.", 12.0))


def stream(first: int) -> Iterator[Recorded | Delta]:
    """Message after message, piece by piece, without end."""
    for number in count(first):
        yield recorded(StepStarted("t", number, "ollama/m"))
        pieces, whole = [], TEXT.format(number=number) * 20
        for token in range(TOKENS_A_MESSAGE):
            pieces.append(whole[token * CHARACTERS_A_TOKEN % len(whole) :][:CHARACTERS_A_TOKEN])
            yield Delta(PROJECT, RUN, "text", pieces[-1])
        yield from message("t", number, "".join(pieces))


def recorded(event: Event) -> Recorded:
    """The event with the next number."""
    seq = next(_numbers)
    return Recorded(seq, BEGAN + timedelta(seconds=seq), PROJECT, RUN, event)


def settle(application: QApplication, seconds: float) -> None:
    """Lets the window's loop run."""
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        application.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)


def memory() -> float:
    """MiB that this process has in memory now."""
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def report(name: str, took: tuple[float, float], mebibytes: float) -> None:
    """One line of the table."""
    print(f"{name:58} {took[0]:7.0f} ms (clock {took[1]:.0f})  {mebibytes:6.1f} MiB", flush=True)


def spread(name: str, took: list[tuple[float, float]]) -> None:
    """One line of the table, of many values."""
    used, clock = [each[0] for each in took], [each[1] for each in took]
    cuts = quantiles(used, n=100)
    print(
        f"{name:58} p50 {median(used):5.2f}  p99 {cuts[98]:6.2f}  max {max(used):6.1f} ms"
        f" (clock p50 {median(clock):.2f}, max {max(clock):.0f})",
        flush=True,
    )


if __name__ == "__main__":
    main()
