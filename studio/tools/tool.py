"""A tool: its spec for the model, made from a typed function."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, get_type_hints

from pydantic import BaseModel, ConfigDict, ValidationError, create_model

from studio.base.text import shorten
from studio.domain.errors import UserError
from studio.domain.tools import Risk, ToolOutcome, ToolSpec
from studio.tools.hands import Hands

ToolFunction = Callable[..., Awaitable[ToolOutcome]]


@dataclass(frozen=True, slots=True)
class Tool:
    """One ability of an agent.

    `repeatable` says that running a call a second time does no harm, so that a call which a dead process
    left half-way is simply run again. `target` names the argument shown to people beside the tool's name.
    """

    spec: ToolSpec
    function: ToolFunction
    arguments: type[BaseModel]
    target: str
    repeatable: bool

    def parse(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """Arguments checked against the schema; extra keys are refused. Raises UserError worded for the model."""
        try:
            checked = self.arguments.model_validate(arguments)
        except ValidationError as error:
            raise UserError(_explain(self, error)) from error
        return {name: getattr(checked, name) for name in self.arguments.model_fields}


def tool(function: ToolFunction, *, risk: Risk, target: str, repeatable: bool) -> Tool:
    """The tool a typed function is: its name, docstring and annotated parameters are the schema.

    The first parameter is the `Hands`; each other one is annotated with a pydantic Field description.
    """
    hints = get_type_hints(function, include_extras=True)
    parameters = list(inspect.signature(function).parameters.values())
    if hints[parameters[0].name] is not Hands:
        raise TypeError(f"{function.__name__} must take Hands first")
    fields: dict[str, Any] = {p.name: (hints[p.name], _default(p)) for p in parameters[1:]}
    name = function.__name__.removesuffix("_")
    arguments: type[BaseModel] = create_model(name, __config__=ConfigDict(extra="forbid", strict=True), **fields)
    return Tool(
        ToolSpec(name, inspect.cleandoc(function.__doc__ or ""), schema_of(arguments), risk),
        function,
        arguments,
        target,
        repeatable,
    )


def _default(parameter: inspect.Parameter) -> Any:
    return ... if parameter.default is inspect.Parameter.empty else parameter.default


def schema_of(arguments: type[BaseModel]) -> dict[str, Any]:
    """The JSON schema that a model is shown of a tool's arguments."""
    schema = arguments.model_json_schema()
    named = schema.pop("$defs", {})
    return {key: _plain(value, named) for key, value in schema.items() if key != "title"}


def _plain(part: Any, named: dict[str, Any]) -> Any:
    """A part of a schema without titles and references: not every provider resolves those."""
    if isinstance(part, list):
        return [_plain(item, named) for item in part]
    if not isinstance(part, dict):
        return part
    if "$ref" in part:
        return _plain(named[part["$ref"].removeprefix("#/$defs/")], named)
    return {key: _plain(value, named) for key, value in part.items() if key != "title" or isinstance(value, dict)}


def _explain(tool: Tool, error: ValidationError) -> str:
    """One line per wrong argument, and the names that are allowed."""
    lines = [
        f"- {shorten('.'.join(map(str, fault['loc'])) or 'arguments', 80)}: {fault['msg']}"
        for fault in error.errors(include_input=False, include_url=False)[:10]
    ]
    names = ", ".join(tool.arguments.model_fields)
    return "\n".join([f"The arguments of {tool.spec.name} are wrong:", *lines, f"It takes: {names}."])
