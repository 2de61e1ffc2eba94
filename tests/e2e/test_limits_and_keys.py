"""What a person set holds in every run, a budget is kept from the first call on, and a key is nowhere to be read."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.fixtures.command_line import CommandLine
from tests.fixtures.handed import handed
from tests.fixtures.repositories import git, make_repository
from tests.fixtures.scripts import DONE, call, scripted

pytestmark = pytest.mark.docker

SLOW = {"command": "echo begun; sleep 300", "seconds": 600}
KEY = "gsk_live0123456789abcdefgh"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return make_repository(tmp_path / "shop", {"a.txt": "one\n"})


@pytest.fixture
def script(tmp_path: Path) -> str:
    write = {"text": "I write.", **call("write", path="a.txt", content="two\n")}
    return scripted(tmp_path, write, handed(f"The key is {KEY}, I know.", chunk=3))


def test_set_steps_hold_in_a_run_that_names_none(studio: CommandLine, repository: Path, script: str) -> None:
    words = ("run", "Go", "--project", str(repository), "--model", script, "--approve", "auto", "--json")
    ran = studio(*words, STUDIO_MAX_STEPS="1")
    assert (ran.code, ran.outcome["outcome"], ran.outcome["steps"]) == (4, "limit", 1)
    assert studio(*words, "--max-steps", "5", STUDIO_MAX_STEPS="1").outcome["outcome"] == "replied"


@pytest.mark.parametrize(("limit", "said"), [(("--max-steps", "2"), "2 steps"), (("--budget", "0.04"), "may cost")])
def test_an_approval_goes_on_with_what_the_message_has_left(
    studio: CommandLine, repository: Path, tmp_path: Path, limit: tuple[str, str], said: str
) -> None:
    model = priced(studio, tmp_path, *[{"calls": [{"name": "shell", "arguments": {"command": "touch ran"}}]}] * 4)
    ended = studio("run", "Go", "--project", str(repository), "--model", model, *limit, "--json")
    assert (ended.code, ended.outcome["steps"]) == (3, 1), ended.err
    ended = studio("checkpoints", "approve", ended.outcome["checkpoint"], "--json")
    assert (ended.code, ended.outcome["steps"]) == (3, 1), ended.err
    ended = studio("checkpoints", "approve", ended.outcome["checkpoint"], "--json")
    assert (ended.code, ended.outcome["outcome"], ended.outcome["steps"]) == (4, "limit", 0)
    assert said in ended.outcome["reason"]

    more = studio("run", "More", "--run", ended.outcome["run"], "--json")
    assert (more.code, more.outcome["steps"]) == (3, 1), more.err


def test_a_budget_ends_the_turn_in_the_middle(studio: CommandLine, repository: Path, tmp_path: Path) -> None:
    write = {"name": "write", "arguments": {"path": "a.txt", "content": "two\n"}}
    model = priced(studio, tmp_path, *[{"calls": [write]}] * 3, {"text": "Done."})
    words = ("run", "Go", "--project", str(repository), "--model", model, "--json")
    ran = studio(*words, "--budget", "0.04")
    assert (ran.code, ran.outcome["outcome"], ran.outcome["steps"]) == (4, "limit", 3), ran.err
    assert "could cost $0.01" in ran.outcome["reason"]
    assert "this message may cost $0.0100 more" in ran.outcome["reason"]
    assert float(ran.outcome["cost_usd"]) == 0.03
    assert ran.outcome["snapshot"]


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (
            {"calls": [{"name": "shell", "arguments": {"command": "echo begun; sleep 300", "seconds": 600}}]},
            "12 seconds",
        ),
        ({"text": "Late.", "delay": 300}, "before the model had replied"),
    ],
    ids=["command", "model"],
)
def test_time_ends_the_turn_in_the_middle_of_a_step(
    studio: CommandLine, repository: Path, tmp_path: Path, reply: dict[str, object], said: str
) -> None:
    words = ("run", "Go", "--project", str(repository), "--model", scripted(tmp_path, reply, DONE))
    ran = studio(*words, "--approve", "auto", "--json", STUDIO_MAX_MINUTES="0.2")
    assert (ran.code, ran.outcome["outcome"]) == (4, "limit"), ran.err
    assert said in ran.outcome["reason"]
    for answer in (line for line in ran.lines if line["kind"] == "tool_answered"):
        assert answer["text"].startswith("begun")
        assert "your time for this message is used up" in answer["text"]
    assert studio.containers() == []


def test_a_reply_that_broke_off_is_paid_for_too(studio: CommandLine, repository: Path, tmp_path: Path) -> None:
    torn = {"fault": "broken_stream", "after": 4, "times": 1}
    model = priced(studio, tmp_path, {"text": "Half of it and the rest.", "error": torn})
    ran = studio("run", "Go", "--project", str(repository), "--model", model, "--budget", "1", "--json")
    assert (ran.code, ran.outcome["steps"], float(ran.outcome["cost_usd"])) == (0, 1, 0.02), ran.err
    (row,) = studio("usage", "--json").document
    assert (row["calls"], row["input"], float(row["cost_usd"])) == (2, 20_000, 0.02)


def test_a_budget_refuses_a_model_without_a_price_before_it_is_called(studio: CommandLine, repository: Path) -> None:
    words = ("run", "Go", "--project", str(repository), "--budget", "1", "--model", "groq/house-special-9", "--json")
    ran = studio(*words, GROQ_API_KEY=KEY, GROQ_BASE_URL="http://127.0.0.1:9/")
    assert (ran.code, ran.outcome["outcome"], ran.outcome["steps"]) == (4, "limit", 0), ran.err
    assert "groq/house-special-9 has no known price" in ran.err
    assert not {"model_failed", "usage_recorded"} & set(ran.kinds())


def test_a_fallback_without_a_price_stops_nobody_who_does_not_need_it(
    studio: CommandLine, repository: Path, script: str
) -> None:
    words = ("run", "Go", "--project", str(repository), "--budget", "1", "--model", script, "--json")
    ran = studio(*words, "--fallback", "groq/house-special-9", GROQ_API_KEY=KEY, GROQ_BASE_URL="http://127.0.0.1:9/")
    assert (ran.code, ran.outcome["outcome"]) == (0, "replied"), ran.err


def test_a_key_in_a_message_or_a_reply_is_nowhere_to_be_read(
    studio: CommandLine, repository: Path, script: str
) -> None:
    message = f"{KEY} is my key, use {KEY}"
    words = ("--project", str(repository), "--model", script, "--approve", "auto")
    ran = studio("run", message, *words, GROQ_API_KEY=KEY)
    assert ran.code == 0, ran.err
    assert "The key is [redacted], I know." in ran.out
    lines = studio("run", message, *words, "--json", GROQ_API_KEY=KEY)
    assert "".join(line["text"] for line in lines.lines if line["kind"] == "text").endswith("is [redacted], I know.")
    run = lines.outcome["run"]
    assert studio("merge", run).code == 0
    shown = [ran.out, ran.err, lines.out, lines.err, git(repository, "log", "--all", "--format=%B%D")]
    shown += [studio("runs", "--json").out, studio("runs", "log", run, "--json").out]
    assert "Merge run" in shown[4]
    slug = KEY.replace("_", "-")
    assert not any(KEY in text or slug in text for text in shown)
    assert_nowhere(studio.home, KEY, slug)


def test_a_key_in_an_answer_is_nowhere_to_be_read(studio: CommandLine, repository: Path, tmp_path: Path) -> None:
    model = scripted(tmp_path, call("ask", question="Which key?", options=[]), {"text": "Thanks."})
    asked = studio("run", "Go", "--project", str(repository), "--model", model, "--json")
    assert asked.code == 3, asked.err
    answered = studio("checkpoints", "answer", asked.outcome["checkpoint"], f"Take {KEY}", GROQ_API_KEY=KEY)
    assert answered.code == 0, answered.err
    log = studio("runs", "log", asked.outcome["run"], "--json").out
    assert "Take [redacted]" in log
    assert_nowhere(studio.home, KEY)


def priced(studio: CommandLine, folder: Path, *replies: Mapping[str, object]) -> str:
    """A scripted model of which every call costs a cent."""
    used = {"input": 10_000, "output": 0}
    model = scripted(folder, *({"usage": used, **reply} for reply in replies))
    studio.home.mkdir(exist_ok=True)
    (studio.home / "prices.toml").write_text(f'["{model}"]\ninput = 1\noutput = 1\n')
    return model


def assert_nowhere(folder: Path, *words: str) -> None:
    for file in folder.rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            assert not any(word.encode() in content for word in words), file
