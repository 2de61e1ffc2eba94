"""The ask tool: let a person decide."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from studio.domain.errors import PolicyRefused
from studio.domain.tools import ToolOutcome
from studio.tools.hands import Hands


async def ask(
    hands: Hands,
    question: Annotated[str, Field(description="One clear question.", min_length=1, max_length=4000)],
    options: Annotated[list[str], Field(description="Answers to choose from; may be empty.", max_length=10)] = [],  # noqa: B006
) -> ToolOutcome:
    """Asks the developer a question and waits for the answer.

    Use it only when a person must decide; your work stops until they answer. Offer options where you can.
    """
    raise PolicyRefused("A question is answered by a person, never run as a tool.")
