"""A run that is for a task is paid by the budgets of the task and of its brief, too."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.fixtures.command_line import CommandLine
from tests.fixtures.repositories import make_repository

pytestmark = pytest.mark.docker

# A tenth of a dollar for 10,000 tokens that are said; what is asked costs nothing.
PRICE = "input = 0\noutput = 10\n"


@pytest.fixture
def shop(studio: CommandLine, tmp_path: Path) -> str:
    """A project, and what its one model charges: its first reply costs ten cents."""
    replies = [{"text": "Done.", "usage": {"input": 10, "output": 10_000}} for _ in range(3)]
    script = tmp_path / "dear.json"
    script.write_text(json.dumps({"replies": replies}))
    studio.home.mkdir(parents=True, exist_ok=True)
    (studio.home / "prices.toml").write_text(f'["scripted/{script}"]\n{PRICE}')
    studio.environment = {"STUDIO_DEFAULT_MODEL": f"scripted/{script}", "STUDIO_MAX_OUTPUT_TOKENS": "20000"}
    studio("project", "add", str(make_repository(tmp_path / "shop", {"a.txt": "one\n"})))
    return "shop"


def made(studio: CommandLine, *words: str) -> str:
    """The id of what this command makes."""
    done = studio(*words, "--json")
    assert done.code == 0, done.err
    return str(done.document["id"])


def paid(studio: CommandLine) -> dict[str, float]:
    """What the budgets paid, by their scopes."""
    return {row["scope"]: row["paid_usd"] for row in studio("budget", "list", "--json").document["budgets"]}


def test_the_budgets_of_a_task_and_its_brief_pay_for_the_run(studio: CommandLine, shop: str) -> None:
    brief = made(studio, "brief", "add", "Discounts for regulars", "--project", shop)
    task = made(studio, "board", "add", "Ten per cent", "--project", shop, "--brief", brief)
    other = made(studio, "board", "add", "Price list", "--project", shop)
    for scope in (f"brief:{brief}", f"task:{task}", f"task:{other}"):
        assert studio("budget", "set", scope, "1").code == 0

    ran = studio("run", "Do it.", "--project", shop, "--task", task, "--json")

    assert (ran.code, ran.outcome["cost_usd"]) == (0, 0.1), ran.err
    assert paid(studio) == {f"brief:{brief}": 0.1, f"task:{task}": 0.1, f"task:{other}": 0.0}
    by_task = studio("usage", "--by", "task", "--json").document
    by_brief = studio("usage", "--by", "brief", "--json").document
    assert [(row["task"], row["cost_usd"]) for row in by_task] == [(task, 0.1)]
    assert [(row["brief"], row["cost_usd"]) for row in by_brief] == [(brief, 0.1)]
    shown = studio("runs", "show", ran.outcome["run"], "--json").document
    assert (shown["task"], shown["brief"]) == (task, brief)
    assert f"[system] For task {task} of brief {brief}." in studio("runs", "log", ran.outcome["run"]).out


def test_a_call_that_the_tasks_budget_cannot_pay_is_not_made(studio: CommandLine, shop: str) -> None:
    task = made(studio, "board", "add", "Ten per cent", "--project", shop)
    studio("budget", "set", f"task:{task}", "0.001")

    ran = studio("run", "Do it.", "--project", shop, "--task", task)

    assert ran.code == 4
    assert "the whole budget of $0.0010 in total for this task is less than that" in ran.err
    assert studio("usage", "--json").document == []


def test_a_run_for_a_task_that_was_dropped_is_refused(studio: CommandLine, shop: str) -> None:
    task = made(studio, "board", "add", "Ten per cent", "--project", shop)
    studio("board", "drop", task)

    ran = studio("run", "Do it.", "--project", shop, "--task", task)

    assert (ran.code, studio("runs", "--json").document) == (2, [])
    assert f"Task {task} is dropped: nothing is to be done for it." in ran.err
