"""Reading: what an agent does where no sandbox can be run. It reads and proposes; nothing runs, and no file changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from studio.agents.history import HAND_OFF
from studio.agents.live import LiveRun, LiveRuns
from studio.domain.changes import PutBack, Snapshot
from studio.domain.errors import NoSandbox
from studio.domain.runs import Run
from studio.domain.skills import AidProblem
from studio.sandbox.absent import AbsentSandbox
from studio.tools.tool import Tool

_TOOLS = frozenset(
    {
        "read",
        "list",
        "read_output",
        "plan",
        "skill",
        "board_read",
        "create_task",
        "comment_task",
        "tell",
        "ask",
        HAND_OFF,
    }
)
"""What needs nothing but the files, the log and the board."""


@dataclass(frozen=True, slots=True)
class ReadingRun(LiveRun):
    """A run without a sandbox, whose files are those of its newest snapshot and stay so."""

    missing: NoSandbox

    async def changed(self, head: str) -> bool:
        """Never: nothing here can change a file."""
        return False

    async def snapshot(self, head: str, message: str) -> Snapshot | None:
        """None: there is nothing to save."""
        return None

    async def put_back(self, head: str, target: str, again: str = "") -> PutBack:
        """Raises NoSandbox: files move in a sandbox only."""
        raise self.missing

    async def touched(self) -> bool:
        """Never."""
        return False


async def open_to_read(runs: LiveRuns, run: Run, missing: NoSandbox) -> ReadingRun:
    """The run with its files laid out as its newest snapshot has them. Raises GitError or OutsideError."""
    folder = await runs.workspaces.lay_out_to_read(run)
    return ReadingRun(run, folder, AbsentSandbox(run.id, missing), runs.workspaces, 0.0, missing)


def told(live: LiveRun) -> str:
    """What the agent is told of it; nothing where it has a sandbox."""
    if not isinstance(live, ReadingRun):
        return ""
    return (
        "[A note from Studio, not from the developer: no command can be run and no file be changed on this machine. "
        f"{live.missing.sentence} You have the tools that read. Read what you need, and propose in your reply what is "
        "to be changed, as a unified diff for each file; say what you could not try out.]"
    )


def problem_of(live: LiveRun) -> AidProblem | None:
    """What a person is told of it."""
    if not isinstance(live, ReadingRun):
        return None
    sentence = f"{live.missing.sentence} The agent can read files and propose changes, but runs and changes nothing."
    return AidProblem("sandbox", "This machine", sentence, live.missing.action)


def those_that_read(tools: Mapping[str, Tool]) -> dict[str, Tool]:
    """Those of a turn's tools that can be used then."""
    return {name: tool for name, tool in tools.items() if name in _TOOLS}
