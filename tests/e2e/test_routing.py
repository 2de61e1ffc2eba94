"""A run that names no model takes those of its role's tier, and the next one when one fails."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.fixtures.command_line import CommandLine
from tests.fixtures.repositories import make_repository

pytestmark = pytest.mark.docker


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return make_repository(tmp_path / "shop", {"a.txt": "one\n"})


def script(tmp_path: Path, name: str, reply: dict[str, object]) -> str:
    path = tmp_path / f"{name}.json"
    path.write_text(json.dumps({"replies": [reply]}))
    return f"scripted/{path}"


def table(studio: CommandLine, **tiers: list[str]) -> None:
    studio.home.mkdir(parents=True, exist_ok=True)
    lines = [f"{tier} = {json.dumps(names)}" for tier, names in tiers.items()]
    (studio.home / "models.toml").write_text("\n".join(("[tiers]", *lines)))


def test_the_models_of_the_roles_tier_are_tried_in_order(studio: CommandLine, repository: Path, tmp_path: Path) -> None:
    dead = script(tmp_path, "dead", {"text": "No.", "error": {"fault": "auth"}})
    alive = script(tmp_path, "alive", {"text": "I can."})
    table(studio, strong=[dead, alive], fast=[script(tmp_path, "fast", {"text": "Not me."})])

    ran = studio("run", "What is in a.txt?", "--project", str(repository), "--json")

    assert (ran.code, ran.outcome["outcome"]) == (0, "replied"), ran.err
    (step,) = (line for line in ran.lines if line["kind"] == "step_started")
    assert (step["route"][:2], step["why"]) == ([dead, alive], "The strong tier, cloud models first.")
    (failed,) = (line for line in ran.lines if line["kind"] == "model_failed")
    assert (failed["model"], failed["next_model"]) == (dead, alive)
    (used,) = (line for line in ran.lines if line["kind"] == "usage_recorded")
    assert used["model"] == alive

    again = studio("runs", "replay", ran.outcome["run"])
    assert again.code == 0, again.err
    assert "The same" in again.out


def test_a_run_for_a_task_that_is_said_to_be_easy_takes_a_tier_less_and_is_replayed(
    studio: CommandLine, repository: Path, tmp_path: Path
) -> None:
    quick = script(tmp_path, "quick", {"text": "Done."})
    table(studio, strong=[script(tmp_path, "strong", {"text": "Not me."})], standard=[quick])
    studio("project", "add", str(repository))
    added = studio("board", "add", "Tidy up", "--project", str(repository), "--difficulty", "easy", "--json")
    task = added.document
    assert task["difficulty"] == "easy"

    ran = studio("run", "Tidy a.txt up", "--project", str(repository), "--task", task["id"], "--json")

    assert (ran.code, ran.outcome["outcome"]) == (0, "replied"), ran.err
    (step,) = (line for line in ran.lines if line["kind"] == "step_started")
    assert step["why"] == "The standard tier instead of strong, since its task is said to be easy."
    assert step["route"][0] == quick
    assert "The same" in studio("runs", "replay", ran.outcome["run"]).out


def test_another_tier_can_be_asked_for_and_the_table_is_shown(
    studio: CommandLine, repository: Path, tmp_path: Path
) -> None:
    fast = script(tmp_path, "fast", {"text": "Quick."})
    table(studio, fast=[fast])

    ran = studio("run", "Go", "--project", str(repository), "--model", "auto/fast", "--json")
    assert (ran.code, ran.outcome["outcome"]) == (0, "replied"), ran.err

    shown = studio("models", "--json").document
    assert shown["tiers"]["fast"] == {"route": [fast], "why": "The fast tier, cloud models first."}
    assert shown["tiers"]["strong"] == {"route": [fast], "why": "The strong tier names no model."}


def test_without_a_table_an_automatic_model_says_what_to_write(studio: CommandLine, repository: Path) -> None:
    ran = studio("run", "Go", "--project", str(repository), "--model", "auto/role")
    assert ran.code == 2
    assert "auto/role means the models of the routing table, and there is none." in ran.err
    assert "models.toml" in studio("models").out


def test_a_mistake_in_the_table_is_told_before_anything_starts(studio: CommandLine, repository: Path) -> None:
    table(studio, fats=[])
    ran = studio("run", "Go", "--project", str(repository), "--model", "auto/role")
    assert ran.code == 2
    assert "tiers.fats: there is no such field.\n" in ran.err
    assert "Did you mean fast?" in ran.err
