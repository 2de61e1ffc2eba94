"""What a broken call may have cost is told wherever the cost of its run is, until a person releases it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fixtures.command_line import CommandLine, Finished
from tests.fixtures.plug import Cut, Reply, provider
from tests.fixtures.repositories import make_repository

docker = pytest.mark.docker

# A dollar for 100,000 tokens that are said; what is asked costs nothing. A cut call keeps close to its whole 20 cents.
PRICES = '["openai/small"]\ninput = 0\noutput = 10\n'
CUT = Reply("Broken here", cut=Cut.INSIDE)


@pytest.fixture
def run(studio: CommandLine, tmp_path: Path) -> Finished:
    """A run of which two calls broke off before the third was answered, paid by a budget of a dollar a month."""
    repository = make_repository(tmp_path / "shop", {"a.txt": "one\n"})
    studio.home.mkdir(parents=True, exist_ok=True)
    (studio.home / "prices.toml").write_text(PRICES)
    with provider(CUT, CUT, Reply("Hello.")) as served:
        studio.environment = {**served.environment("openai"), "STUDIO_MAX_OUTPUT_TOKENS": "20000"}
        assert studio("budget", "set", "company", "1", "--per", "month").code == 0
        return studio("run", "Hello", "--project", str(repository), "--model", "openai/small")


def kept(studio: CommandLine) -> list[str]:
    """The ids of what is kept."""
    return [row["id"] for row in studio("budget", "list", "--json").document["reservations"]]


@docker
def test_money_that_is_kept_stands_beside_every_cost(studio: CommandLine, run: Finished) -> None:
    assert run.code == 0, run.err
    budget = studio("budget", "list", "--json").document["budgets"][0]
    amount = f"${budget['kept_usd']:.4f}"

    (last,) = (line for line in run.err.splitlines() if line.startswith("replied · "))
    assert last.endswith(f" and {amount} kept for 2 calls of unknown cost (studio budget list)")
    assert studio("usage").err == f"Not in it: {amount} kept for 2 calls of unknown cost (studio budget list)\n"
    again = studio("budget", "set", "company", "1", "--per", "month").out
    paid, left = f"${budget['paid_usd']:.4f}", f"${budget['left_usd']:.4f}"
    assert f"{paid} is paid, {amount} is kept for calls of unknown cost, {left} is left." in again


@docker
def test_text_that_broke_off_has_a_line_of_its_own_and_is_said_to_be_dropped(run: Finished) -> None:
    assert run.out.splitlines()[:3] == ["Broken here", "Broken here", "Hello."]
    told = [line for line in run.err.splitlines() if "broke off" in line]
    assert [line.endswith("The text above is dropped.") for line in told] == [True, True]


@docker
def test_all_that_is_kept_for_a_run_is_released_at_once(studio: CommandLine, run: Finished) -> None:
    (found,) = studio("runs", "--json").document
    done = studio("budget", "release", "--run", found["id"])

    assert (done.code, done.out.count("Released $"), kept(studio)) == (0, 2, []), done.err
    again = studio("budget", "release", "--run", found["id"])
    assert (again.code, f"Nothing is kept for the calls of run {found['id']}." in again.err) == (2, True)


def test_several_are_released_together_or_none_of_them(studio: CommandLine) -> None:
    studio.home.mkdir(parents=True, exist_ok=True)
    (studio.home / "prices.toml").write_text(PRICES)
    with provider(CUT, CUT) as served:
        studio.environment = served.environment("openai")
        for _ in range(2):
            studio("providers", "test", "openai")
    ids = kept(studio)
    assert len(ids) == 2

    wrong = studio("budget", "release", ids[0], "v0")
    assert (wrong.code, kept(studio)) == (2, ids)
    assert "There is no kept reservation v0; nothing is released." in wrong.err

    assert [row["id"] for row in studio("budget", "release", *ids, "--json").document] == ids
    assert kept(studio) == []


def test_release_asks_what_to_release(studio: CommandLine) -> None:
    done = studio("budget", "release")
    assert (done.code, "Say what is to be released." in done.err) == (2, True)
