"""What a run drew in an experiment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class ExperimentJoined:
    """A new run drew a variant of an experiment; `version` names what both variants were then.

    `prompt` is what its agent is told in place of its role's prompt, empty where that stays as it is.
    """

    kind: ClassVar[str] = "experiment_joined"
    experiment: str
    version: str
    variant: str
    role: str
    model: str
    prompt: str = ""
