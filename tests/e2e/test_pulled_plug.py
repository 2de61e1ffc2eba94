"""A provider is cut off: before a stream, inside one, and for good. The next one takes over, over every protocol.

One run is told for each protocol, and the facts of it one by one:

    step 1   the first provider replies
    step 2   its plug is pulled before its reply, then inside it, a tool call being whole: the next one replies
    step 3   the first one replies again, and is gone from then on
    step 4   nobody answers there: the next one ends the work
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.fixtures.command_line import CommandLine, Finished
from tests.fixtures.handed import HANDED
from tests.fixtures.plug import Cut, Plugged, Reply, provider
from tests.fixtures.repositories import git, make_repository

pytestmark = pytest.mark.docker

PAIRS = [("anthropic", "openai"), ("openai", "ollama"), ("ollama", "anthropic")]
# A cent for a thousand tokens in, ten for a thousand out.
PRICES = '["openai/small"]\ninput = 10\noutput = 100\n["anthropic/small"]\ninput = 10\noutput = 100\n'
FREE = "ollama"


def writing(name: str, **more: Any) -> Reply:
    """A reply that writes a file of that name."""
    return Reply(f"I write {name}.", (("write", {"path": f"{name}.txt", "content": f"{name}\n"}),), **more)


HANDING = Reply("Done.", tuple((each["name"], each["arguments"]) for each in HANDED["calls"]), 4000, 40)


def usd(tokens: tuple[int, int], name: str) -> float:
    """What a provider bills for these tokens in and out."""
    return 0.0 if name == FREE else (tokens[0] * 10 + tokens[1] * 100) / 1_000_000


@dataclass(frozen=True, slots=True)
class Story:
    """A run whose first provider was cut off, and what a person can ask of Studio afterwards."""

    first: str
    next: str
    ran: Finished
    served: dict[str, Plugged]
    usage: dict[str, dict[str, Any]]
    budgets: dict[str, Any]
    log: str
    merged: int
    files: list[str]

    def failures(self) -> list[dict[str, Any]]:
        """The tries that failed, in order."""
        return [line for line in self.ran.lines if line["kind"] == "model_failed"]

    def replies(self) -> list[dict[str, Any]]:
        """The replies, by what they used, in order."""
        return [line for line in self.ran.lines if line["kind"] == "usage_recorded"]


@pytest.fixture(scope="module", params=PAIRS, ids=["-then-".join(pair) for pair in PAIRS])
def story(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """Tells it once for each pair of protocols."""
    first, following = request.param
    folder = tmp_path_factory.mktemp("plug")
    repository = make_repository(folder / "shop", {"a.txt": "one\n"})
    studio = CommandLine(folder / "home")
    studio.home.mkdir()
    (studio.home / "prices.toml").write_text(PRICES)
    cut = (Reply(cut=Cut.BEFORE), writing("severed", cut=Cut.INSIDE))
    with (
        provider(writing("one"), *cut, writing("three", cut=Cut.FOR_GOOD)) as one,
        provider(writing("two", asked=3000, said=30), HANDING) as two,
    ):
        studio.environment = {**one.environment(first), **two.environment(following)}
        assert studio("budget", "set", "company", "100").code == 0
        models = ("--model", f"{first}/small", "--fallback", f"{following}/small")
        ran = studio("run", "Write them", "--project", str(repository), *models, "--approve", "auto", "--json")
        run = ran.outcome["run"]
        rows = studio("usage", "--by", "model", "--json").document
        told = Story(
            *(first, following, ran, {first: one, following: two}, {row["provider"]: row for row in rows}),
            studio("budget", "list", "--json").document,
            studio("runs", "log", run).out,
            studio("merge", run).code,
            git(repository, "ls-files").splitlines(),
        )
    yield told
    studio.end()


def test_the_work_is_done_all_the_same(story: Story) -> None:
    assert (story.ran.code, story.ran.outcome["outcome"]) == (0, "replied"), story.ran.err
    assert [used["model"].partition("/")[0] for used in story.replies()] == [
        story.first,
        story.next,
        story.first,
        story.next,
    ]


def test_each_way_to_be_cut_off_is_known_for_what_it_is(story: Story) -> None:
    assert [(failed["fault"], bool(failed["next_model"])) for failed in story.failures()] == [
        ("broken_stream", False),
        ("broken_stream", True),
        ("unreachable", False),
        ("unreachable", True),
    ]
    assert {failed["next_model"] for failed in story.failures()} == {"", f"{story.next}/small"}


def test_no_tool_of_the_broken_stream_ran(story: Story) -> None:
    called = [line["arguments"].get("path") for line in story.ran.lines if line["kind"] == "tool_called"]
    assert called == ["one.txt", "two.txt", "three.txt", None]
    assert (story.merged, story.files) == (0, ["a.txt", "one.txt", "three.txt", "two.txt"])


def test_what_the_next_model_is_shown_holds_nothing_of_the_broken_stream(story: Story) -> None:
    taking_over = story.served[story.next].asked[0]
    assert "one.txt" in json.dumps(taking_over)
    assert "severed" not in json.dumps(taking_over)


def test_the_ledger_has_what_was_served_to_the_token(story: Story) -> None:
    for name, served in story.served.items():
        asked, said = served.bill()
        cut = [failed for failed in story.failures() if failed["model"] == f"{name}/small"]
        # What a broken stream had used by its provider's word, or by a guess where that had not come yet.
        asked, said = asked + sum(each["input"] for each in cut), said + sum(each["output"] for each in cut)
        assert (story.usage[name]["input"], story.usage[name]["output"]) == (asked, said)
        assert story.usage[name]["cost_usd"] == pytest.approx(usd((asked, said), name), abs=1e-9)


def test_what_is_paid_and_held_is_no_less_than_any_bill_can_be(story: Story) -> None:
    (budget,) = story.budgets["budgets"]
    paid = sum(row["cost_usd"] for row in story.usage.values())
    everything = sum(usd(served.bill(*Cut), name) for name, served in story.served.items())
    assert budget["paid_usd"] == pytest.approx(paid, abs=1e-9)
    assert budget["paid_usd"] + budget["kept_usd"] >= everything
    assert budget["held_usd"] == budget["kept_usd"]


def test_the_money_of_both_cut_calls_is_kept_until_a_person_knows_better(story: Story) -> None:
    kept = [(row["model"], row["kept"]) for row in story.budgets["reservations"]]
    assert kept == ([] if story.first == FREE else [(f"{story.first}/small", True)] * 2)


def test_the_log_of_the_run_says_where_it_went(story: Story) -> None:
    told = [line for line in story.log.splitlines() if line.startswith(("· ", "✗ "))]
    first, following = f"{story.first}/small: ", f"{story.next}/small: "
    assert [line[2:].partition(" ")[0] + " " for line in told] == [
        *(first, first, first, following),
        *(first, first, first, following),
    ]
    assert "broke off or could not be read" in told[1]
    assert f"Next: {story.next}/small." in told[2]
    assert "does not answer at" in told[5]
    assert f"Next: {story.next}/small." in told[6]
    assert told[7] == f"· {following}4,000 tokens in, 40 out, {'$0.00' if story.next == FREE else '$0.0440'}"
