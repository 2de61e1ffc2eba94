"""A checkpoint: a durable stop where a human must answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from studio.domain.ids import CallId, CheckpointId, ProjectId, RunId
from studio.domain.rules import CommandKind

LEFT = "Nobody waits for it any more; a yes counts from the next try."
"""What a question about the network ends with once whoever it was asked for has gone on without an answer."""

BY_NETWORK = "the network of the project"
"""Who decided a question about the network that a project's list or mode answered."""

_FOR_PROJECT = " for the project"


def is_left(title: str) -> bool:
    """Whether a question about the network says that nobody waits for its answer; older ones begin with that."""
    return title.startswith(LEFT) or title.endswith(LEFT)


def parted(title: str) -> tuple[str, str]:
    """What a question about the network asks, up to its mark, and what it tells beside that."""
    asked, mark, beside = title.removeprefix(LEFT).strip().partition("?")
    told = (LEFT if title.startswith(LEFT) else "", beside.strip())
    return f"{asked}{mark}", " ".join(filter(None, told))


def for_project(by: str) -> str:
    """Who decided, where what they said is kept with the project's network, for all of its runs."""
    return f"{by}{_FOR_PROJECT}"


class CheckpointKind(StrEnum):
    """What is asked: yes or no for one exact act, a choice in words, or whether a host may be reached for a run."""

    APPROVAL = "approval"
    CHOICE = "choice"
    NETWORK = "network"  # of no tool call, and asked while the run works


class CheckpointState(StrEnum):
    """Whether the answer is there."""

    OPEN = "open"
    APPROVED = "approved"
    DENIED = "denied"
    ANSWERED = "answered"
    VOID = "void"  # the run was cancelled or discarded before an answer came


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """One question to the operator, bound to one unanswered tool call of one run, or to a host that it wants to reach.

    `act` is the exact thing an approval covers (the command, for example) and `act_hash` its SHA-256, so
    that a decision can never be used for anything else. `options` are offered with a choice. `command_class` says
    what a command does, `kinds` what a rule would let through that is made of an approval; none when no rule may.
    `denied_before` is what was denied in this run and is like this, `why` what the agent said
    when it asked.
    """

    id: CheckpointId
    project: ProjectId
    run: RunId
    call: CallId
    kind: CheckpointKind
    title: str
    act: str
    act_hash: str
    opened: datetime
    options: tuple[str, ...] = ()
    state: CheckpointState = CheckpointState.OPEN
    answer: str = ""
    decided_by: str = ""
    command_class: str = ""
    denied_before: str = ""
    kinds: tuple[CommandKind, ...] = ()
    why: str = ""

    @property
    def parts(self) -> tuple[str, str]:
        """What is asked, and what is told beside that."""
        return parted(self.title) if self.kind is CheckpointKind.NETWORK else (self.title, "")

    @property
    def is_left(self) -> bool:
        """Whether it is about the network, and nobody waits for its answer any more."""
        return self.kind is CheckpointKind.NETWORK and is_left(self.title)

    @property
    def stands_in_network(self) -> bool:
        """Whether the answer is what the project's network says: it counts no more once that says something else."""
        return self.decided_by == BY_NETWORK or self.decided_by.endswith(_FOR_PROJECT)
