"""What a tool may touch: one run's sandbox and workspace, and nothing else."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from studio.board.desk import Desk
from studio.domain.errors import UserError
from studio.sandbox.box import Sandbox
from studio.workspace.files import Folder
from studio.workspace.pictures import Pictures


async def nothing_kept(call: str) -> str | None:
    """No output of an earlier call is known."""
    return None


@dataclass(frozen=True, slots=True)
class Hands:
    """The reach of one tool call.

    `folder` is the run's workspace, `sandbox` the container it is mounted in. `on_output` shows a
    command's output while it runs; what it is given is not recorded. `command_seconds` is how long a
    command may run when the model names no time, `seconds_left` how long any call may (more than none).
    `again` says that this call may have been run before, by a process that died before it could note the
    result. `output` gives the whole of what an earlier call of this run gave, None for a call it does not know.
    `pictures` keeps the images that a result shows; without it none are. `ask_window` carries the id of a request for a
    picture to whoever shows the run's preview, `ask_page` one with what is to be done in its page; without them nobody
    does. `desk` is the project's board and the way to
    other agents.
    """

    folder: Folder
    sandbox: Sandbox
    on_output: Callable[[str], None]
    command_seconds: float = 120.0
    seconds_left: float = math.inf
    again: bool = False
    output: Callable[[str], Awaitable[str | None]] = nothing_kept
    pictures: Pictures | None = None
    ask_window: Callable[[str], None] | None = None
    ask_page: Callable[[str, str], None] | None = None
    desk: Desk | None = None


def desk_of(hands: Hands) -> Desk:
    """The board and mail within reach; raises UserError where there are none."""
    if hands.desk is None:
        raise UserError("This run has no board.", "Go on without it.")
    return hands.desk
