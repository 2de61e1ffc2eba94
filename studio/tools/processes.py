"""Tools for processes behind: start one, hear what it says, stop it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from studio.base.text import plain, shorten, shown
from studio.domain.services import ServiceView, told_of
from studio.domain.tools import ToolOutcome
from studio.sandbox.processes import Output, Process
from studio.tools.hands import Hands

ANSWER_CHARACTERS = 30_000
LONGEST_WAIT = 300
SERVICE_LINES = 300
SETTLE_SECONDS = 1.0
"""So long a start waits: what cannot run at all has said so by then."""
_COMMAND_SHOWN = 100


async def process_start(
    hands: Hands,
    command: Annotated[str, Field(description="The command line, read by bash.", min_length=1, max_length=100_000)],
) -> ToolOutcome:
    """Starts a command that runs on while you do something else: a server, a watcher, a long build.

    It starts in the directory where the last shell command left off, has no keyboard, and runs on after
    your reply until process_stop, its own end, or the end of the container. At most 8 run at once. The
    answer names the process and what it said in its first second; hear more with process_output.
    For a command that you wait for, use shell; to start the app and see that it answers, use preview_start.
    """
    started = await hands.sandbox.processes.start(command, min(SETTLE_SECONDS, hands.seconds_left))
    process = started.process
    if process.exit_code is not None:
        ok = process.exit_code == 0
        return ToolOutcome(ok, heard(started), f"ended at once, exit code {process.exit_code}", changed=True)
    return ToolOutcome(True, heard(started), f"{process.name} runs", changed=True)


async def process_output(
    hands: Hands,
    process: Annotated[
        str,
        Field(description="Its name, as process_start gave it, or a service's. Empty: lists them all.", max_length=100),
    ] = "",
    since: Annotated[
        int, Field(description="Only what came after this mark, which the last look ended with.", ge=0, le=1 << 53)
    ] = 0,
    wait_seconds: Annotated[
        int, Field(description="Wait so long for something new, or its end.", ge=0, le=LONGEST_WAIT)
    ] = 0,
) -> ToolOutcome:
    """Shows what a background process said since a mark, and whether it runs or with which code it ended.

    The first 16 KiB and the last 112 KiB of its output are kept; what is lost in between is counted.
    To wait for a line, look again with the mark and wait_seconds instead of sleeping in shell.
    """
    services = hands.sandbox.pod
    if not process:
        return _listed(await hands.sandbox.processes.list(), await services.look() if services else ())
    if services is not None and services.runs(process):
        said = shorten(await services.logs(process, SERVICE_LINES), ANSWER_CHARACTERS)
        return ToolOutcome(True, said or "[It has said nothing.]", f"{process}, a service")
    seconds = min(float(wait_seconds), hands.seconds_left)
    output = await hands.sandbox.processes.output(process, since, seconds)
    return ToolOutcome(True, heard(output), standing(output.process))


async def process_stop(
    hands: Hands,
    process: Annotated[str, Field(description="Its name, as process_start gave it.", min_length=1, max_length=100)],
) -> ToolOutcome:
    """Ends a background process and everything it started: first politely, after 3 seconds by force.

    Stopping one that has ended already is no error. Its output can still be read.
    """
    stopped = await hands.sandbox.processes.stop(process)
    text = f"[{described(stopped)}]"
    return ToolOutcome(stopped.ended, text, standing(stopped), changed=True)


def heard(output: Output) -> str:
    """What a process said, and how it stands, for the model."""
    said = shorten(plain(output.text), ANSWER_CHARACTERS).rstrip("\n")
    mark = "" if output.process.ended else f" Ask with since={output.mark} for what comes after."
    return f"{said}\n[{described(output.process)}{mark}]".lstrip("\n")


def described(process: Process) -> str:
    """How a process stands, in a sentence that begins with its name."""
    return f"{process.name} {_state(process)}; it has written {process.said:,} bytes."


def standing(process: Process) -> str:
    """How a process stands, in a few words for people."""
    if process.ended:
        return f"{process.name} was stopped" if process.stopped else f"{process.name} ended, code {process.exit_code}"
    return f"{process.name} runs" if process.exit_code is None else f"{process.name} left processes behind"


def _state(process: Process) -> str:
    after = f"after {process.seconds:,.0f} seconds"
    if process.ended and process.stopped:
        return f"was stopped {after}"
    if process.ended:
        return f"has ended with exit code {process.exit_code} {after}"
    if process.exit_code is not None:
        return f"has ended with exit code {process.exit_code}, but what it started still runs"
    if process.stopped:
        return "was told to stop and still runs"
    return f"has been running for {process.seconds:,.0f} seconds"


def _listed(processes: tuple[Process, ...], services: tuple[ServiceView, ...]) -> ToolOutcome:
    running = sum(not process.ended for process in processes)
    lines = [f"- {described(one)} Command: {shorten(shown(one.command), _COMMAND_SHOWN)}" for one in processes]
    lines += [f"- A service: {plain(told_of(one))}" for one in services]
    return ToolOutcome(True, "\n".join(lines) or "No process was started in this container.", f"{running} running")
