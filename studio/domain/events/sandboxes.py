"""The container a run works in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class SandboxStarted:
    """A container came up for the run; `weaker` says it where its walls are weaker than a container's."""

    kind: ClassVar[str] = "sandbox_started"
    container: str
    image: str
    milliseconds: float = 0.0
    weaker: str = ""


@dataclass(frozen=True, slots=True)
class SandboxPlanned:
    """What the run's sandbox is made of from now on, where that is not what it was; by itself it is Studio's own image.

    `origin` says from what the plan was made, `image` is empty for Studio's own, `refused` are sentences on what a
    file of the project asked for and did not get, `ports` those that it says its app listens on.
    """

    kind: ClassVar[str] = "sandbox_planned"
    origin: str
    image: str = ""
    refused: tuple[str, ...] = ()
    ports: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class WorkspacePrepared:
    """A workspace was made ready to work in: files that no commit holds were put in, setup commands were run.

    `included` are those files, `included_more` counts those not named, `left_out` are sentences on what was not put
    in. `commands` ran one after the other, unless `from_cache` says that what they once made was taken instead; the
    last of them ended with `exit_code` (124: it took too long, -1: it could not be run), `output` is its last words
    when it failed, `advice` what may have been the reason.
    """

    kind: ClassVar[str] = "workspace_prepared"
    included: tuple[str, ...] = ()
    included_more: int = 0
    left_out: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    from_cache: bool = False
    exit_code: int = 0
    output: str = ""
    milliseconds: float = 0.0
    advice: str = ""


@dataclass(frozen=True, slots=True)
class FilesKept:
    """Files were changed in the sandbox and outside it at once: one version of each stays, the other is kept beside it.

    `paths` names the first ones, `beside` where the other version of each is now, `left_out` counts those beyond.
    """

    kind: ClassVar[str] = "files_kept"
    paths: tuple[str, ...]
    beside: tuple[str, ...]
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class IncludesAllowed:
    """A person agreed to what `.worktreeinclude` puts into workspaces as the commit has it; `digest` is of its text."""

    kind: ClassVar[str] = "includes_allowed"
    commit: str
    digest: str


@dataclass(frozen=True, slots=True)
class SandboxStopped:
    """The run's container is gone."""

    kind: ClassVar[str] = "sandbox_stopped"
    container: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class SandboxSlept:
    """The run's container was paused because nobody used it; it keeps what runs in it."""

    kind: ClassVar[str] = "sandbox_slept"
    container: str


@dataclass(frozen=True, slots=True)
class SandboxWoke:
    """The run's container goes on, because something was wanted of it."""

    kind: ClassVar[str] = "sandbox_woke"
    container: str
    milliseconds: float = 0.0
