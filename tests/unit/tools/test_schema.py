"""A tool's schema comes from its function, and arguments are held against it."""

from __future__ import annotations

import pytest

from studio.domain.errors import UserError
from studio.domain.ids import CallId
from studio.domain.messages import ToolCall
from studio.tools.runner import arguments, find
from studio.tools.table import TOOLS


@pytest.mark.parametrize("name", sorted(TOOLS))
def test_every_tool_says_what_it_does_and_describes_each_argument(name: str) -> None:
    spec = TOOLS[name].spec
    assert len(spec.description) > 60
    assert spec.schema["additionalProperties"] is False
    assert all(field.get("description") for field in spec.schema["properties"].values())
    assert TOOLS[name].target in spec.schema["properties"]


def test_defaults_fill_what_the_model_left_out() -> None:
    assert TOOLS["read"].parse({"path": "a.py"}) == {"path": "a.py", "start_line": 1, "lines": 1000}


@pytest.mark.parametrize(
    ("name", "given", "wrong"),
    [
        ("read", {}, "path"),
        ("read", {"path": "a", "start_line": 0}, "start_line"),
        ("read", {"path": "a", "start_line": "1"}, "start_line"),
        ("read", {"path": "a", "mode": "fast"}, "mode"),
        ("shell", {"command": ""}, "command"),
        ("shell", {"command": "ls", "seconds": 100_000}, "seconds"),
    ],
)
def test_a_wrong_argument_is_named_together_with_those_there_are(
    name: str, given: dict[str, object], wrong: str
) -> None:
    with pytest.raises(UserError, match=wrong) as caught:
        TOOLS[name].parse(given)
    assert f"It takes: {', '.join(TOOLS[name].arguments.model_fields)}." in caught.value.sentence


def test_an_unknown_tool_is_answered_with_the_nearest_one() -> None:
    with pytest.raises(UserError, match="Did you mean shell"):
        find(TOOLS, ToolCall(CallId.new(), "shel", {}))


def test_broken_json_is_answered_with_the_parse_error_and_what_was_sent() -> None:
    with pytest.raises(UserError, match=r"(?s)not valid JSON.*line 1, column 13.*\{\"command\": \"ls"):
        arguments(ToolCall(CallId.new(), "shell", None, '{"command": "ls'))
