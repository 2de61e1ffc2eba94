"""How two variants did, worked out from the log of the runs that drew them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from studio.app.experiments import NOT_APART, TOO_FEW, ExperimentView
from studio.domain.errors import NotFound
from studio.domain.intervals import Count
from studio.domain.runs import Outcome
from studio.store.database import Database
from tests.fixtures.trials import FILE, Trial


@pytest.fixture
async def trial(tmp_path: Path) -> AsyncIterator[Trial]:
    """An experiment that no run took part in."""
    database = await Database.open(tmp_path / "studio.db")
    yield Trial(database, tmp_path / "experiments")
    await database.close()


def empty(view: ExperimentView) -> bool:
    return all(count == Count(0, 0) for each in view.shares for count in each.counts)


async def test_an_experiment_without_runs_says_too_little(trial: Trial) -> None:
    view = await trial.door.show("prompt")
    assert empty(view)
    assert set((await trial.verdicts()).values()) == {TOO_FEW}
    assert await trial.door.names() == ("prompt",)


async def test_counts_are_told_with_intervals_and_the_variant_that_has_more_is_named(trial: Trial) -> None:
    await trial.runs("long", 12, Outcome.FAILED, steps=30, cents=50)
    await trial.runs("short", 12, Outcome.HANDED_OFF)
    view = await trial.door.show("prompt")

    well = view.shares[0]
    assert (well.what, well.counts) == ("ended well", (Count(0, 12), Count(12, 12)))
    assert well.difference[1] < -0.5
    steps = view.measures[2]
    assert [each.median for each in steps.middles] == [35.5, 8.5]
    assert await trial.verdicts() == {
        "ended well": "more with short",
        "handed over": "more with short",
        "told its checks": "more with short",
        "merged, of those decided": TOO_FEW,
        "cost": "more with long",
        "time": "more with long",
        "steps": "more with long",
    }


async def test_what_can_well_be_chance_is_not_told_as_a_difference(trial: Trial) -> None:
    await trial.runs("long", 12, Outcome.HANDED_OFF)
    await trial.runs("short", 11, Outcome.HANDED_OFF)
    await trial.runs("short", 1, Outcome.FAILED)
    assert set((await trial.verdicts()).values()) == {NOT_APART}


async def test_of_nine_runs_nothing_is_said_however_clear_it_looks(trial: Trial) -> None:
    await trial.runs("long", 9, Outcome.FAILED, steps=30)
    await trial.runs("short", 9, Outcome.HANDED_OFF)
    assert set((await trial.verdicts()).values()) == {TOO_FEW}


async def test_runs_that_go_on_are_counted_apart(trial: Trial) -> None:
    await trial.runs("long", 2, None)
    await trial.runs("long", 1, Outcome.WAITING)
    await trial.runs("long", 4, Outcome.REPLIED)
    view = await trial.door.show("prompt")
    assert (view.runs, view.going_on) == ((7, 0), (3, 0))
    assert view.shares[0].counts[0] == Count(4, 4)


async def test_what_was_drawn_before_the_file_was_changed_is_left_out(trial: Trial) -> None:
    await trial.runs("long", 3, Outcome.REPLIED)
    trial.write(FILE.replace("brief", "very brief"))
    await trial.runs("long", 2, Outcome.REPLIED)
    view = await trial.door.show("prompt")
    assert (view.runs, view.of_older) == ((2, 0), 3)


async def test_an_experiment_whose_file_is_gone_is_still_told(trial: Trial) -> None:
    await trial.runs("short", 3, Outcome.REPLIED)
    (trial.folder / "prompt.toml").unlink()
    view = await trial.door.show("prompt")
    assert (view.ended, view.variants, view.runs) == (True, ("short", "the other"), (3, 0))
    assert await trial.door.names() == ("prompt",)


async def test_a_wrong_name_is_answered_with_the_nearest(trial: Trial) -> None:
    with pytest.raises(NotFound, match="Did you mean prompt"):
        await trial.door.show("promt")
