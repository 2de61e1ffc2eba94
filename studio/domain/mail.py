"""A message from one agent to another."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from studio.domain.ids import MessageId, ProjectId, RunId
from studio.domain.tasks import Priority

TEXT_CHARACTERS = 4000
PER_TURN = 10
"""How many messages an agent sends within one turn: two that only talk to each other come to an end."""


class MessageKind(StrEnum):
    """What a message is for."""

    QUESTION = "question"
    ANSWER = "answer"
    NOTE = "note"
    HANDOFF = "handoff"


class MessageState(StrEnum):
    """How far a message has come; that it was read is its acknowledgement."""

    WAITING = "waiting"
    NO_AGENT_YET = "no_agent_yet"  # it waits for a role of which no run is there; the next one gets it
    READ = "read"
    UNDELIVERABLE = "undeliverable"


@dataclass(frozen=True, slots=True)
class AgentMessage:
    """What one agent tells another: a run, or whichever run of a role takes its next step first.

    `answers` names the message this one answers. `reason` says why it cannot be delivered, or not yet; `read_by` which
    run read it.
    """

    id: MessageId
    project: ProjectId
    kind: MessageKind
    from_run: RunId
    from_role: str
    turn: str
    text: str
    sent: datetime
    to_role: str = ""
    to_run: str = ""
    priority: Priority = Priority.NORMAL
    answers: str = ""
    state: MessageState = MessageState.WAITING
    reason: str = ""
    read_by: RunId | None = None
    read: datetime | None = None
