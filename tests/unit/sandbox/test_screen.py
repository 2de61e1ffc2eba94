"""A picture of the preview reaches the one who asked for it, and nobody else."""

from __future__ import annotations

import asyncio

from studio.sandbox.screen import Screen

LONG = 60.0


async def asked(screen: Screen) -> tuple[asyncio.Task[bytes | None], str]:
    """A request that waits, and its id."""
    told: asyncio.Queue[str] = asyncio.Queue()
    waiting = asyncio.create_task(screen.ask(told.put_nowait, LONG))
    return waiting, await told.get()


async def test_each_picture_goes_to_the_request_it_answers() -> None:
    screen = Screen()
    (first, one), (second, two) = await asked(screen), await asked(screen)

    screen.answer(two, b"second")
    screen.answer(one, b"first")

    assert (await first, await second) == (b"first", b"second")


async def test_a_request_of_another_sandbox_is_not_answered() -> None:
    screen, other = Screen(), Screen()
    (waiting, request), (others, _) = await asked(screen), await asked(other)

    other.answer(request, b"theirs")
    screen.answer(request, b"ours")

    assert await waiting == b"ours"
    assert not others.done()
    others.cancel()


async def test_the_first_answer_counts() -> None:
    screen = Screen()
    waiting, request = await asked(screen)

    screen.answer(request, b"first")
    screen.answer(request, b"second")

    assert await waiting == b"first"


async def test_an_answer_that_comes_too_late_is_dropped() -> None:
    screen = Screen()
    told: list[str] = []

    assert await screen.ask(told.append, 0) is None

    screen.answer(told[0], b"late")
    waiting, request = await asked(screen)
    screen.answer(request, b"new")
    assert await waiting == b"new"
