"""An experiment: two ways of doing one role's work, of which each new run draws one."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from studio.domain.ids import RunId
from studio.domain.models import ModelRef

_WHOLE = 1 << 64


@dataclass(frozen=True, slots=True)
class Variant:
    """One way: another model, or another prompt, where they are said; without either, as it always is."""

    name: str
    model: ModelRef | None = None
    prompt: str = ""


@dataclass(frozen=True, slots=True)
class Experiment:
    """Two variants for a `share` (0 to 1) of the new runs of a role, in the `projects` of these names or in all.

    `version` names just these variants: what was drawn before one of them changed is not compared with what follows.
    """

    name: str
    role: str
    variants: tuple[Variant, Variant]
    share: float = 1.0
    projects: tuple[str, ...] = ()
    about: str = ""

    @property
    def models(self) -> tuple[ModelRef, ...]:
        """The models that it tries."""
        return tuple(variant.model for variant in self.variants if variant.model is not None)

    @property
    def version(self) -> str:
        """Changes with whatever is tried."""
        told = [(variant.name, str(variant.model or ""), variant.prompt) for variant in self.variants]
        return sha256(repr((self.role, told)).encode("utf-8", "surrogatepass")).hexdigest()[:12]

    def draw(self, run: RunId) -> Variant | None:
        """What a run draws, None for one outside of the share; the same however often it is asked."""
        drawn = sha256(f"{self.name}\n{self.version}\n{run}".encode()).digest()
        if int.from_bytes(drawn[:8], "big") >= self.share * _WHOLE:
            return None
        return self.variants[drawn[8] % 2]


@dataclass(frozen=True, slots=True)
class ExperimentProblem:
    """Why the file of an experiment cannot be used, in one sentence that says where, and what to do."""

    name: str
    sentence: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class ExperimentList:
    """The experiments that run, in order of their names, and what is wrong with others."""

    experiments: tuple[Experiment, ...] = ()
    problems: tuple[ExperimentProblem, ...] = ()
