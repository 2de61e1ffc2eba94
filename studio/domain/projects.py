"""A project: one repository with its settings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from studio.domain.ids import ProjectId


@dataclass(frozen=True, slots=True)
class Project:
    """One repository that Studio works on; `path` is the person's own checkout."""

    id: ProjectId
    name: str
    path: Path
    created: datetime
    archived: bool = False
