"""The shell tool: run a command inside the run's sandbox."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from studio.base.text import plain, shorten
from studio.domain.tools import ToolOutcome
from studio.tools.hands import Hands

LONGEST_SECONDS = 1800


async def shell(
    hands: Hands,
    command: Annotated[str, Field(description="The command line, read by bash.", min_length=1, max_length=100_000)],
    seconds: Annotated[
        int | None, Field(description="Stop the command after this long; 120 when left out.", ge=1, le=LONGEST_SECONDS)
    ] = None,
) -> ToolOutcome:
    """Runs a command with bash in the project's container and gives its output and exit code.

    The working directory starts at the project's root and is kept between commands. There is no network
    and no keyboard: pass flags that avoid questions. Long output is shown by its ends, read_output has the rest.
    """
    wanted = float(seconds) if seconds else hands.command_seconds
    timeout = min(wanted, hands.seconds_left)
    result = await hands.sandbox.exec(command, timeout=timeout, on_output=hands.on_output)
    output = plain(result.output).rstrip("\n")
    if result.timed_out:
        why = "" if timeout == wanted else ": your time for this message is used up"
        took = f"{round(timeout, 1):g}"
        text = f"{output}\n[The command was stopped after {took} seconds{why}.]".strip()
        return ToolOutcome(False, text, f"stopped after {took} s", result.touched)
    summary = _last_line(output) if result.exit_code == 0 else f"exit code {result.exit_code}"
    text = f"{output}\n[exit code {result.exit_code}]".strip()
    return ToolOutcome(result.exit_code == 0, text, summary, changed=result.touched)


def _last_line(output: str) -> str:
    lines = output.splitlines()
    return shorten(lines[-1].strip(), 80) if lines else "done"
