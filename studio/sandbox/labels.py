"""Labels: what everything that Studio makes in a container engine carries, so that it is found and cleared again."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from studio.base.identity import read_identity
from studio.base.paths import Paths
from studio.domain.errors import EngineError
from studio.sandbox.shape import WORKDIR

FOLDER = "studio.folder"
"""The identity of the data folder it belongs to: of two machines with the same path, only one has it."""

HOME = "studio.home"
"""Where that data folder lies, for people: another machine may have one at the same path."""

PROJECT = "studio.project"
RUN = "studio.run"

SLOT = "studio.slot"
"""In place of a run: a container of the pool, which had none yet when it was made."""

OWNER = "studio.owner"
"""The process that started it."""

SERVICE = "studio.service"
"""The name of a service beside a sandbox; the sandbox itself has none."""

VOLUME = "studio.volume"
"""The name that a compose file has for a volume of the run."""

DATA = "studio.data"
"""The id of the data that services of new runs begin with; no run's, and kept until somebody forgets it."""

DATA_NAME = "studio.data-name"
"""The name that a compose file has for the volume it was copied from."""

DATA_USER = "studio.data-user"
"""Whose the files in it are, as `uid:gid`."""

LAID = "studio.laid"
"""Where a container sees a volume that stands in for a folder of this machine, which its engine does not see."""

MADE = "studio.made"
"""A word that such a volume alone has: one made anew under its name has another."""


def is_workspace(worn: Mapping[str, str]) -> bool:
    """Whether a volume with these labels holds a run's own files, maybe some that are nowhere else."""
    return RUN in worn and worn.get(LAID) == WORKDIR


def is_of_a_run(worn: Mapping[str, str]) -> bool:
    """Whether a volume with these labels goes with a run: what a service keeps, and files that were laid in for it."""
    return VOLUME in worn or (LAID in worn and RUN in worn)


def ours(home: Path) -> dict[str, str]:
    """The labels of all that belongs to this data folder. Raises EngineError when it has no identity."""
    return {HOME: str(home), FOLDER: _identity(home)}


def mark_of(home: Path) -> str:
    """A few characters that tell this data folder from others, for names. Raises EngineError as `ours` does."""
    return hashlib.sha256(f"{home}\0{_identity(home)}".encode()).hexdigest()[:8]


def _identity(home: Path) -> str:
    file = Paths(home).identity
    try:
        word = read_identity(file)
    except OSError as error:
        raise EngineError(f"The file {file} cannot be read: {error.strerror}.") from error
    if not word:
        raise EngineError(f"The file {file} is gone, by which Studio knows its own containers.", "Start Studio again.")
    return word
