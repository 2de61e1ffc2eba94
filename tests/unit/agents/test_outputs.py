"""The whole of a long output is kept, without secrets, and outlives the program."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from studio.agents.outputs import KEPT_CHARACTERS, Outputs
from studio.domain.projects import Project
from studio.domain.runs import Run
from studio.domain.tools import ToolOutcome
from studio.events.hub import Hub
from studio.store import projects, runs
from studio.store.database import Database
from studio.tools.outputs import SHOWN_CHARACTERS
from tests.fixtures.memory import a_project, a_run, recorder_on

LOG = "\n".join(f"line {number} of the build, with key-123456789" for number in range(1, 2001))


@pytest.fixture
async def run(database: Database) -> Run:
    return await known(database, a_project())


async def known(database: Database, project: Project) -> Run:
    run = a_run(project)
    async with database.transaction() as connection:
        await projects.add(connection, project)
        await runs.add(connection, run)
    return run


def handle_in(outcome: ToolOutcome) -> str:
    found = re.search(r"output:([0-9a-f]+)", outcome.text)
    assert found is not None
    return found[1]


async def test_a_long_output_is_read_whole_after_a_restart_and_holds_no_secret(
    database: Database, hub: Hub, run: Run, tmp_path: Path
) -> None:
    outputs = Outputs(database, recorder_on(database, hub, "key-123456789"))
    outcome = await outputs.fitted(run, ToolOutcome(True, LOG, "done", changed=True))
    assert len(outcome.text) <= SHOWN_CHARACTERS
    assert "key-123456789" not in outcome.text
    assert (outcome.summary, outcome.changed) == ("done", True)

    again = await Database.open(tmp_path / "studio.db", attached=True)
    try:
        whole = await Outputs(again, recorder_on(again, hub)).whole(run, handle_in(outcome))
    finally:
        await again.close()
    assert whole == LOG.replace("key-123456789", "[redacted]")


async def test_the_same_output_has_the_same_handle(database: Database, hub: Hub, run: Run) -> None:
    outputs = Outputs(database, recorder_on(database, hub))
    first, second = [await outputs.fitted(run, ToolOutcome(True, LOG)) for _ in range(2)]
    assert first == second


async def test_what_fits_or_was_asked_for_page_by_page_is_left_as_it_is(database: Database, hub: Hub, run: Run) -> None:
    outputs = Outputs(database, recorder_on(database, hub))
    for outcome in (ToolOutcome(True, "x" * SHOWN_CHARACTERS), ToolOutcome(True, LOG, paged=True)):
        assert await outputs.fitted(run, outcome) is outcome


async def test_another_project_reads_nothing_of_it(database: Database, hub: Hub, run: Run) -> None:
    outputs = Outputs(database, recorder_on(database, hub))
    handle = handle_in(await outputs.fitted(run, ToolOutcome(True, LOG)))
    other = await known(database, a_project("other"))
    assert await outputs.whole(other, handle) is None


async def test_a_removed_project_takes_its_outputs_along(database: Database, hub: Hub, run: Run) -> None:
    outputs = Outputs(database, recorder_on(database, hub))
    handle = handle_in(await outputs.fitted(run, ToolOutcome(True, LOG)))
    async with database.transaction() as connection:
        await projects.remove(connection, run.project)
    assert await outputs.whole(run, handle) is None


async def test_what_is_kept_is_bounded(database: Database, hub: Hub, run: Run) -> None:
    outputs = Outputs(database, recorder_on(database, hub))
    handle = handle_in(await outputs.fitted(run, ToolOutcome(True, LOG * 40)))
    assert len(await outputs.whole(run, handle) or "") == KEPT_CHARACTERS
