"""What a sandbox costs: a command beside `docker exec` and a bare echo, a start beside `docker run`, a waking beside
the engine's own call; behind a container's walls or bubblewrap's.

python -m benchmarks.sandbox [--rounds N] [--walls container|bubblewrap]
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

from studio.adapters.bubblewrap.engine import BubblewrapEngine
from studio.adapters.clock import SystemClock
from studio.adapters.docker.engine import DockerEngine
from studio.adapters.docker.find import find_endpoint
from studio.base.paths import Paths, shared_cache
from studio.contracts.sandbox_engine import SandboxEngine
from studio.domain.ids import ProjectId, RunId
from studio.sandbox.box import Sandbox
from studio.sandbox.images import Images, image_sources
from studio.sandbox.plan import STANDARD_PLAN
from studio.sandbox.pool import FOLDER
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


async def commands(engine: SandboxEngine, box: Sandbox, rounds: int) -> None:
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
    show("a program through the engine itself", await timed(max(rounds // 10, 5), lambda: plain_exec(engine, box)))
    if not box.weaker:
        words = ("exec", box.container, "true")
        show("docker exec (command line)", await timed(max(rounds // 10, 5), lambda: docker(*words)))
    await echo.close()


async def plain_exec(engine: SandboxEngine, box: Sandbox) -> None:
    stream = await engine.exec(box.container, ("true",))
    while await stream.read():
        pass
    await stream.close()


async def waking(engine: SandboxEngine, box: Sandbox, rounds: int) -> None:
    """A command that wakes a paused sandbox, and the engine's own call to let it go on."""
    woken, plain = [], []
    for _ in range(rounds):
        assert await box.sleep.fall_asleep(lambda: False)
        woken += await timed(1, lambda: command(box))
        await engine.pause(box.container)
        plain += await timed(1, lambda: engine.unpause(box.container))
    show("a command in a sandbox that sleeps: woken and run", woken)
    show("the engine's own unpause", plain)


async def command(box: Sandbox) -> None:
    assert (await box.exec("true", timeout=30)).exit_code == 0


async def starts(sandboxes: Sandboxes, image: str, folder: Path, rounds: int, *, bare: bool) -> None:
    """In turn with a bare `docker run`, so that both meet the same moments of the machine."""
    run = RunId.new()
    opening, closing, plain = [], [], []
    words = ("run", "--rm", "--network", "none", "--entrypoint", "true", image)
    for _ in range(rounds):
        opening += await timed(1, lambda: sandboxes.open(ProjectId.new(), run, folder))
        closing += await timed(1, lambda: sandboxes.close(run, "measured"))
        plain += await timed(1, lambda: docker(*words)) if bare else []
    show("sandbox: start until it takes commands", opening)
    show("sandbox: end", closing)
    if bare:
        show("docker run --rm (command line, nothing hardened)", plain)


async def pool(sandboxes: Sandboxes, workspaces: Path, rounds: int) -> None:
    """From the pool: taking the slot, moving its home to the run's, and the first command."""
    project, taken = ProjectId.new(), []
    for number in range(rounds):
        name, run = f"slot-{number}", RunId.new()
        home = workspaces / FOLDER / name
        (home / "files").mkdir(parents=True)
        if sandboxes.owner:
            os.chown(home / "files", *sandboxes.owner)
        await sandboxes.warm(project, name, home, home / "files", (), STANDARD_PLAN)

        async def given(run: RunId = run) -> None:
            slot = sandboxes.pool.take(project)
            assert slot is not None
            files = slot.home.rename(workspaces / run) / "files"
            await command(await sandboxes.open(project, run, files, slot=slot))

        taken += await timed(1, given)
        await sandboxes.close(run, "measured")
    show("sandbox from the pool, with its first command", taken)


async def main(rounds: int, walls: str) -> None:
    contained = walls == "container"
    with tempfile.TemporaryDirectory() as home:
        paths = Paths(Path(home))
        paths.make()
        engine: SandboxEngine = (
            DockerEngine(find_endpoint(os.environ)) if contained else BubblewrapEngine(paths.cache / "b", os.environ)
        )
        images = Images(engine, image_sources(), shared_cache(), os.environ)
        await images.ensure(print)
        sandboxes = Sandboxes(engine, images, paths, SystemClock())
        folder = paths.workspaces / "run"
        folder.mkdir()
        if sandboxes.owner:
            os.chown(folder, *sandboxes.owner)
        try:
            print(f"{'milliseconds':<58} {'median':>9} {'95 %':>9}")
            box = await sandboxes.open(ProjectId.new(), RunId.new(), folder)
            await commands(engine, box, rounds)
            await waking(engine, box, max(rounds // 10, 5))
            await pool(sandboxes, paths.workspaces, max(rounds // 10, 5))
            await starts(sandboxes, images.tag, folder, max(rounds // 20, 5), bare=contained)
        finally:
            await sandboxes.close_all()
            await engine.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--walls", choices=("container", "bubblewrap"), default="container")
    given = parser.parse_args()
    asyncio.run(main(given.rounds, given.walls))
