"""What a run will take is told from the runs of the same role with the same model, and from no others."""

from __future__ import annotations

from pathlib import Path

from studio.domain.estimates import Estimate, Figures, RunTook, estimate
from studio.domain.events import UsageRecorded
from studio.domain.ids import ProjectId, RunId
from studio.domain.models import ModelRef
from studio.domain.money import NanoUsd
from studio.store import past_runs, usage
from studio.store.database import Database


async def test_steps_seconds_and_cost_of_each_run_are_summed_over_its_calls(tmp_path: Path) -> None:
    database = await Database.open(tmp_path / "studio.db")
    calls = (
        ("r1", 1, "openai/a", "engineer", 5),
        ("r1", 2, "openai/a", "engineer", 7),
        ("r1", 2, "openai/a", "engineer", 1),
        ("r2", 1, "openai/a", "engineer", None),
        ("r3", 1, "openai/b", "engineer", 100),
        ("r4", 1, "openai/a", "tester", 100),
    )
    async with database.transaction() as connection:
        for run, step, model, role, cost in calls:
            spent = UsageRecorded("t1", step, model, role, 1, 1, cost_nusd=cost, milliseconds=500)
            usage.add(connection, ProjectId("p1"), RunId(run), spent)
    async with database.reading() as connection:
        took = await past_runs.took(connection, ProjectId("p1"), "engineer", ModelRef("openai", "a"))
    assert took == (RunTook(2, 1.5, NanoUsd(13)), RunTook(1, 0.5, None))
    await database.close()


def test_half_and_nine_of_ten_runs_stayed_within_the_figures() -> None:
    took = [RunTook(steps, steps * 2.0, NanoUsd(steps * 10)) for steps in range(10, 0, -1)]
    assert estimate(took) == Estimate(10, Figures(5, 10, NanoUsd(50)), Figures(9, 18, NanoUsd(90)))


def test_too_few_runs_tell_nothing_and_a_run_without_a_price_takes_the_cost_away() -> None:
    assert estimate([RunTook(1, 1, NanoUsd(1))] * 4) == Estimate(4)
    told = estimate([*[RunTook(1, 1, NanoUsd(1))] * 5, RunTook(1, 1, None)])
    assert told.half == Figures(1, 1, None)
