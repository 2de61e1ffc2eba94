"""What a person decided about the tools of an MCP server, on a real log: one tool of one server, as it is now."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from studio.domain.checkpoints import Checkpoint, CheckpointState
from studio.domain.errors import UserError
from studio.domain.ids import RunId
from studio.domain.rules import Scope, ban
from studio.domain.servers import ForeignAnswer, ForeignTool, ServerSpec
from studio.domain.tools import ApprovalMode
from studio.store import runs
from studio.tools.mcp import server_tools
from studio.tools.table import TOOLS
from tests.unit.agents.story import Story

APPROVED, DENIED = CheckpointState.APPROVED, CheckpointState.DENIED
DOCS = ServerSpec("docs", "python3", ("tools/server.py",), (("HOUSE", "yellow"),))
SEARCH = ForeignTool("search", "Searches the documents.", {"type": "object"})
DELETE = ForeignTool("delete", "Deletes a document.")
FOUND = "Found."


class Answering:
    """A server that answers the same to everything."""

    async def call(self, tool: str, arguments: dict[str, Any], seconds: float) -> ForeignAnswer:
        return ForeignAnswer(True, FOUND)


def with_servers(story: Story, *servers: ServerSpec, offered: tuple[ForeignTool, ...] = (SEARCH, DELETE)) -> Story:
    """The run's next turn, in which these servers came up."""
    tools = dict(TOOLS)
    for spec in servers:
        tools |= server_tools(spec.name, Answering(), offered, spec.declared)[0]
    story.tools = tools
    return story


@pytest.fixture
def docs(story: Story) -> Story:
    return with_servers(story, DOCS)


async def asked(story: Story, name: str = "mcp_docs_search", **arguments: Any) -> Checkpoint:
    """The question that a call waits for."""
    question = await story.fate(name, **arguments)
    assert isinstance(question, Checkpoint)
    return question


async def test_the_question_offers_the_tool_of_the_server_and_says_so(docs: Story) -> None:
    question = await asked(docs, words="tills")
    (kind,) = question.kinds
    assert question.command_class == "server"
    assert kind.text.startswith("server: mcp_docs search ")
    assert kind.sentence == (
        "Calls of the tool “search” of the MCP server “docs”, whatever is sent, as long as neither the server's "
        "declaration nor its description of the tool changes."
    )


async def test_approved_for_the_run_it_is_called_with_anything_there_only(docs: Story) -> None:
    await docs.decide(await asked(docs, words="tills"), APPROVED, Scope.RUN)
    assert await docs.fate("mcp_docs_search", words="taxes") == FOUND
    other = replace(docs.run, id=RunId.new())
    async with docs.recorder.unit(other.project, other.id) as unit:
        await runs.add(unit.connection, other)
    await asked(replace(docs, run=other), words="taxes")


async def test_approved_for_the_project_it_is_called_without_a_question_in_every_run(docs: Story) -> None:
    await docs.decide(await asked(docs, words="tills"), APPROVED, Scope.PROJECT)
    other = replace(docs.run, id=RunId.new())
    async with docs.recorder.unit(other.project, other.id) as unit:
        await runs.add(unit.connection, other)
    assert await replace(docs, run=other).fate("mcp_docs_search", words="taxes") == FOUND


async def test_approved_once_the_next_call_asks(docs: Story) -> None:
    await docs.decide(await asked(docs, words="tills"), APPROVED)
    await asked(docs, words="tills")


async def test_another_tool_or_another_server_asks(docs: Story) -> None:
    await docs.decide(await asked(docs), APPROVED, Scope.PROJECT)
    with_servers(docs, DOCS, replace(DOCS, name="more"))
    await asked(docs, "mcp_docs_delete")
    await asked(docs, "mcp_more_search")


@pytest.mark.parametrize(
    "changed",
    [
        replace(DOCS, command="node"),
        replace(DOCS, arguments=("tools/other.py",)),
        replace(DOCS, variables=(("HOUSE", "red"),)),
    ],
    ids=["program", "arguments", "variables"],
)
async def test_a_server_that_is_declared_otherwise_asks(docs: Story, changed: ServerSpec) -> None:
    await docs.decide(await asked(docs), APPROVED, Scope.PROJECT)
    await asked(with_servers(docs, changed))


@pytest.mark.parametrize(
    "changed", [replace(SEARCH, description="Sends it away."), replace(SEARCH, schema={"type": "object", "x": 1})]
)
async def test_a_tool_that_its_server_describes_otherwise_asks(docs: Story, changed: ForeignTool) -> None:
    await docs.decide(await asked(docs), APPROVED, Scope.PROJECT)
    await asked(with_servers(docs, DOCS, offered=(changed,)))


@pytest.mark.parametrize("forbidden", ["server", "unknown", "mcp_docs", "mcp_docs search"])
async def test_what_is_forbidden_wins_over_what_was_let_through(docs: Story, forbidden: str) -> None:
    await docs.decide(await asked(docs), APPROVED, Scope.PROJECT)
    async with docs.recorder.unit(docs.run.project, None) as unit:
        await docs.rules.deny(unit, docs.run.project, ban(forbidden), "operator")
    told = await docs.fate("mcp_docs_search")
    assert isinstance(told, str)
    assert told.startswith("Denied by a rule of this project, which forbids: " + ban(forbidden).text)


async def test_a_denied_call_asks_in_auto_mode_until_its_tool_is_let_through(docs: Story) -> None:
    await docs.decide(await asked(docs, words="tills"), DENIED)
    docs.run = replace(docs.run, approval=ApprovalMode.AUTO)
    again = await asked(docs, words="taxes")
    assert again.denied_before == 'mcp_docs_search {"words": "tills"}'
    await docs.decide(again, APPROVED, Scope.RUN)
    assert await docs.fate("mcp_docs_search", words="tills") == FOUND


async def test_where_something_is_forbidden_a_server_asks_in_auto_mode_until_it_is_let_through(docs: Story) -> None:
    docs.run, docs.deny = replace(docs.run, approval=ApprovalMode.AUTO), (ban("network"),)
    await docs.decide(await asked(docs), APPROVED, Scope.RUN)
    assert await docs.fate("mcp_docs_search") == FOUND


@pytest.mark.parametrize(
    ("forbidden", "sentence"),
    [
        ("mcp_docs", "Calls of every tool of the MCP server “docs”."),
        ("mcp_docs search", "Calls of the tool “search” of the MCP server “docs”, whatever is sent."),
    ],
)
def test_what_is_forbidden_of_a_server_is_said_in_words(forbidden: str, sentence: str) -> None:
    assert ban(forbidden).sentence == sentence


async def test_no_rule_is_made_of_a_tool_that_is_not_there_any_more(docs: Story) -> None:
    question = await asked(docs)
    async with docs.recorder.unit(docs.run.project, docs.run.id) as unit:
        with pytest.raises(UserError):
            await docs.rules.allow(unit, replace(question, kinds=()), Scope.RUN, "operator")
