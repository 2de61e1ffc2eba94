"""Commands, programs, cancellations and timeouts all at once: each gets its own answer and nothing is left."""

from __future__ import annotations

import asyncio
import random

import pytest

from studio.sandbox.box import Sandbox

pytestmark = pytest.mark.docker


async def command(sandbox: Sandbox, chance: random.Random) -> None:
    word, code = str(chance.random()), chance.randrange(120)
    result = await sandbox.exec(f"echo {word}; exit {code}", timeout=60)
    assert (result.output, result.exit_code) == (f"{word}\n", code)


async def program(sandbox: Sandbox, chance: random.Random) -> None:
    data = chance.randbytes(chance.randrange(150_000))
    assert (await sandbox.run(("cat",), stdin=data)).stdout == data


async def cancelled(sandbox: Sandbox, chance: random.Random) -> None:
    running = asyncio.create_task(sandbox.exec("setsid sleep 1555 & sleep 1556", timeout=60))
    for _ in range(chance.randrange(4)):
        await asyncio.sleep(0)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def too_long(sandbox: Sandbox, chance: random.Random) -> None:
    assert (await sandbox.exec("sleep 1557", timeout=chance.random() / 50)).timed_out


@pytest.mark.parametrize("seed", range(3))
async def test_everything_at_once(sandbox: Sandbox, seed: int) -> None:
    async def worker(number: int) -> None:
        chance = random.Random(f"{seed} {number}")
        for _ in range(25):
            await chance.choice((command, command, program, cancelled, too_long))(sandbox, chance)

    await asyncio.gather(*(worker(number) for number in range(6)))

    assert b"sleep 155" not in (await sandbox.run(("ps", "-e", "-o", "args="))).stdout
