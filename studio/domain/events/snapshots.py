"""What the files of a run were after a step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class SnapshotTaken:
    """Changed files were committed on the run's branch and brought into the project's private repository.

    `files` names the first ones, `left_out` counts those beyond.
    """

    kind: ClassVar[str] = "snapshot_taken"
    turn: str
    step: int
    commit: str
    parent: str
    files: tuple[str, ...] = ()
    milliseconds: float = 0.0
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class SnapshotFailed:
    """Changed files could not be brought home; they still lie in the workspace."""

    kind: ClassVar[str] = "snapshot_failed"
    turn: str
    step: int
    reason: str
