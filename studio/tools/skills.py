"""The skill tool: read how the project wants a certain kind of work to be done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

from pydantic import Field

from studio.base.text import shorten
from studio.domain.errors import UserError
from studio.domain.skills import Skill
from studio.domain.tools import Risk, ToolOutcome
from studio.tools.hands import Hands
from studio.tools.tool import Tool, tool

LISTED_CHARACTERS = 12_000
"""How long the list of skills in the tool's description may be: it travels with every request."""

_ABOUT = (
    "Reads one of the project's skills: how people of this project want a certain kind of work to be done.\n\n"
    "Read a skill before you begin work that its description fits; it may name files beside it that you then read. "
    "There are:\n"
)


def skill_tool(skills: Sequence[Skill]) -> Tool:
    """The tool that reads these skills, with their names and descriptions in its own."""
    by_name = {known.name: known for known in skills}

    async def skill(
        hands: Hands, name: Annotated[str, Field(description="The skill's name.", min_length=1, max_length=80)]
    ) -> ToolOutcome:
        """Replaced by the description with the list."""
        found = by_name.get(name)
        if found is None:
            raise UserError(f"There is no skill “{shorten(name, 80)}”.", f"There are: {', '.join(by_name)}.")
        text = f"The skill “{found.name}”. Its other files, if it names any, lie in {found.folder}.\n\n{found.text}"
        return ToolOutcome(True, text, found.name, paged=True)

    made = tool(skill, risk=Risk.READ, target="name", repeatable=True)
    return replace(made, spec=replace(made.spec, description=f"{_ABOUT}{_list(skills)}"))


def _list(skills: Sequence[Skill]) -> str:
    """One line for each; all descriptions are cut alike when they are too long together."""
    fair = LISTED_CHARACTERS // max(1, len(skills)) - 70
    whole = sum(len(skill.name) + len(skill.description) + 4 for skill in skills) <= LISTED_CHARACTERS
    return "\n".join(
        f"- {skill.name}: {skill.description if whole else shorten(skill.description, fair)}" for skill in skills
    )
