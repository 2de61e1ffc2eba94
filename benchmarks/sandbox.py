"""What a sandbox costs: a command beside `docker exec` and beside a bare echo, a start beside `docker run`.

python -m benchmarks.sandbox [--rounds N]
"""

from __future__ import annotations

import argparse
import asyncio
import os
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import median, quantiles

from studio.adapters.clock import SystemClock
from studio.adapters.docker.engine import DockerEngine
from studio.adapters.docker.find import find_endpoint
from studio.base.paths import Paths, shared_cache
from studio.domain.ids import ProjectId, RunId
from studio.sandbox.box import Sandbox
from studio.sandbox.images import Images, image_sources
from studio.sandbox.sandboxes import Sandboxes

PAUSE = 0.005


async def timed(rounds: int, act: Callable[[], Awaitable[object]], pause: float = 0.0) -> list[float]:
    """Seconds of each round; `pause` lies between them and is not counted."""
    taken = []
    for _ in range(rounds):
        await asyncio.sleep(pause)
        start = time.perf_counter()
        await act()
        taken.append(time.perf_counter() - start)
    return taken


def show(name: str, taken: list[float]) -> None:
    print(f"{name:<58} {median(taken) * 1e3:9.2f} {quantiles(taken, n=20)[-1] * 1e3:9.2f}", flush=True)


async def docker(*words: str) -> None:
    process = await asyncio.create_subprocess_exec("docker", *words, stdout=asyncio.subprocess.DEVNULL)
    assert await process.wait() == 0


async def commands(engine: DockerEngine, box: Sandbox, rounds: int) -> None:
    echo = await engine.exec(box.container, ("cat",))

    async def floor() -> None:
        await echo.write(b"x\n")
        await echo.read()

    async def side_by_side() -> None:
        await asyncio.gather(*(box.exec("true", timeout=30) for _ in range(10)))

    show("floor: a line through cat over one exec stream", await timed(rounds, floor))
    show(
        "command, with a pause between as in an agent's step",
        await timed(rounds, lambda: command(box), PAUSE),
    )
    show("command, one right after another", await timed(rounds, lambda: command(box)))
    show("ten commands side by side", await timed(max(rounds // 10, 5), side_by_side))
    show("program without a shell", await timed(rounds, lambda: box.run(("true",)), PAUSE))
    show("program with input", await timed(rounds, lambda: box.run(("cat",), stdin=b"x" * 1000), PAUSE))
    show("docker exec (command line)", await timed(max(rounds // 10, 5), lambda: docker("exec", box.container, "true")))
    await echo.close()


async def command(box: Sandbox) -> None:
    assert (await box.exec("true", timeout=30)).exit_code == 0


async def starts(sandboxes: Sandboxes, image: str, folder: Path, rounds: int) -> None:
    run = RunId.new()
    opening, closing = [], []
    for _ in range(rounds):
        opening += await timed(1, lambda: sandboxes.open(ProjectId.new(), run, folder))
        closing += await timed(1, lambda: sandboxes.close(run, "measured"))
    show("sandbox: start until it takes commands", opening)
    show("sandbox: end", closing)
    words = ("run", "--rm", "--network", "none", "--entrypoint", "true", image)
    show("docker run --rm (command line, nothing hardened)", await timed(rounds, lambda: docker(*words)))


async def main(rounds: int) -> None:
    engine = DockerEngine(find_endpoint(os.environ))
    with tempfile.TemporaryDirectory() as home:
        paths = Paths(Path(home))
        paths.make()
        images = Images(engine, image_sources(), shared_cache(), os.environ)
        await images.ensure(print)
        sandboxes = Sandboxes(engine, images, paths, SystemClock())
        folder = paths.workspaces / "run"
        folder.mkdir()
        if sandboxes.owner:
            os.chown(folder, *sandboxes.owner)
        try:
            print(f"{'milliseconds':<58} {'median':>9} {'95 %':>9}")
            await commands(engine, await sandboxes.open(ProjectId.new(), RunId.new(), folder), rounds)
            await starts(sandboxes, images.tag, folder, max(rounds // 20, 5))
        finally:
            await sandboxes.close_all()
            await engine.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=200)
    asyncio.run(main(parser.parse_args().rounds))
