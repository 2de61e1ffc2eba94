"""The runner: a call always gets exactly one result."""

from __future__ import annotations

from rapidfuzz.process import extractOne

from studio.base.text import shorten
from studio.domain.errors import UserError
from studio.domain.messages import ToolCall
from studio.domain.tools import ToolOutcome
from studio.tools.hands import Hands
from studio.tools.tool import Tool

RAW_SHOWN = 500


async def run_call(tools: dict[str, Tool], call: ToolCall, hands: Hands) -> ToolOutcome:
    """Runs one allowed call. What the model did wrong becomes a failed result it can read.

    Raises OutsideError or PolicyRefused when the sandbox or the workspace itself is at fault: then there
    is no result yet, and the turn ends with that reason.
    """
    try:
        tool = find(tools, call)
        return await tool.function(hands, **tool.parse(arguments(call)))
    except UserError as error:
        summary = shorten(error.sentence.split("\n")[0], 80)
        return ToolOutcome(False, f"{error.sentence} {error.action}".strip(), summary)


def find(tools: dict[str, Tool], call: ToolCall) -> Tool:
    """The tool a call names; raises UserError with the nearest name when there is none."""
    if call.name in tools:
        return tools[call.name]
    near = extractOne(call.name, tools.keys(), score_cutoff=60)
    hint = f" Did you mean {near[0]}?" if near else ""
    raise UserError(f"There is no tool “{shorten(call.name, 60)}”.{hint} There are: {', '.join(tools)}.")


def arguments(call: ToolCall) -> dict[str, object]:
    """The call's arguments; raises UserError with the parse error when its JSON could not be read."""
    if call.arguments is None:
        raise UserError(
            f"The arguments of {call.name} are not valid JSON, so the call was not run: {shorten(call.raw, RAW_SHOWN)}",
            "Send the call again with one complete JSON object.",
        )
    return call.arguments
