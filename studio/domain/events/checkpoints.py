"""Where a run stopped for a person, and what they answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class CheckpointOpened:
    """A person is asked; `checkpoint_kind` is `approval` or `choice`, `command_class` what a command does.

    `kinds` is what a rule would let through that is made of an approval; `denied_before` what was denied in this run
    and is like this; `why` what the agent said when it asked. `waits` says for how many seconds somebody waits for the
    answer to a question about the network; each answer to one of the run's begins that time anew for its others.
    """

    kind: ClassVar[str] = "checkpoint_opened"
    checkpoint: str
    checkpoint_kind: str
    call: str
    title: str
    act: str
    options: tuple[str, ...] = ()
    command_class: str = ""
    kinds: tuple[str, ...] = ()
    denied_before: str = ""
    why: str = ""
    waits: float = 0.0


@dataclass(frozen=True, slots=True)
class CheckpointReworded:
    """What is asked is put otherwise: whoever it was asked for waits no more, or somebody `waits` again, in seconds."""

    kind: ClassVar[str] = "checkpoint_reworded"
    checkpoint: str
    title: str
    waits: float = 0.0


@dataclass(frozen=True, slots=True)
class CheckpointDecided:
    """A person answered; `state` is approved, denied, answered or void."""

    kind: ClassVar[str] = "checkpoint_decided"
    checkpoint: str
    call: str
    state: str
    answer: str = ""
    by: str = ""
