"""What a model is shown of a server's tools, and what it gets of their answers."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.domain.ids import CallId
from studio.domain.images import IMAGES_TOGETHER
from studio.domain.messages import ToolCall
from studio.domain.servers import ForeignAnswer, ForeignTool
from studio.domain.tools import ToolOutcome
from studio.tools.hands import Hands
from studio.tools.mcp import ARGUMENT_CHARACTERS, TOOLS_OF_ONE, Nameable, allows, server_tools
from studio.tools.mcp_schema import ANY_OBJECT, SCHEMA_CHARACTERS, cleaned
from studio.tools.runner import run_call
from studio.workspace.pictures import Pictures
from tests.fixtures.images import png

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["type", "properties", "$ref", "$defs", "items", "anyOf", "x", "object"]), inner, max_size=4
        )
    ),
    max_leaves=20,
)


class Answering:
    """A server that gives one answer, and remembers what it was asked."""

    def __init__(self, answer: ForeignAnswer) -> None:
        self.answer = answer
        self.asked: list[tuple[str, dict[str, Any]]] = []

    async def call(self, tool: str, arguments: dict[str, Any], seconds: float) -> ForeignAnswer:
        self.asked.append((tool, arguments))
        return self.answer


async def called(hands: Hands, answer: ForeignAnswer, **arguments: object) -> ToolOutcome:
    tools, _ = server_tools("docs", Answering(answer), [ForeignTool("search", "Searches.")])
    return await run_call(tools, ToolCall(CallId.new(), "mcp_docs_search", dict(arguments)), hands)


async def test_a_tools_name_says_whose_it_is_and_is_one_that_every_provider_takes() -> None:
    server = Answering(ForeignAnswer(True, ""))
    offered = [ForeignTool(name, "") for name in ("find it!", "find_it_", "x" * 80, "ok")]
    tools, left_out = server_tools("docs", server, offered)
    assert (list(tools), left_out) == (["mcp_docs_find_it_", "mcp_docs_ok"], 2)


async def test_a_server_gets_the_arguments_under_its_own_tools_name_whatever_they_are_called(hands: Hands) -> None:
    server = Answering(ForeignAnswer(True, "fine"))
    tools, _ = server_tools("docs", server, [ForeignTool("find.it", "")])
    call = ToolCall(CallId.new(), "mcp_docs_find_it", {"hands": 1, "arguments": {"self": None}})
    assert (await run_call(tools, call, hands)).text == "fine"
    assert server.asked == [("find.it", {"hands": 1, "arguments": {"self": None}})]


async def test_more_tools_than_a_model_can_choose_among_are_left_out() -> None:
    offered = [ForeignTool(f"t{number}", "") for number in range(TOOLS_OF_ONE + 3)]
    tools, left_out = server_tools("docs", Answering(ForeignAnswer(True, "")), offered)
    assert (len(tools), left_out) == (TOOLS_OF_ONE, 3)


async def test_hidden_characters_of_a_description_and_an_answer_reach_no_model(hands: Hands) -> None:
    tools, _ = server_tools("docs", Answering(ForeignAnswer(True, "")), [ForeignTool("a", "good\u202e\u200btool")])
    assert tools["mcp_docs_a"].spec.description.endswith("\n\ngood\ufffdtool")
    assert (await called(hands, ForeignAnswer(True, "\x1b[2Jall\u202e well"))).text == "all\ufffd well"


async def test_arguments_that_are_too_long_are_not_sent(hands: Hands) -> None:
    outcome = await called(hands, ForeignAnswer(True, "sent"), words="x" * ARGUMENT_CHARACTERS)
    assert (outcome.ok, outcome.text) == (False, "The arguments have more than 100,000 characters. Send less at once.")


async def test_images_of_an_answer_are_told_by_their_bytes_and_counted(hands: Hands, tmp_path: Path) -> None:
    seeing = replace(hands, pictures=Pictures(tmp_path / "pictures"))
    images = (b"<svg/>", *(png(width) for width in range(1, IMAGES_TOGETHER + 2)))
    outcome = await called(seeing, ForeignAnswer(True, "Drawn.", images))
    assert len(outcome.images) == IMAGES_TOGETHER
    assert outcome.text == (
        "Drawn.\n[Image 1 is no PNG, JPEG, GIF or WebP image. It is left out.]\n[Image 10 is left out: 8 are the most.]"
    )


@given(schema=json_values)
def test_whatever_a_server_calls_a_schema_becomes_one_in_bounds(schema: Any) -> None:
    clean = cleaned(schema)
    assert clean["type"] == "object"
    assert "properties" in clean
    assert "$ref" not in {key for key in clean if key != "properties"}
    assert len(json.dumps(clean)) <= SCHEMA_CHARACTERS


def test_references_are_resolved_and_what_leads_to_itself_ends() -> None:
    node = {"type": "object", "properties": {"next": {"$ref": "#/$defs/Node"}}}
    schema = {"type": "object", "properties": {"head": {"$ref": "#/$defs/Node"}}, "$defs": {"Node": node}}
    assert cleaned(schema)["properties"]["head"]["properties"]["next"]["type"] == "object"


def test_an_argument_may_have_the_name_of_a_word_of_the_schema_language() -> None:
    schema = {"type": "object", "properties": {"title": {"type": "string"}, "$ref": {"type": "string"}}}
    assert set(cleaned(schema)["properties"]) == {"title", "$ref"}


def test_a_schema_that_would_grow_to_millions_of_parts_is_replaced() -> None:
    again = {f"a{number}": {"$ref": "#/$defs/x"} for number in range(200)}
    schema = {"type": "object", "properties": again, "$defs": {"x": {"type": "object", "properties": again}}}
    assert cleaned(schema) == ANY_OBJECT


def test_a_schema_that_is_too_large_is_replaced() -> None:
    properties = {f"a{number}": {"type": "string", "description": "x" * 900} for number in range(100)}
    assert cleaned({"type": "object", "properties": properties}) == ANY_OBJECT


@pytest.mark.parametrize(
    ("tools", "allowed"),
    [(("mcp",), True), (("mcp_docs",), True), (("mcp_other",), False), (("read", "shell"), False)],
)
def test_a_role_has_the_tools_of_servers_that_it_names(tools: tuple[str, ...], allowed: bool) -> None:
    assert allows(tools, "docs") is allowed


def test_a_role_may_name_all_servers_or_one() -> None:
    known = Nameable(("read",))
    assert [name in known for name in ("read", "mcp", "mcp_docs", "mcp_", "mcpx", 5)] == [True] * 3 + [False] * 3
