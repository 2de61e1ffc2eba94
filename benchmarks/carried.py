"""What a command costs where files are carried to its engine, beside one where they are mounted.

Both are of one engine of this script's own, which sees only one of two data folders; that needs root and dockerd.

python -m benchmarks.carried [--rounds N]
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import tempfile
import time
from pathlib import Path
from statistics import median, quantiles

from studio.adapters.clock import SystemClock
from studio.adapters.docker.engine import DockerEngine
from studio.adapters.docker.find import Endpoint
from studio.base.paths import Paths, shared_cache
from studio.domain.ids import ProjectId, RunId
from studio.sandbox.box import Sandbox
from studio.sandbox.carrying.far import Far
from studio.sandbox.folders import Folders
from studio.sandbox.images import Images, image_sources
from studio.sandbox.sandboxes import Sandboxes
from tests.fixtures.private_engine import PrivateEngine, fill, let_go_of

FILES = 1000
PAUSE = 0.02


class Place:
    """A sandbox whose data folder the engine sees, or does not."""

    def __init__(self, engine: DockerEngine, home: Path) -> None:
        paths, clock = Paths(home), SystemClock()
        paths.make()
        images = Images(engine, image_sources(), shared_cache(), os.environ)
        self.sandboxes = Sandboxes(engine, images, paths, clock)
        self.sandboxes.far = Far(engine, clock, paths, Folders(engine, paths))
        self.run = RunId.new()
        self.files = paths.workspaces / self.run / "files"

    async def open(self) -> Sandbox:
        """Its sandbox, with a workspace of some size."""
        for number in range(FILES):
            file = self.files / f"d{number % 20}" / f"f{number}"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(f"{number}\n" * 200)
        if self.sandboxes.owner:
            for path in (self.files, *self.files.rglob("*")):
                os.chown(path, *self.sandboxes.owner)
        return await self.sandboxes.open(ProjectId.new(), self.run, self.files)


async def timed(box: Sandbox, command: str, saved: str = "") -> float:
    """Milliseconds of one command in an agent's rhythm; what is `saved` here before it is not counted."""
    await asyncio.sleep(PAUSE)
    if saved:
        await asyncio.to_thread((box.folder / "d0" / "f0").write_text, saved)
    began = time.perf_counter()
    assert (await box.exec(command, timeout=60)).exit_code == 0
    return (time.perf_counter() - began) * 1e3


async def measure(places: dict[str, Place], rounds: int) -> None:
    """Each kind of command in turn in both places."""
    boxes = {name: await place.open() for name, place in places.items()}
    took: dict[str, dict[str, list[float]]] = {}
    for number in range(rounds):
        for name, box in boxes.items():
            for kind, command, saved in (
                ("changes nothing", "true", ""),
                ("changes one file", f"echo {number} > d1/f1", ""),
                ("after a file was saved", "cat d0/f0", f"{number}\n"),
            ):
                took.setdefault(kind, {}).setdefault(name, []).append(await timed(box, command, saved))
    print(f"{'milliseconds, at load ' + format(os.getloadavg()[0], '.1f'):<42} {'median':>9} {'95 %':>9}")
    for kind, of in took.items():
        for name, each in of.items():
            print(f"{kind}, {name:<{40 - len(kind)}} {median(each):9.2f} {quantiles(each, n=20)[-1]:9.2f}", flush=True)


async def main(rounds: int) -> None:
    """Prints a line for each kind of command and place."""
    folder, hidden = Path(tempfile.mkdtemp(prefix="pe-")), Path(tempfile.mkdtemp(prefix="hidden-"))
    await fill(folder)
    private = PrivateEngine(folder, hidden=(hidden,))
    await asyncio.to_thread(private.start)
    engine = DockerEngine(Endpoint(private.url))
    places = {"carried": Place(engine, hidden / "home"), "mounted": Place(engine, folder / "home")}
    try:
        await measure(places, rounds)
    finally:
        for place in places.values():
            await place.sandboxes.close_all()
            await place.sandboxes.forget(place.run)
        await engine.close()
        await asyncio.to_thread(private.stop)
        let_go_of(folder)
        for each in (folder, hidden):
            shutil.rmtree(each, ignore_errors=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=30)
    asyncio.run(main(parser.parse_args().rounds))
