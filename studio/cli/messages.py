"""studio messages: what agents told each other, and what nobody got."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from studio.app.standing import Access
from studio.app.studio import Studio
from studio.base.text import shorten
from studio.cli import output, session
from studio.cli.options import Json, ProjectOption
from studio.domain import exits
from studio.domain.clock import to_text
from studio.domain.mail import AgentMessage, MessageState

_NONE = "No agent told another anything. They do so with the tool “tell”, and when they hand work over."


def messages(
    project: ProjectOption = None,
    undeliverable: Annotated[bool, typer.Option(help="Only those that nobody will ever get, with the reason.")] = False,
    json: Json = False,
) -> None:
    """List the messages between agents, oldest first: who read each, or what it waits for."""

    async def verb(studio: Studio) -> int:
        wanted = (await studio.projects.find(project)).id if project else None
        every = await studio.board.messages(wanted)
        found = [each for each in every if each.state is MessageState.UNDELIVERABLE or not undeliverable]
        names = {known.id: known.name for known in await studio.projects.list()}
        if json:
            output.document([_described(each, names[each.project]) for each in found])
            return exits.OK
        rows = [
            (
                each.id,
                names[each.project],
                each.kind.value,
                f"{each.from_role} {each.from_run}",
                each.to_run or each.to_role,
                _state(each),
                shorten(output.one_line(f"({each.reason}) {each.text}" if each.reason else each.text), 90),
            )
            for each in found
        ]
        empty = "Every message was read, or waits for its reader." if undeliverable else _NONE
        output.table(("ID", "PROJECT", "KIND", "FROM", "TO", "STATE", "TEXT"), rows, empty)
        return exits.OK

    session.run(verb, Access.READ)


def _state(message: AgentMessage) -> str:
    """How far it has come, in words; the role or run that it waits for stands beside it."""
    match message.state:
        case MessageState.READ:
            return f"read by {message.read_by}"
        case MessageState.WAITING:
            return "waits for its next step"
        case MessageState.NO_AGENT_YET:
            return "waits for a first run"
        case MessageState.UNDELIVERABLE:
            return "undeliverable"


def _described(message: AgentMessage, project: str) -> dict[str, Any]:
    return {
        "id": message.id,
        "project": project,
        "kind": message.kind.value,
        "from_run": message.from_run,
        "from_role": message.from_role,
        "to_role": message.to_role or None,
        "to_run": message.to_run or None,
        "priority": message.priority.value,
        "answers": message.answers or None,
        "state": message.state.value,
        "reason": message.reason or None,
        "sent": to_text(message.sent),
        "read": to_text(message.read) if message.read else None,
        "read_by": message.read_by,
        "text": message.text,
    }
