"""A brief: what is wanted as a whole, in the words of whoever wants it; its tasks are the pieces of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from studio.domain.ids import BriefId, ProjectId

TITLE_CHARACTERS = 120
TEXT_CHARACTERS = 20_000


@dataclass(frozen=True, slots=True)
class Brief:
    """One wish for a project, told from `title` at a glance."""

    id: BriefId
    project: ProjectId
    title: str
    text: str
    created: datetime


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a run is for, and so which budgets pay it: a task, a brief, both, or neither, which is empty."""

    task: str = ""
    brief: str = ""


NO_PURPOSE = Purpose()
