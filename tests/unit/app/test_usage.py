"""What a person is told of usage: a report, advice that its figures carry, a month for other programs."""

from __future__ import annotations

import csv
import os
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest

from studio.app.bootstrap import open_studio
from studio.app.standing import Access
from studio.app.usage_advice import FEWEST_TURNS, advise, too_little
from studio.base.paths import Paths
from studio.domain.errors import UserError
from studio.domain.ids import ProjectId
from studio.domain.models import ModelRef
from studio.domain.roles import Tier
from studio.domain.routing import RoutingTable
from studio.domain.runs import Outcome
from studio.domain.within import Within, read_day, read_month
from studio.store.event_log import FailedTries
from studio.store.performance import TurnsRow
from tests.fixtures.command_line import CommandLine
from tests.fixtures.spending import MORNING, Worked, filled

DOLLAR = 1_000_000_000


def row(model: str, passed: int, turns: int, cost: int, role: str = "engineer", unpriced: int = 0) -> TurnsRow:
    provider, _, name = model.partition("/")
    return TurnsRow(role, provider, name, turns, passed, 0, turns * 3, cost, unpriced, 0)


async def a_home(tmp_path: Path, turns: Sequence[Worked]) -> dict[str, str]:
    home = tmp_path / "home"
    await filled(Paths(home).database, turns, {"p1": "shop", "p2": "=till"})
    return {**os.environ, "STUDIO_HOME": str(home)}


def test_a_cheaper_model_that_passed_as_often_is_named_with_its_figures() -> None:
    (said,) = advise([row("a/strong", 40, 40, 40 * DOLLAR), row("b/fast", 60, 60, 6 * DOLLAR)], [])

    assert said.saves_nusd == 36 * DOLLAR
    assert "Role engineer used a/strong for 120 steps costing $40.00." in said.text
    assert "b/fast passed as often: 60 of 60 turns against 40 of 40" in said.text
    assert "(difference -6 to +9 points, 95 %)" in said.text


def test_models_of_the_routing_table_are_named_with_their_tiers() -> None:
    table = RoutingTable({Tier.STRONG: ((ModelRef("a", "strong"),),), Tier.FAST: ((ModelRef("b", "fast"),),)})
    (said,) = advise([row("a/strong", 40, 40, 40 * DOLLAR), row("b/fast", 60, 60, 6 * DOLLAR)], [], table)

    assert "Role engineer used a/strong (strong tier) for 120 steps" in said.text
    assert "b/fast (fast tier) passed as often" in said.text


@pytest.mark.parametrize(
    "fast",
    [
        row("b/fast", 45, 60, DOLLAR),  # it passed less often
        row("b/fast", FEWEST_TURNS - 1, FEWEST_TURNS - 1, DOLLAR),  # too few turns
        row("b/fast", 60, 60, 400 * DOLLAR),  # it is not cheaper
        row("b/fast", 60, 60, 0, unpriced=9),  # nobody knows its price
        row("b/fast", 60, 60, DOLLAR, role="designer"),  # another job
    ],
)
def test_no_model_is_advised_where_the_figures_do_not_carry_it(fast: TurnsRow) -> None:
    strong = row("a/strong", 40, 40, 40 * DOLLAR)

    assert advise(sorted([fast, strong], key=lambda row: row.role), []) == () or fast.cost_nusd > strong.cost_nusd


def test_too_little_data_is_said_with_what_is_missing() -> None:
    assert too_little([row("a/strong", 9, 9, 1), row("b/fast", 30, 30, 1)]) == (
        "Too little data to compare models: a role must have ended 20 turns with each of two models; "
        "the most so far are 9."
    )
    assert too_little([]).endswith("so far no role worked with two.")
    assert too_little([row("a/strong", 40, 40, 1), row("b/fast", 1, 60, 1)]) == ""


def test_paid_failures_are_told() -> None:
    (said,) = advise([], [FailedTries("a/strong", "cut_off", 3, DOLLAR), FailedTries("b/fast", "timeout", 9, 0)])

    assert said.text == ("Failed calls cost $1.00 (12 of them), the most those of a/strong (cut off): $1.00 for 3.")


async def test_a_report_tells_all_of_its_time_and_nothing_else(tmp_path: Path) -> None:
    yesterday = MORNING - timedelta(days=1)
    worked = [
        Worked("t1", "groq/small", steps=2),
        Worked("t2", role="designer", project="p2", run="r2", outcome=Outcome.LIMIT),
        Worked("t3", run="r3", at=yesterday),
    ]
    studio = await open_studio(await a_home(tmp_path, worked), Access.READ)
    try:
        report = await studio.usage.report(Within.days(MORNING.date(), MORNING.date()))
        only = await studio.usage.report(Within.days(MORNING.date(), MORNING.date(), ProjectId("p1")))
    finally:
        await studio.close()

    assert report.total is not None
    assert (report.total.calls, report.total.cost_nusd) == (3, 300_000_000)
    assert [(model.model, str(model.passed)) for model in report.models] == [
        ("groq/small", "1 of 1"),
        ("anthropic/claude-opus-4", "0 of 1"),
    ]
    assert [run.run for run in report.runs] == ["r1", "r2"]
    assert [model.model for model in only.models] == ["groq/small"]
    assert {by: len(rows) for by, rows in report.days.items()} == {"model": 2, "role": 2, "project": 2}


async def test_a_month_is_a_line_for_each_day_project_role_and_model(tmp_path: Path) -> None:
    environment = await a_home(
        tmp_path,
        [
            Worked("t1"),
            Worked("t2", project="p2", cost_nusd=None),
            Worked("t3", at=MORNING.replace(month=4, day=1, hour=0)),
        ],
    )
    done = CommandLine(Path(environment["STUDIO_HOME"]))("usage", "--month", "2026-03", "--csv")

    first, second = csv.DictReader(done.out.splitlines())
    assert (first["day"], first["project"], first["role"], first["model"], first["cost_usd"]) == (
        *("2026-03-04", "shop", "engineer", "claude-opus-4", "0.1"),
    )
    # A program for tables must not take a name for a formula.
    assert (second["project"], second["cost_usd"], second["unpriced"]) == ("'=till", "", "1")


async def test_the_command_line_sums_what_was_used_since_a_day(tmp_path: Path) -> None:
    environment = await a_home(tmp_path, [Worked("t1"), Worked("t2", at=MORNING + timedelta(days=2))])
    studio = CommandLine(Path(environment["STUDIO_HOME"]))

    assert [row["day"] for row in studio("usage", "--since", "2026-03-05", "--by", "day", "--json").document] == [
        "2026-03-06"
    ]
    assert studio("usage", "--month", "2026-02").err == "Nothing was used in that time.\n"
    assert "“March” is not a month." in studio("usage", "--month", "March").err
    assert studio("usage", "--month", "2026-02", "--since", "2026-02-01").code == 2


async def test_the_command_line_names_a_model_with_its_provider(tmp_path: Path) -> None:
    turns = [Worked("t1", "openai/small"), Worked("t2", "ollama/small", cost_nusd=0)]
    environment = await a_home(tmp_path, turns)
    _, *rows = CommandLine(Path(environment["STUDIO_HOME"]))("usage", "--by", "model").out.splitlines()
    assert [row.split()[0] for row in rows] == ["ollama/small", "openai/small", "all"]


def test_a_month_ends_where_the_next_begins() -> None:
    assert Within.month(date(2026, 12, 5)).until == Within.month(date(2027, 1, 1)).since
    assert Within.month(read_month("2028-02")).until == Within.days(read_day("2028-03-01"), date(2028, 3, 1)).since


@pytest.mark.parametrize("words", ["2026-13", "march", "2026"])
def test_a_month_that_is_none_is_refused(words: str) -> None:
    with pytest.raises(UserError, match="is not a month"):
        read_month(words)
