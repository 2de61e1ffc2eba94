"""What the git boundary costs: a run's start, a look for changes, a ten-file commit brought home, its diff.

python -m benchmarks.workspace [--files N] [--rounds N]

Git runs on this machine instead of in a container, so a container's exec comes on top: once for a look or a
start, twice for a commit. The floors are what git itself takes to start, and to make a shared clone with its files.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import tempfile
import time
from collections.abc import Awaitable
from dataclasses import replace
from pathlib import Path
from statistics import median

from studio.base.paths import Paths
from studio.domain.runs import Run
from studio.workspace.git import find_git
from studio.workspace.process import run_program
from studio.workspace.workspaces import Workspaces
from tests.fixtures.git_stories import make_person, make_project, make_run
from tests.fixtures.local_guest import LocalGuest

Times = dict[str, list[float]]


async def timed(times: Times, name: str, awaited: Awaitable[object]) -> object:
    """Awaits and notes the milliseconds under `name`."""
    start = time.perf_counter()
    result = await awaited
    times.setdefault(name, []).append((time.perf_counter() - start) * 1000)
    return result


async def measure(folder: Path, files: int, rounds: int) -> Times:
    """One project of `files` files; each round starts a run and saves ten files."""
    times: Times = {}
    git = find_git(os.environ["PATH"])
    person = make_person(folder / "person")
    for number in range(files):
        person.write(f"many/{number // 50}/{number}.txt", f"{number}\n" * 20)
    person.commit("Many files")
    paths = Paths(folder / "data")
    paths.make()
    project = make_project(person.folder)
    workspaces = Workspaces(paths, git, person.environment)
    await timed(times, "register (once)", workspaces.register(project))
    for number in range(rounds):
        await timed(times, "floor: git --version", run_program((git, "--version"), env=person.environment))
        clone = (git, "clone", "--quiet", "--shared", str(person.folder), str(folder / f"floor{number}"))
        await timed(times, "floor: git clone --shared", run_program(clone, env=person.environment))
        start = time.perf_counter()
        run = make_run(project, await workspaces.base(project))
        mounted, mounts = await workspaces.prepare(run)
        guest = LocalGuest(mounted, mounts, folder)
        await workspaces.populate(run, guest)
        times.setdefault("base + prepare + populate", []).append((time.perf_counter() - start) * 1000)
        await one_step(times, workspaces, run, guest, number)
    return times


async def one_step(times: Times, workspaces: Workspaces, run: Run, guest: LocalGuest, number: int) -> None:
    """Looks at a clean workspace, changes ten files, looks again, brings them home, shows the diff."""
    await timed(times, "changed (nothing)", workspaces.changed(run, guest))
    for file in range(10):
        (guest.folder / f"src/file{file}.txt").write_text(f"round {number} file {file}\n")
    await timed(times, "changed (ten files)", workspaces.changed(run, guest))
    snapshot = await workspaces.snapshot(run, guest, "Ten files")
    assert snapshot is not None
    times.setdefault("ten-file commit home", []).append(snapshot.milliseconds)
    done = replace(run, head=snapshot.commit)
    await timed(times, "diff", workspaces.diff(done))


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=20)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        times = asyncio.run(measure(Path(folder), options.files, options.rounds))
    print(f"{options.files} files, {options.rounds} rounds")
    print(f"{'':32}{'median ms':>12}{'max ms':>12}")
    for name, taken in times.items():
        print(f"{name:32}{median(taken):12.1f}{max(taken):12.1f}")


if __name__ == "__main__":
    main()
