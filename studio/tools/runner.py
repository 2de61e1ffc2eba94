"""The runner: a call always gets exactly one result."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

from rapidfuzz import process

from studio.base.text import shorten, shown, whole
from studio.domain.errors import OutsideError, StudioError, UserError
from studio.domain.messages import ToolCall
from studio.domain.tools import ToolOutcome
from studio.tools.hands import Hands
from studio.tools.tool import Tool

RAW_SHOWN = 500
_KINDS: dict[type, str] = {list: "list", str: "text", int: "number", float: "number", bool: "yes or no"}
SUMMARY_CHARACTERS = 100
FAILED_CHARACTERS = 10_000
"""An error quotes what the model sent, which may be of any length."""


async def run_call(tools: Mapping[str, Tool], call: ToolCall, hands: Hands) -> ToolOutcome:
    """Runs one allowed call. What the model did wrong becomes a failed result it can read.

    So does what failed outside, when the sandbox lives and the call is one that is simply run again: left
    open, it would fail the same way in every turn to come. Otherwise raises OutsideError or PolicyRefused:
    then there is no result yet, and the turn ends with that reason.
    """
    try:
        tool = find(tools, call)
        checked = tool.parse(arguments(call))
        try:
            return _sayable(await tool.function(hands, **checked))
        except OutsideError as error:
            if not tool.repeatable or hands.sandbox.broken:
                raise
            return _failed(error)
    except UserError as error:
        return _failed(error)


def _failed(error: StudioError) -> ToolOutcome:
    first, *more = error.sentence.split("\n")
    told = f"{first} {more[0].removeprefix('- ')}" if more and first.endswith(":") else first
    summary = shown(shorten(told, SUMMARY_CHARACTERS))
    return _sayable(ToolOutcome(False, shorten(f"{error.sentence} {error.action}".strip(), FAILED_CHARACTERS), summary))


def _sayable(outcome: ToolOutcome) -> ToolOutcome:
    """The outcome without halves of characters, as names of files have them: no provider can be sent those."""
    return replace(outcome, text=whole(outcome.text), summary=whole(outcome.summary))


def find(tools: Mapping[str, Tool], call: ToolCall) -> Tool:
    """The tool a call names; raises UserError with the nearest name when there is none."""
    if call.name in tools:
        return tools[call.name]
    near = process.extractOne(call.name, tools.keys(), score_cutoff=60)
    hint = f" Did you mean {near[0]}?" if near else ""
    raise UserError(f"There is no tool “{shown(shorten(call.name, 60))}”.{hint} There are: {', '.join(tools)}.")


def arguments(call: ToolCall) -> dict[str, object]:
    """The call's arguments; raises UserError with the parse error when its JSON could not be read."""
    if call.left_out:
        raise UserError(
            f"The arguments of {shown(shorten(call.name, 60))} are too long by far, so the call was not run: "
            f"{call.left_out + len(call.raw):,} characters.",
            "Send less: change a file in parts, or let a command make what is long.",
        )
    if call.arguments is None:
        raise UserError(
            f"The arguments of {call.name} are not valid JSON, so the call was not run: {_fault(call.raw)}\n"
            f"{shorten(call.raw, RAW_SHOWN)}\n",
            "Send the call again with one complete JSON object.",
        )
    return call.arguments


def _fault(raw: str) -> str:
    """What is wrong with a text that should have been a JSON object, and where."""
    try:
        found = json.loads(raw)
    except json.JSONDecodeError as error:
        return f"{error.msg}: line {error.lineno}, column {error.colno}, of {len(raw)} characters."
    except RecursionError:
        return "it is nested too deeply."
    if isinstance(found, dict):
        return "it holds a number or a character that JSON cannot carry."
    return f"it is a {_KINDS.get(type(found), 'value')}, not an object."
