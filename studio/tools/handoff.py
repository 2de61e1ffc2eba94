"""The hand_off tool: a role gives over its result, field by field as its file declares it."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, create_model

from studio.domain.roles import ResultField, ResultType, title_of
from studio.domain.tools import Risk, ToolOutcome, ToolSpec
from studio.tools.hands import Hands
from studio.tools.tool import Tool, schema_of

NAME = "hand_off"
TEXT_CHARACTERS = 8000
ENTRIES_MAX = 50
ENTRY_CHARACTERS = 2000
NOTE_CHARACTERS = 2000


async def hand_off(hands: Hands, result: BaseModel, next_role: str | None = None, note: str = "") -> ToolOutcome:
    """Hands your result over and ends your turn.

    Call it once, when the work is done or cannot go on, after you have read the results of all your other calls.
    Fill in every field from what you did and saw yourself; what you could not check, say so there.
    `next_role` says who should go on; leave it out when that is for the developer to decide. `note` is for whoever
    goes on: where to begin and what to mind.
    """
    to = f" to the {title_of(next_role).lower()}" if next_role else ""
    return ToolOutcome(True, f"Handed over{to}. Your turn ends here.", f"handed over{to}")


def hand_off_tool(fields: Sequence[ResultField], roles: Sequence[str] = ()) -> Tool:
    """The tool for a role with these fields; `roles` are those that may be named to go on, none when it is empty."""
    # By alias: a role may call a field like something that every pydantic class has already.
    of_role: dict[str, Any] = {f"field_{number}": _typed(field) for number, field in enumerate(fields)}
    strict = ConfigDict(extra="forbid", strict=True)
    result: type[BaseModel] = create_model("result", __config__=strict, **of_role)
    named: dict[str, Any] = {"result": (result, Field(description="What you hand over, field by field."))}
    if roles:
        who: Any = Literal[tuple(roles)]
        named["next_role"] = (who | None, Field(default=None, description="The role that should go on, if any."))
    note = "For whoever goes on: where to begin, what to mind."
    named["note"] = (str, Field(default="", description=note, max_length=NOTE_CHARACTERS))
    arguments: type[BaseModel] = create_model(NAME, __config__=strict, **named)
    about = inspect.cleandoc(hand_off.__doc__ or "")
    spec = ToolSpec(NAME, about, schema_of(arguments), Risk.READ)
    return Tool(spec, hand_off, arguments, "next_role", True)


def _typed(field: ResultField) -> tuple[Any, Any]:
    kind = _kind(field)
    if field.required:
        return kind, Field(alias=field.name, description=field.about)
    return kind | None, Field(default=None, alias=field.name, description=f"{field.about} (may be left out)")


def _kind(field: ResultField) -> Any:
    said = AfterValidator(_said)
    match field.type:
        case ResultType.TEXT:
            return Annotated[str, Field(max_length=TEXT_CHARACTERS), said]
        case ResultType.TEXTS:
            entry = Annotated[str, Field(max_length=ENTRY_CHARACTERS), said]
            return Annotated[list[entry], Field(max_length=ENTRIES_MAX)]
        case ResultType.NUMBER:
            return Annotated[float, Field(allow_inf_nan=False)]
        case ResultType.YES_NO:
            return bool
        case ResultType.CHOICE:
            return Literal[field.options]


def _said(text: str) -> str:
    if not text.strip():
        raise ValueError("this is empty; say what there is to say, or “none”")
    return text
