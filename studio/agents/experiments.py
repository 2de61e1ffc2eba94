"""Experiments: which variant a new run draws; the one writer of that."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

from studio.agents.experiment_files import read_experiment
from studio.agents.role_files import handed_over
from studio.agents.roles import shipped_parts
from studio.base.aio import in_thread
from studio.domain.errors import StoreError, UserError
from studio.domain.events import ExperimentJoined
from studio.domain.experiments import Experiment, ExperimentList
from studio.domain.models import ModelRef
from studio.domain.roles import Role
from studio.domain.runs import Run
from studio.events.recorder import Unit


class Experiments:
    """The experiments of a data folder: a TOML file each, which only the person writes.

    `require_usable` raises UserError for a model that cannot be used, `default` tells the model of a run that names
    none.
    """

    def __init__(
        self,
        folder: Path,
        roles: Path,
        require_usable: Callable[[ModelRef], None],
        default: Callable[[], Awaitable[ModelRef]],
    ) -> None:
        self._folder = folder
        self._roles = roles
        self._require_usable = require_usable
        self._default = default

    async def all(self) -> ExperimentList:
        """The experiments as their files are now."""
        return await in_thread(_read, self._folder, self._roles)

    async def folder(self) -> Path:
        """Where their files lie; made where it is not there yet. Raises StoreError."""
        try:
            await in_thread(self._folder.mkdir, parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(
                f"The folder {self._folder} cannot be made: {error.strerror}.", "Make it by hand."
            ) from error
        return self._folder

    def missing(self, experiment: Experiment) -> tuple[ModelRef, ...]:
        """The models of an experiment that cannot be used: while there is one, no run draws a variant."""
        return tuple(model for model in experiment.models if not self._is_usable(model))

    async def draw(self, run: Run, role: Role, project: str, *, named: bool) -> tuple[Run, ExperimentJoined | None]:
        """The run as the variant that it draws has it, and the fact to record with its beginning.

        A run takes part in one experiment at most, and in none that tries models when a person `named` another model
        than the usual one for it.
        """
        for experiment in (await self.all()).experiments:
            if experiment.role != run.role or (experiment.projects and project not in experiment.projects):
                continue
            if self.missing(experiment) or (experiment.models and named and not await self._is_usual(run.model)):
                continue
            if (variant := experiment.draw(run.id)) is not None:
                run = replace(run, model=variant.model or run.model)
                prompt = f"{variant.prompt}{handed_over(role.result)}" if variant.prompt else ""
                version = experiment.version
                joined = ExperimentJoined(experiment.name, version, variant.name, run.role, str(run.model), prompt)
                return run, joined
        return run, None

    def _is_usable(self, model: ModelRef) -> bool:
        try:
            self._require_usable(model)
        except UserError:
            return False
        return True

    async def _is_usual(self, model: ModelRef) -> bool:
        try:
            return model == await self._default()
        except UserError:
            # There is no usual one.
            return False


def join(unit: Unit, joined: ExperimentJoined | None) -> None:
    """Records what a new run drew, right after its beginning."""
    if joined is not None:
        unit.record(joined)


def _read(folder: Path, roles: Path) -> ExperimentList:
    files = sorted(folder.glob("*.toml")) if folder.is_dir() else []
    if not files:
        return ExperimentList()
    parts = shipped_parts(roles)
    read = [read_experiment(path, parts) for path in files]
    good = tuple(each for each in read if isinstance(each, Experiment))
    return ExperimentList(good, tuple(problem for each in read if not isinstance(each, Experiment) for problem in each))
