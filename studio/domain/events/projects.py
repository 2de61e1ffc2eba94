"""What happened to a project as a whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class ProjectAdded:
    """A repository was added as a project."""

    kind: ClassVar[str] = "project_added"
    name: str
    path: str


@dataclass(frozen=True, slots=True)
class ProjectArchived:
    """A project was put away; nothing of it was deleted."""

    kind: ClassVar[str] = "project_archived"
    name: str


@dataclass(frozen=True, slots=True)
class ProjectRemoved:
    """Studio forgot a project and deleted its own copies; the checkout stayed as it was."""

    kind: ClassVar[str] = "project_removed"
    name: str
