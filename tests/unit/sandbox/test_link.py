"""What the host makes of a supervisor that dies, lies or floods: never a success, always one clear error."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from studio.contracts.clock import Clock
from studio.contracts.containers import ContainerSpec
from studio.contracts.sandbox_engine import SandboxEngine
from studio.domain.errors import EngineError
from studio.domain.ids import ProjectId, RunId
from studio.sandbox.box import Sandbox
from studio.sandbox.commands import ExecResult, run_command
from studio.sandbox.inside.frames import DONE, OUT, READY, SHELL, STOP, Splitter, frame
from studio.sandbox.link import Link
from studio.sandbox.programs import run_program
from studio.sandbox.sleep import Sleep, only_watching
from studio.sandbox.starting import Up
from tests.fixtures.set_clock import SetClock

Answer = Callable[[int], list[bytes]]


class ScriptedInside:
    """An engine whose one container answers each request with scripted bytes; an empty piece ends the stream."""

    weaker = ""

    def __init__(self, answer: Answer, greeting: bytes = frame(READY, 0)) -> None:
        self._answer = answer
        self._pieces: asyncio.Queue[bytes] = asyncio.Queue()
        self._pieces.put_nowait(greeting)
        self._splitter: Splitter | None = None
        self.closed = False

    async def exec(self, container: str, argv: tuple[str, ...], *, tty: bool = False) -> ScriptedInside:
        return self

    async def write(self, data: bytes) -> None:
        if self._splitter is None:  # the first thing written is the supervisor itself
            self._splitter = Splitter()
            return
        for kind, channel, _ in self._splitter.feed(data):
            for piece in self._answer(channel) if kind >= SHELL and kind < SHELL + 10 else ():
                self._pieces.put_nowait(piece)

    async def read(self) -> bytes:
        return await self._pieces.get()

    async def resize(self, columns: int, rows: int) -> None:
        raise NotImplementedError

    async def exit_code(self) -> int | None:
        return None

    async def close(self) -> None:
        self.closed = True


def done(channel: int, **said: Any) -> bytes:
    return frame(DONE, channel, json.dumps(said).encode())


async def outcome(answer: Answer) -> ExecResult:
    link = await Link.start(cast(SandboxEngine, ScriptedInside(answer)), "c", shell=True)
    try:
        return await run_command(link, "true", 30, None)
    finally:
        await link.close()


async def test_a_command_that_is_answered_has_its_exit_code() -> None:
    result = await outcome(lambda channel: [frame(OUT, channel, b"hi"), done(channel, code=3)])

    assert (result.output, result.exit_code) == ("hi", 3)


class BusyLine(ScriptedInside):
    """Takes every request at once, but lets its sender wait as a full line does; what it is asked to stop, ends."""

    def __init__(self) -> None:
        super().__init__(lambda channel: [])
        self.asked = asyncio.Event()
        self.told: list[int] = []

    async def write(self, data: bytes) -> None:
        for kind, channel, _ in Splitter().feed(data) if self._splitter is not None else ():
            self.told.append(kind)
            if kind == STOP:
                self._pieces.put_nowait(done(channel, code=143))
            if kind == SHELL:
                self.asked.set()
                await asyncio.Event().wait()
        await super().write(data)


async def test_a_command_whose_caller_gives_up_while_the_line_is_busy_is_ended() -> None:
    inside = BusyLine()
    link = await Link.start(cast(SandboxEngine, inside), "c", shell=True)
    try:
        running = asyncio.create_task(run_command(link, "sleep 300", 30, None))
        await inside.asked.wait()
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        assert inside.told == [SHELL, STOP]
        assert link.broken is None
    finally:
        await link.close()


async def test_a_stream_that_ends_is_no_success() -> None:
    with pytest.raises(EngineError, match="ended unexpectedly"):
        await outcome(lambda channel: [frame(OUT, channel, b"all fine\n"), b""])


@pytest.mark.parametrize("said", [{}, {"code": None}, {"code": "0"}, {"code": [0]}])
async def test_an_end_without_an_exit_code_is_no_success(said: dict[str, Any]) -> None:
    with pytest.raises(EngineError, match="did not say how"):
        await outcome(lambda channel: [done(channel, **said)])


async def test_an_end_that_cannot_be_read_is_no_success() -> None:
    with pytest.raises(EngineError, match="did not say how"):
        await outcome(lambda channel: [frame(DONE, channel, b"\xff{")])


async def test_trouble_is_passed_on_in_its_own_words() -> None:
    with pytest.raises(EngineError, match="Permission denied"):
        await outcome(lambda channel: [done(channel, code=0, trouble="Permission denied")])


async def test_bytes_that_are_no_frames_break_the_link() -> None:
    with pytest.raises(EngineError, match="protocol"):
        await outcome(lambda channel: [b"OCI runtime exec failed: no such file or directory"])


async def test_frames_for_nobody_are_ignored() -> None:
    stray = [frame(OUT, 4711, b"x"), done(4711, code=0), frame(250, 1, b"")]

    assert (await outcome(lambda channel: [*stray, done(channel, code=0)])).exit_code == 0


async def test_a_supervisor_that_tells_of_its_own_failure_is_quoted() -> None:
    with pytest.raises(EngineError, match="KeyError"):
        await outcome(lambda channel: [done(0, trouble="KeyError: 'x'"), b""])


async def test_more_output_than_was_announced_is_not_kept() -> None:
    result = await outcome(
        lambda channel: [frame(OUT, channel, b"x" * 60_000) for _ in range(20)] + [done(channel, code=0)]
    )

    assert len(result.output) == 64 * 1024


async def test_a_flood_beyond_the_window_breaks_the_link() -> None:
    flood = [b"".join(frame(OUT, 1, bytes(1 << 16)) for _ in range(100))]
    with pytest.raises(EngineError, match="more data than was asked for"):
        await outcome(lambda channel: flood)


async def test_a_program_that_says_more_than_it_may_is_an_error_even_when_the_supervisor_lets_it() -> None:
    inside = ScriptedInside(lambda channel: [frame(OUT, channel, bytes(2000)), done(channel, code=0)])
    link = await Link.start(cast(SandboxEngine, inside), "c", shell=True)

    with pytest.raises(EngineError, match="more than it may"):
        await run_program(link, ("yes",), stdin=b"", timeout=30, max_bytes=1000, keep=bytearray().extend)
    await link.close()


async def test_everyone_who_waits_hears_that_the_link_broke() -> None:
    asked: list[int] = []

    def answer(channel: int) -> list[bytes]:
        asked.append(channel)
        return [b""] if len(asked) == 3 else []

    link = await Link.start(cast(SandboxEngine, ScriptedInside(answer)), "c", shell=True)
    ends = await asyncio.gather(*(run_command(link, "true", 30, None) for _ in range(3)), return_exceptions=True)

    assert [type(end) for end in ends] == [EngineError] * 3
    with pytest.raises(EngineError):
        await run_command(link, "true", 30, None)
    await link.close()


async def test_what_is_asked_by_somebody_who_only_watches_is_no_use_and_what_others_ask_meanwhile_is() -> None:
    clock = SetClock()
    engine = cast(SandboxEngine, ScriptedInside(lambda channel: [done(channel, code=0)]))
    sleep = Sleep(engine, "c", cast(Clock, clock))
    link = await Link.start(engine, "c", shell=True, sleep=sleep)
    began = sleep.used

    clock.time += timedelta(minutes=1)
    with only_watching():
        await run_command(link, "true", 30, None)
    assert sleep.used == began

    with only_watching():
        watching = asyncio.create_task(run_command(link, "true", 30, None))
    await run_command(link, "true", 30, None)
    await watching
    assert sleep.used == clock.monotonic()
    await link.close()


async def test_who_asks_for_the_way_to_one_port_at_once_is_given_the_same() -> None:
    engine = cast(SandboxEngine, ScriptedInside(lambda channel: []))
    sleep = Sleep(engine, "c", cast(Clock, SetClock()))
    link = await Link.start(engine, "c", shell=True, sleep=sleep)
    spec = ContainerSpec("one", "image", "10001:10001", (), {})
    box = Sandbox(ProjectId("p"), RunId("r"), Path(), engine, Up("c" * 64, spec, link, sleep, 1.0), SetClock())

    first, second = await asyncio.gather(box.tunnel(8000), box.tunnel(8000))

    assert first is second
    await box.hang_up()
    assert first.closed


async def test_a_supervisor_that_never_greets_is_an_error_and_its_stream_is_closed() -> None:
    inside = ScriptedInside(lambda channel: [], greeting=b"")

    with pytest.raises(EngineError, match="ended unexpectedly"):
        await Link.start(cast(SandboxEngine, inside), "c", shell=True)

    assert inside.closed
