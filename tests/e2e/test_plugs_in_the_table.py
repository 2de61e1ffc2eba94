"""Plugs are pulled for good: the next of the tier takes over, Ollama at last; without a next one the run waits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.fixtures.command_line import CommandLine
from tests.fixtures.handed import HANDED
from tests.fixtures.plug import PROTOCOLS, Cut, Reply, provider
from tests.fixtures.repositories import make_repository

pytestmark = pytest.mark.docker

TABLE = '[tiers]\nstrong = ["anthropic/small", "house/small", "ollama/small"]\n'


def listing(**more: Any) -> Reply:
    """A reply that looks what files there are."""
    return Reply("I look.", (("list", {}),), **more)


HANDING = Reply("Done.", tuple((each["name"], each["arguments"]) for each in HANDED["calls"]))


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_run_that_nobody_answers_is_parked_and_goes_on_once_the_plug_is_back(
    studio: CommandLine, tmp_path: Path, protocol: str
) -> None:
    repository = make_repository(tmp_path / "shop", {"a.txt": "one\n"})
    with provider(listing(cut=Cut.FOR_GOOD)) as before:
        studio.environment = before.environment(protocol)
        words = ("--project", str(repository), "--model", f"{protocol}/small", "--approve", "auto", "--json")
        parked = studio("run", "What is there?", *words)
    assert (parked.code, parked.outcome["outcome"], bool(parked.outcome["parked_until"])) == (5, "failed", True)
    assert "does not answer at" in parked.err
    (run,) = studio("runs", "--json").document
    assert run["state"] == "parked"

    with provider(HANDING, port=before.port) as after:
        resumed = studio("runs", "resume", run["id"], "--json")
    assert (resumed.code, resumed.outcome["outcome"]) == (0, "replied"), resumed.err
    # It goes on where it was left: the first reply stands in what is shown, and was not asked for again.
    assert "I look." in str(after.asked[0])
    (row,) = studio("usage", "--by", "model", "--json").document
    served = [sum(pair) for pair in zip(before.bill(), after.bill(), strict=True)]
    assert [row["input"], row["output"]] == served


def test_ollama_ends_what_two_providers_began_and_those_that_stay_away_are_left_alone(
    studio: CommandLine, tmp_path: Path
) -> None:
    repository = make_repository(tmp_path / "shop", {"a.txt": "one\n"})
    studio.home.mkdir()
    (studio.home / "models.toml").write_text(TABLE)
    with provider() as gone:
        studio.environment = gone.environment("anthropic")
    with (
        provider(listing(), listing(cut=Cut.FOR_GOOD)) as house,
        provider(listing(), listing(), HANDING) as ollama,
    ):
        (studio.home / "providers.toml").write_text(f'[house]\nbase_url = "{house.url}/v1"\n')
        studio.environment = {**studio.environment, **ollama.environment("ollama")}
        ran = studio("run", "What is there?", "--project", str(repository), "--approve", "auto", "--json")
        usage = studio("usage", "--by", "model", "--json").document

    assert (ran.code, ran.outcome["outcome"]) == (0, "replied"), ran.err
    replied = [line["model"] for line in ran.lines if line["kind"] == "usage_recorded"]
    assert replied == ["house/small", "house/small", "ollama/small", "ollama/small", "ollama/small"]
    failed = [line for line in ran.lines if line["kind"] == "model_failed"]
    left_alone = [line["model"] for line in failed if line["fault"] == "resting"]
    assert left_alone[:2] == ["anthropic/small", "anthropic/small"]
    assert {line["fault"] for line in failed} == {"unreachable", "resting"}
    rows = {row["provider"]: (row["input"], row["output"]) for row in usage if row["input"]}
    assert rows == {"house": house.bill(), "ollama": ollama.bill()}
