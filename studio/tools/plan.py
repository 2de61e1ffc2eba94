"""The plan tool: what the agent means to do, kept before its eyes."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from studio.domain.tools import ToolOutcome
from studio.tools.hands import Hands

PLAN_CHARACTERS = 4000


async def plan(
    hands: Hands,
    plan: Annotated[
        str,
        Field(
            description="The whole plan, one step a line: [x] done, [>] being done, [ ] to do.",
            min_length=1,
            max_length=PLAN_CHARACTERS,
        ),
    ],
) -> ToolOutcome:
    """Keeps your plan for this task; each call replaces the plan before it.

    Use it for work of more than a few steps, and again whenever a step is done or the plan changes. The newest plan
    stays before you however long the work takes. The developer sees it, too.
    """
    steps = [line for line in plan.splitlines() if line.strip()]
    done = sum(line.lstrip("-* \t").lower().startswith("[x]") for line in steps)
    return ToolOutcome(True, "The plan is kept.", f"{done} of {len(steps)} steps done")
