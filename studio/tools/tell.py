"""The tell tool: a message to another agent of the project."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from studio.domain.mail import PER_TURN, TEXT_CHARACTERS, MessageKind, MessageState
from studio.domain.tasks import Priority
from studio.domain.tools import ToolOutcome
from studio.tools.hands import Hands, desk_of


async def tell(
    hands: Hands,
    to: Annotated[str, Field(description="A role, such as tester, or the id of one run.", min_length=1, max_length=40)],
    kind: Annotated[Literal["question", "answer", "note"], Field(description="What the message is for.")],
    text: Annotated[
        str,
        Field(
            description="The whole message; whoever reads it has seen nothing of your work.",
            min_length=1,
            max_length=TEXT_CHARACTERS,
        ),
    ],
    priority: Annotated[Priority, Field(description="What is read first.", strict=False)] = Priority.NORMAL,
    answers: Annotated[str, Field(description="The id of the message that this one answers.", max_length=40)] = "",
) -> ToolOutcome:
    """Sends a message to another agent of this project, who reads it before its next step.

    It wakes nobody and you do not wait for an answer: go on with what you can do without it. To one run, or to a role:
    then whichever of its agents takes the next step first reads it. The developer sees every message. What only a
    person can decide, ask with `ask`.
    """
    message = await desk_of(hands).tell(MessageKind(kind), to, text, priority, answers)
    if message.state is MessageState.UNDELIVERABLE:
        kept = "The developer sees it in the list of messages that nobody got."
        return ToolOutcome(False, f"Message {message.id} cannot be delivered. {message.reason} {kept}", message.reason)
    return ToolOutcome(
        True, f"Message {message.id} waits for {to}. You may send {PER_TURN} in one turn.", f"{kind} to {to}"
    )
