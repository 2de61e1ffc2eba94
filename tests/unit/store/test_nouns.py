from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from studio.domain.checkpoints import Checkpoint, CheckpointKind, CheckpointState
from studio.domain.errors import NotFound, UserError
from studio.domain.events import UsageRecorded
from studio.domain.ids import CallId, CheckpointId, ProjectId, RunId, TurnId
from studio.domain.models import ModelRef
from studio.domain.roles import Limits
from studio.domain.runs import Outcome, Run, RunState
from studio.domain.tools import ApprovalMode
from studio.store import checkpoints, projects, runs, usage
from studio.store.database import Database
from studio.store.usage import UsageRow
from tests.fixtures.memory import NOON, a_project, a_run

SHOP = a_project("shop")


async def with_runs(database: Database, *saved: Run) -> None:
    async with database.transaction() as connection:
        await projects.add(connection, SHOP)
        for run in saved:
            await runs.add(connection, run)


def a_checkpoint(run: Run) -> Checkpoint:
    return Checkpoint(
        CheckpointId.new(),
        run.project,
        run.id,
        CallId.new(),
        CheckpointKind.CHOICE,
        "Which till?",
        "Which till?",
        "f" * 64,
        NOON,
        ("the old one", "the new one"),
    )


async def test_a_project_is_found_by_name_path_and_id(database: Database) -> None:
    await with_runs(database)
    async with database.reading() as connection:
        assert await projects.by_name(connection, "shop") == SHOP
        assert await projects.by_path(connection, SHOP.path) == SHOP
        assert await projects.get(connection, SHOP.id) == SHOP
        assert await projects.by_name(connection, "Shop") is None
        assert await projects.by_path(connection, Path("/elsewhere")) is None


@pytest.mark.parametrize("same", [{"name": "shop"}, {"path": SHOP.path}])
async def test_a_name_or_path_that_is_taken_is_refused(database: Database, same: dict[str, object]) -> None:
    await with_runs(database)
    with pytest.raises(UserError, match="already"):
        async with database.transaction() as connection:
            await projects.add(connection, replace(a_project("other"), **same))  # type: ignore[arg-type]  # one field


async def test_a_project_can_be_put_away(database: Database) -> None:
    await with_runs(database)
    async with database.transaction() as connection:
        await projects.update(connection, replace(SHOP, archived=True))
        assert [project.archived for project in await projects.all_projects(connection)] == [True]
        with pytest.raises(NotFound):
            await projects.update(connection, a_project("unknown"))


async def test_a_removed_project_takes_its_runs_and_checkpoints_along_but_not_what_they_cost(
    database: Database,
) -> None:
    run = a_run(SHOP)
    await with_runs(database, run)
    async with database.transaction() as connection:
        await checkpoints.add(connection, a_checkpoint(run))
        usage.add(connection, SHOP.id, run.id, spent("ollama/qwen3"))
        await projects.remove(connection, SHOP.id)
        await projects.remove(connection, SHOP.id)
    async with database.reading() as connection:
        assert await runs.all_runs(connection) == ()
        assert await checkpoints.of_run(connection, run.id) == ()
        assert len(await usage.rows(connection)) == 1


async def test_a_run_comes_back_as_it_was_saved(database: Database) -> None:
    run = a_run(
        SHOP,
        title="Läden \udcff",
        model=ModelRef("openai", "org/model:free"),
        fallbacks=(ModelRef("ollama", "a/b"), ModelRef("scripted", "/tmp/x.json")),
        approval=ApprovalMode.DENY,
        limits=Limits(None, 12.5, 10**15),
    )
    await with_runs(database, run)
    later = replace(run, state=RunState.IDLE, turn=TurnId.new(), outcome=Outcome.LIMIT, head="b" * 40)
    async with database.transaction() as connection:
        await runs.save(connection, later)
        assert await runs.get(connection, run.id) == replace(later, title="Läden ?")


async def test_a_run_that_was_never_added_cannot_be_saved(database: Database) -> None:
    await with_runs(database)
    async with database.transaction() as connection:
        with pytest.raises(NotFound):
            await runs.save(connection, a_run(SHOP))


async def test_a_run_is_found_by_the_beginning_of_its_id(database: Database) -> None:
    one, two = a_run(SHOP, id=RunId("r1234")), a_run(SHOP, id=RunId("r1299"))
    await with_runs(database, one, two)
    async with database.reading() as connection:
        assert await runs.by_prefix(connection, "r123") == one
        assert await runs.by_prefix(connection, "r1299") == two
        with pytest.raises(UserError, match=r"r1234, r1299"):
            await runs.by_prefix(connection, "r12")
        for unknown in ("r9", "", "%", "r____"):
            with pytest.raises(NotFound):
                await runs.by_prefix(connection, unknown)


async def test_runs_are_listed_newest_first_and_by_state(database: Database) -> None:
    old, new = a_run(SHOP), a_run(SHOP, created=NOON + timedelta(hours=1), state=RunState.WORKING)
    await with_runs(database, old, new)
    async with database.reading() as connection:
        assert await runs.all_runs(connection) == (new, old)
        assert await runs.all_runs(connection, ProjectId("p0")) == ()
        assert await runs.in_state(connection, RunState.WORKING) == (new,)


async def test_a_checkpoint_waits_until_it_is_decided(database: Database) -> None:
    run = a_run(SHOP)
    checkpoint = a_checkpoint(run)
    await with_runs(database, run)
    async with database.transaction() as connection:
        await checkpoints.add(connection, checkpoint)
        assert await checkpoints.open_ones(connection) == (checkpoint,)
        decided = replace(checkpoint, state=CheckpointState.ANSWERED, answer="the new one", decided_by="ada")
        await checkpoints.save(connection, decided)
        assert await checkpoints.open_ones(connection) == ()
        assert await checkpoints.by_id(connection, checkpoint.id) == decided
        assert await checkpoints.of_run(connection, run.id) == (decided,)
        assert await checkpoints.by_id(connection, CheckpointId("k0")) is None
        with pytest.raises(NotFound):
            await checkpoints.save(connection, a_checkpoint(run))


def spent(model: str, cost: int | None = None, role: str = "engineer") -> UsageRecorded:
    return UsageRecorded("t1", 1, model, role, 100, 10, 60, 5, cost)


async def test_usage_is_summed_by_what_is_asked(database: Database) -> None:
    run, other = RunId("r1"), RunId("r2")
    async with database.transaction() as connection:
        usage.add(connection, SHOP.id, run, spent("anthropic/claude", 7_000_000_001), NOON)
        usage.add(connection, SHOP.id, run, spent("openai/local/x"), NOON)
        usage.add(connection, ProjectId("p2"), other, spent("anthropic/claude", 2), NOON + timedelta(days=1))
    async with database.reading() as connection:
        assert await usage.rows(connection, by="model") == (
            UsageRow(2, 200, 20, 120, 10, 7_000_000_003, 0, provider="anthropic", model="claude"),
            UsageRow(1, 100, 10, 60, 5, None, 1, provider="openai", model="local/x"),
        )
        assert await usage.rows(connection, by="day", project=SHOP.id) == (
            UsageRow(2, 200, 20, 120, 10, 7_000_000_001, 1, day="2026-03-04"),
        )
        assert [row.run for row in await usage.rows(connection, by="run", since=NOON + timedelta(hours=1))] == ["r2"]
        assert [row.calls for row in await usage.rows(connection, by="role", run=run)] == [2]
        assert await usage.rows(connection, by="task") == (UsageRow(3, 300, 30, 180, 15, 7_000_000_003, 1, task=None),)
        assert await usage.rows(connection, by="task", run=RunId("r3")) == ()
        with pytest.raises(UserError, match="colour"):
            await usage.rows(connection, by="colour")


async def test_what_caches_saved_is_summed_beside_what_was_paid(database: Database) -> None:
    saved, given_again = (
        replace(spent("openai/x", 5), saved_nusd=30),
        replace(spent("openai/x", 0), saved_nusd=7, cached=True),
    )
    written = replace(spent("openai/x", 9), saved_nusd=-2)
    async with database.transaction() as connection:
        for each in (saved, given_again, written):
            usage.add(connection, SHOP.id, RunId("r1"), each, NOON)
    async with database.reading() as connection:
        [row] = await usage.rows(connection)
    assert (row.cost_nusd, row.saved_nusd) == (14, 35)
