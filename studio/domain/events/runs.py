"""A run as a whole, and what became of its branch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class RunStarted:
    """A run was made: its branch is `branch`, starting at `base_commit` of `base_branch`.

    Where it goes on with what the run `takes_over` did on top, its files are at first that one's commit `begins_at`.
    `task` and `brief` say what it is for, empty for nothing of them.
    """

    kind: ClassVar[str] = "run_started"
    title: str
    role: str
    model: str
    base_branch: str
    base_commit: str
    branch: str
    approval: str
    fallbacks: tuple[str, ...] = ()
    max_steps: int | None = None
    max_seconds: float | None = None
    max_cost_nusd: int | None = None
    role_title: str = ""
    begins_at: str = ""
    takes_over: str = ""
    task: str = ""
    brief: str = ""

    @property
    def first_commit(self) -> str:
        """The commit that the run's files were at first."""
        return self.begins_at or self.base_commit


@dataclass(frozen=True, slots=True)
class RunSet:
    """With a message a person set the run to another model, approval mode, or other limits; all of it as it is now."""

    kind: ClassVar[str] = "run_set"
    model: str
    approval: str
    fallbacks: tuple[str, ...] = ()
    max_steps: int | None = None
    max_seconds: float | None = None
    max_cost_nusd: int | None = None


@dataclass(frozen=True, slots=True)
class BranchMerged:
    """A run's branch was joined into a branch of the person's repository."""

    kind: ClassVar[str] = "branch_merged"
    branch: str
    into: str
    commit: str
    previous: str


@dataclass(frozen=True, slots=True)
class RunDiscarded:
    """A run was put away; its snapshots stay reachable in the project's private repository."""

    kind: ClassVar[str] = "run_discarded"
    branch: str
