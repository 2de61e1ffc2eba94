"""How long Studio takes to clear away ten sandboxes that a killed Studio left: the limit is ten seconds.

python -m benchmarks.killed; needs a container engine

A process of its own opens a data folder and has ten runs, each with its sandbox up and a process at full speed in it.
It is ended with SIGKILL. What is measured is a whole start of Studio on that folder, until none of the ten containers
is left.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from time import monotonic

from studio.app.bootstrap import open_studio
from studio.app.standing import Access
from studio.domain.events import TurnEnded
from studio.domain.tools import ApprovalMode
from tests.fixtures.engine import turn_ended
from tests.fixtures.repositories import make_repository
from tests.fixtures.scripts import DONE, call

RUNS, LIMIT = 10, 10.0
BUSY = call("shell", command="(while :; do :; done) > /dev/null 2>&1 & sleep 0")


async def fill(folder: Path) -> None:
    """Opens the data folder, brings ten sandboxes up, says so, and waits to be killed."""
    studio = await open_studio(os.environ, Access.ENGINE)
    project = await studio.projects.add(make_repository(folder / "shop", {"a.txt": "a\n"}))
    model = os.environ["STUDIO_DEFAULT_MODEL"]
    for number in range(RUNS):
        sent = await studio.chats.send(project.id, f"Run {number}", model=model, approval=ApprovalMode.AUTO)
        ended = await turn_ended(studio, sent)
        assert isinstance(ended, TurnEnded), ended
    print("up", flush=True)
    await asyncio.sleep(600)


def left(home: Path) -> int:
    """How many containers of the data folder there are."""
    asked = ["docker", "ps", "--all", "--quiet", "--filter", f"label=studio.home={home}"]
    return len(subprocess.run(asked, capture_output=True, text=True, check=True).stdout.split())


async def start(home: Path) -> float:
    """Seconds of a whole start."""
    began = monotonic()
    studio = await open_studio(os.environ, Access.ENGINE)
    while await asyncio.to_thread(left, home):
        await asyncio.sleep(0.05)
    took = monotonic() - began
    await studio.close()
    return took


def main() -> None:
    if len(sys.argv) > 1:
        asyncio.run(fill(Path(sys.argv[1])))
        return
    with tempfile.TemporaryDirectory() as folder:
        home, replies = Path(folder) / "home", Path(folder) / "replies.json"
        replies.write_text(json.dumps({"replies": [BUSY, DONE, DONE]}))
        os.environ |= {
            "STUDIO_HOME": str(home),
            "STUDIO_DEFAULT_MODEL": f"scripted/{replies}",
            "STUDIO_SANDBOX_MEMORY_MB": "256",
            "STUDIO_SANDBOX_CPUS": "0.5",
            "STUDIO_SANDBOX_POOL": "0",
        }
        filling = [sys.executable, "-m", "benchmarks.killed", folder]
        with subprocess.Popen(filling, stdout=subprocess.PIPE, text=True) as filled:
            assert filled.stdout is not None
            said = filled.stdout.readline()
            found = left(home)
            filled.send_signal(signal.SIGKILL)
        if said != "up\n" or found < RUNS:
            raise SystemExit(f"Only {found} sandboxes came up.")
        took = asyncio.run(start(home))
    print(f"{'':44}{'took':>8}{'limit':>8}  s")
    print(f"{f'start of Studio, {found} sandboxes cleared away':44}{took:8.2f}{LIMIT:8.0f}")


if __name__ == "__main__":
    main()
