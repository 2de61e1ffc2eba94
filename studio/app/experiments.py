"""The experiments door: what is tried, and how its two variants did."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from studio.agents.experiments import Experiments
from studio.agents.outcomes import KINDS, RunOutcome, outcome_of
from studio.domain.errors import NotFound
from studio.domain.events import ExperimentJoined
from studio.domain.experiments import Experiment, ExperimentList
from studio.domain.ids import RunId
from studio.domain.intervals import Count, difference, interval
from studio.domain.medians import Middle, difference_of_medians, middle
from studio.store import event_log
from studio.store.connection import Connection
from studio.store.database import Database

LEAST_RUNS = 10
"""With fewer finished runs of either variant nothing is said about which does better."""

TOO_FEW = "too few to say"
NOT_APART = "no difference shown"


@dataclass(frozen=True, slots=True)
class ShareView:
    """How often something held: of each variant, with its interval, and between what the difference lies."""

    what: str
    counts: tuple[Count, Count]
    intervals: tuple[tuple[float, float], tuple[float, float]]
    difference: tuple[float, float]
    verdict: str


@dataclass(frozen=True, slots=True)
class MeasureView:
    """What a run took: the middle of each variant, with its interval, and between what the difference lies."""

    what: str
    unit: str
    middles: tuple[Middle, Middle]
    difference: tuple[float, float] | None
    verdict: str


@dataclass(frozen=True, slots=True)
class ExperimentView:
    """An experiment and what came of it so far.

    `variants` are the names of both, `runs` how many drew each, `going_on` how many of those have not ended.
    `of_older` counts the runs of an earlier version of its file, which are left out. `ended` tells that its file is
    gone; `missing` names models that cannot be used, which keeps every run from taking part.
    """

    name: str
    role: str
    about: str
    variants: tuple[str, str]
    runs: tuple[int, int]
    going_on: tuple[int, int]
    share: float | None
    of_older: int
    ended: bool
    missing: tuple[str, ...]
    shares: tuple[ShareView, ...]
    measures: tuple[MeasureView, ...]


class TriedExperiments:
    """Reads what runs drew and what became of them; everything is worked out from the log."""

    def __init__(self, database: Database, experiments: Experiments) -> None:
        self._database = database
        self._experiments = experiments

    async def all(self) -> ExperimentList:
        """The experiments that run, and what is wrong with the files of others."""
        return await self._experiments.all()

    async def folder(self) -> Path:
        """Where their files lie; made where it is not there yet."""
        return await self._experiments.folder()

    async def names(self) -> tuple[str, ...]:
        """The names of all experiments that run or ever ran."""
        running = {each.name for each in (await self.all()).experiments}
        return tuple(sorted(running | {joined.experiment for _, joined in await self._joined()}))

    async def show(self, name: str) -> ExperimentView:
        """One experiment, compared. Raises NotFound with the nearest name."""
        running = {each.name: each for each in (await self.all()).experiments}
        drawn = [(run, joined) for run, joined in await self._joined() if joined.experiment == name]
        experiment = running.get(name)
        if experiment is None and not drawn:
            near = get_close_matches(name, await self.names(), 1)
            hint = f"Did you mean {near[0]}?" if near else "See what there is: studio experiments"
            raise NotFound(f"There is no experiment “{name}”.", hint)
        version = experiment.version if experiment else drawn[-1][1].version
        counted = [(run, joined) for run, joined in drawn if joined.version == version]
        async with self._database.reading() as connection:
            outcomes = [(joined.variant, await _outcome(connection, run)) for run, joined in counted]
        variants = _variants(experiment, counted)
        one, other = ([each for variant, each in outcomes if variant == named] for named in variants)
        finished = [each for each in one if each.finished], [each for each in other if each.finished]
        return ExperimentView(
            name,
            experiment.role if experiment else drawn[-1][1].role,
            experiment.about if experiment else "",
            variants,
            (len(one), len(other)),
            (len(one) - len(finished[0]), len(other) - len(finished[1])),
            experiment.share if experiment else None,
            len(drawn) - len(counted),
            experiment is None,
            tuple(map(str, self._experiments.missing(experiment))) if experiment else (),
            _shares(*finished, variants),
            _measures(*finished, variants),
        )

    async def _joined(self) -> list[tuple[RunId, ExperimentJoined]]:
        """What every run drew, in order."""
        async with self._database.reading() as connection:
            log = await event_log.since(connection, 0, kinds=(ExperimentJoined.kind,))
        return [
            (each.run, each.event) for each in log if each.run is not None and isinstance(each.event, ExperimentJoined)
        ]


async def _outcome(connection: Connection, run: RunId) -> RunOutcome:
    return outcome_of(await event_log.since(connection, 0, run=run, kinds=KINDS))


def _variants(experiment: Experiment | None, drawn: Sequence[tuple[RunId, ExperimentJoined]]) -> tuple[str, str]:
    if experiment is not None:
        return experiment.variants[0].name, experiment.variants[1].name
    # Where the file is gone, and maybe only one was ever drawn.
    one, other, *_ = (*sorted({joined.variant for _, joined in drawn}), "the other")
    return one, other


Test = Callable[[RunOutcome], bool | None]
_SHARES: tuple[tuple[str, Test], ...] = (
    ("ended well", lambda run: run.ended_well),
    ("handed over", lambda run: run.handed_over),
    ("told its checks", lambda run: run.told_checks),
    ("merged, of those decided", lambda run: run.merged),
)
"""What is counted of finished runs; None leaves a run out."""

_MEASURES: tuple[tuple[str, str, Callable[[RunOutcome], float | None]], ...] = (
    ("cost", "usd", lambda run: None if run.cost_nusd is None else run.cost_nusd / 1e9),
    ("time", "seconds", lambda run: run.seconds),
    ("steps", "steps", lambda run: float(run.steps)),
)


def _shares(one: Sequence[RunOutcome], other: Sequence[RunOutcome], variants: tuple[str, str]) -> tuple[ShareView, ...]:
    views = []
    for what, test in _SHARES:
        counts = _count(one, test), _count(other, test)
        apart = difference(*counts)
        verdict = _verdict(apart, min(counts[0].of, counts[1].of), variants)
        views.append(ShareView(what, counts, (interval(counts[0]), interval(counts[1])), apart, verdict))
    return tuple(views)


def _count(runs: Sequence[RunOutcome], test: Test) -> Count:
    held = [answer for run in runs if (answer := test(run)) is not None]
    return Count(sum(held), len(held))


def _measures(
    one: Sequence[RunOutcome], other: Sequence[RunOutcome], variants: tuple[str, str]
) -> tuple[MeasureView, ...]:
    views = []
    for what, unit, measure in _MEASURES:
        first = [value for run in one if (value := measure(run)) is not None]
        second = [value for run in other if (value := measure(run)) is not None]
        apart = difference_of_medians(first, second)
        verdict = _verdict(apart, min(len(first), len(second)), variants)
        views.append(MeasureView(what, unit, (middle(first), middle(second)), apart, verdict))
    return tuple(views)


def _verdict(apart: tuple[float, float] | None, runs: int, variants: tuple[str, str]) -> str:
    """Which variant has more of something, where its difference to the other cannot well be chance."""
    if apart is None or runs < LEAST_RUNS:
        return TOO_FEW
    low, high = apart
    if low <= 0 <= high:
        return NOT_APART
    return f"more with {variants[0] if low > 0 else variants[1]}"
