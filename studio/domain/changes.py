"""What a branch changes, as people review it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from studio.domain.on_machines import OnMachine
from studio.domain.runs import Run


class FileStatus(StrEnum):
    """What happened to one file between two commits."""

    ADDED = "added"
    MODIFIED = "modified"
    DELETED = "deleted"
    RENAMED = "renamed"


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file of a diff.

    `patch` is its unified diff without the header lines, cut at a cap (`cut` says so); it is empty for
    binary files. `added` and `removed` count lines. `old_path` differs from `path` only for renames.
    """

    path: str
    old_path: str
    status: FileStatus
    added: int
    removed: int
    binary: bool
    patch: str
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Diff:
    """The changes of a branch against where it started; `left_out` counts files beyond the cap.

    `after` is the run with whose work the branch begins, which is among these changes; mostly there is none.
    `on_machines` are the files, of all that changed, that run on someone's machine; `on_machines_more` counts others.
    """

    base: str
    head: str
    files: tuple[FileChange, ...]
    left_out: int = 0
    after: Run | None = None
    on_machines: tuple[OnMachine, ...] = ()
    on_machines_more: int = 0

    @property
    def added(self) -> int:
        """Lines added over all listed files."""
        return sum(file.added for file in self.files)

    @property
    def removed(self) -> int:
        """Lines removed over all listed files."""
        return sum(file.removed for file in self.files)


@dataclass(frozen=True, slots=True)
class Base:
    """Where a run starts: a branch of the person's repository and the commit it stands on."""

    branch: str
    commit: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A commit taken after a step that changed files, already in the project's private repository.

    `files` names the first ones, `left_out` counts those beyond.
    """

    commit: str
    parent: str
    files: tuple[str, ...]
    milliseconds: float
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class PutBack:
    """A workspace's files made those of an earlier commit: `commit` has its tree and follows `parent`.

    `files` names the first ones that changed, `left_out` counts those beyond. What no snapshot held and stood in the
    way is in the commit `kept`, which is empty when nothing did; `kept_files` names the first of it.
    """

    commit: str
    parent: str
    files: tuple[str, ...] = ()
    left_out: int = 0
    kept: str = ""
    kept_files: tuple[str, ...] = ()
    milliseconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Merged:
    """A finished merge: `into` now stands on `commit`, before it stood on `previous`."""

    into: str
    commit: str
    previous: str

    @property
    def moved(self) -> bool:
        """Whether the merge brought anything that was not there."""
        return self.commit != self.previous
