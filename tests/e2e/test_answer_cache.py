"""A role that wants it is given again what was answered to the very same question, and the money is told as saved."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from studio.domain.events import TurnEnded, UsageRecorded
from studio.domain.ids import RunId
from tests.fixtures.command_line import CommandLine
from tests.fixtures.engine import events_of, opened, turn_ended
from tests.fixtures.repositories import make_repository
from tests.fixtures.scripts import call, scripted

pytestmark = pytest.mark.docker

ROLE = """\
name = "explainer"
title = "Explainer"
purpose = "Answers questions about words."
tier = "fast"
tools = ["read"]
answer_cache = true

[prompt]
version = 1
text = "You explain words."

[[result]]
name = "answer"
type = "text"
about = "the answer"
"""
ANSWER = {"text": "A till is a drawer.", "usage": {"input": 1000, "output": 100}}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A data folder in which the scripted model has a price."""
    home = tmp_path / "home"
    home.mkdir()
    return home


def priced(home: Path, model: str) -> str:
    """The model at a dollar per thousand tokens of input, and ten of output."""
    home.mkdir(exist_ok=True)
    (home / "prices.toml").write_text(f"[{json.dumps(model)}]\ninput = 1000\noutput = 10000\n")
    return model


async def test_a_question_that_another_run_asked_is_answered_for_nothing(home: Path, tmp_path: Path) -> None:
    model = priced(home, scripted(tmp_path, ANSWER))
    repository = make_repository(tmp_path / "shop", {"a.txt": "one\n", ".studio/roles/explainer.toml": ROLE})
    async with opened(home) as studio:
        project = await studio.projects.add(repository)

        async def asked() -> tuple[TurnEnded, UsageRecorded, RunId]:
            sent = await studio.chats.send(project.id, "What is a till?", role="explainer", model=model)
            ended = await turn_ended(studio, sent)
            [used] = [each for each in await events_of(studio, sent.run) if isinstance(each, UsageRecorded)]
            return ended, used, sent.run

        first, paid, _ = await asked()
        second, cached, run = await asked()
        replay = await studio.replays.replay(run)

    assert (first.cost_nusd, first.saved_nusd, paid.cached) == (2 * 10**9, 0, False)
    assert (second.cost_nusd, second.saved_nusd, cached.cached) == (0, 2 * 10**9, True)
    assert (second.outcome, second.input, second.output) == (first.outcome, 0, 0)
    assert replay.difference == ""
    assert replay.recorded == replay.replayed


async def test_what_an_agent_did_with_tools_is_done_anew(home: Path, tmp_path: Path) -> None:
    looks = {"text": "I look.", **call("read", path="a.txt")}
    model = scripted(tmp_path, looks, {"text": "It says one."})
    repository = make_repository(tmp_path / "shop", {"a.txt": "one\n", ".studio/roles/explainer.toml": ROLE})
    async with opened(home) as studio:
        project = await studio.projects.add(repository)
        used: list[UsageRecorded] = []
        for _ in range(2):
            sent = await studio.chats.send(project.id, "What does a.txt say?", role="explainer", model=model)
            await turn_ended(studio, sent)
            used += [each for each in await events_of(studio, sent.run) if isinstance(each, UsageRecorded)]

    assert len(used) == 4
    assert not any(each.cached for each in used)


def test_the_command_line_tells_what_was_saved(studio: CommandLine, tmp_path: Path) -> None:
    model = priced(studio.home, scripted(tmp_path, ANSWER))
    repository = make_repository(tmp_path / "shop", {"a.txt": "one\n", ".studio/roles/explainer.toml": ROLE})
    assert studio("project", "add", str(repository)).code == 0
    words = ("run", "What is a till?", "--project", "shop", "--role", "explainer", "--model", model)
    assert "· $2.00\n" in studio(*words).err

    again = studio(*words)

    assert again.out == "A till is a drawer.\n"
    assert "1 step · 0 tokens · $0.00 · saved $2.00\n" in again.err
    [row] = studio("usage", "--by", "role", "--json").document
    assert (row["cost_usd"], row["saved_usd"]) == (2.0, 2.0)
