"""How long a stop takes in the middle of a command: from the click to the turn's end in the log, files brought home."""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import tempfile
import time
from pathlib import Path

from studio.app.bootstrap import open_studio
from studio.app.chats import Sent
from studio.app.standing import Access
from studio.app.studio import Studio
from studio.domain.events import Recorded, StepStarted, ToolStarted, TurnEnded
from studio.domain.ids import ProjectId
from studio.domain.tools import ApprovalMode
from tests.fixtures.repositories import make_repository

ROUNDS = 5
COMMANDS = {
    "sleeps": "touch begun; sleep 300",
    "ignores TERM and INT": "touch begun; trap '' TERM INT; while :; do sleep 1; done",
    "has 100 children": "touch begun; for n in $(seq 100); do sleep 300 & done; wait",
    "writes without end": "touch begun; yes",
    "works without end": "touch begun; while :; do :; done",
    "wrote 1,000 files": "for n in $(seq 1000); do echo $n > f$n; done; sleep 300",
}


async def main() -> None:
    """Prints one line for each kind of command."""
    with tempfile.TemporaryDirectory(prefix="studio-stopping-") as folder:
        place = Path(folder)
        studio = await open_studio({**os.environ, "STUDIO_HOME": str(place / "home")}, Access.ENGINE)
        try:
            repository = make_repository(place / "shop", {"a.txt": "one\n"})
            project = await studio.projects.add(repository)
            print(f"{'command that':24}  stop, median  worst   interrupt and send, median  worst")
            for name, command in COMMANDS.items():
                stops = [await _stop(studio, project.id, place, command) for _ in range(ROUNDS)]
                sends = [await _interrupt(studio, project.id, place, command) for _ in range(ROUNDS)]
                print(
                    f"{name:24}  {statistics.median(stops):8.0f} ms  {max(stops):4.0f} ms"
                    f"  {statistics.median(sends):22.0f} ms  {max(sends):4.0f} ms"
                )
        finally:
            await studio.close()


async def _begun(studio: Studio, project: ProjectId, place: Path, command: str) -> Sent:
    path = place / "replies.json"
    call = {"calls": [{"name": "shell", "arguments": {"command": command}}]}
    path.write_text(json.dumps({"replies": [call, {"text": "Done."}, {"text": "Done."}]}))
    sent = await studio.chats.send(project, "Go", model=f"scripted/{path}", approval=ApprovalMode.AUTO)
    async for item in studio.feed.follow(sent.since, run=sent.run):
        if isinstance(item, Recorded) and isinstance(item.event, ToolStarted):
            break
    await asyncio.sleep(1.0)  # it is in the middle of its work
    return sent


async def _stop(studio: Studio, project: ProjectId, place: Path, command: str) -> float:
    sent = await _begun(studio, project, place, command)
    began = time.perf_counter()
    await studio.chats.cancel(sent.run)
    took = time.perf_counter() - began
    await studio.review.discard(sent.run)
    return took * 1000


async def _interrupt(studio: Studio, project: ProjectId, place: Path, command: str) -> float:
    """Until the model is asked about the new message."""
    sent = await _begun(studio, project, place, command)
    began = time.perf_counter()
    again = await studio.queue.interrupt(sent.run, "No, like this")
    async for item in studio.feed.follow(again.since, run=sent.run):
        if isinstance(item, Recorded) and isinstance(item.event, StepStarted) and item.event.turn == again.turn:
            break
    took = time.perf_counter() - began
    async for item in studio.feed.follow(again.since, run=sent.run):
        if isinstance(item, Recorded) and isinstance(item.event, TurnEnded) and item.event.turn == again.turn:
            break
    await studio.review.discard(sent.run)
    return took * 1000


if __name__ == "__main__":
    asyncio.run(main())
