"""What is asked before a sandbox is let out, and what is answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from studio.domain.ids import ProjectId, RunId
from studio.domain.network import Destination, NetworkMode


@dataclass(frozen=True, slots=True)
class Judged:
    """Whether a host may be reached; `reason` is the end of a sentence, for the ledger and for whoever asked.

    `is_own` says that this machine's own configuration names the host, `is_named` that a person named it: on the
    project's list, or by a yes to the question about it. `is_unanswered` says that it was asked about, and
    nobody has said anything yet. `action` is what a person can do about a no, as the beginning of a sentence.
    """

    passed: bool
    reason: str
    is_own: bool = False
    is_named: bool = False
    is_unanswered: bool = False
    action: str = ""


class Judge(Protocol):
    """Decides for all sandboxes of a data folder."""

    async def mode(self, project: ProjectId) -> NetworkMode:
        """What a project's sandboxes may reach at this moment."""
        ...

    async def clients(self, project: ProjectId) -> dict[str, str]:
        """What package clients in a project's sandboxes are told by their environment."""
        ...

    async def own(self, project: ProjectId) -> frozenset[Destination]:
        """The hosts that this machine's own configuration names, where they count for a project."""
        ...

    async def judge(self, project: ProjectId, run: RunId, wanted: Destination) -> Judged:
        """Whether a run's programs may reach a host; takes as long as a person is asked. Looks up no name."""
        ...

    async def judge_images(
        self, project: ProjectId, run: RunId, registry: Destination, images: tuple[str, ...], *, waits: bool = True
    ) -> Judged:
        """Whether the container engine may fetch these images of a registry for a run; as `judge` otherwise.

        Unless it `waits`, a person is asked, and only what they said before counts.
        """
        ...
