"""A rule lets nothing through that the person did not see, wherever it stands; what is forbidden is found there."""

from __future__ import annotations

import os
import random
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.domain.ids import ProjectId, RuleId
from studio.domain.rules import CommandKind, Effect, Rule, ban, covers, forbids, kind_of, kinds_of
from studio.domain.tools import CommandClass
from studio.tools.commands_tree import sort_line
from studio.tools.rounds import Act, WayRound
from tests.unit.tools.test_commands_hostile import NESTING, PLACES, RISKY, SOUP, _run

INTRUDERS = [risky for risky in RISKY if risky != "pytest"] + [
    "./pytest", "python -m pytest", "npm test", "sudo pytest", "X=1 pytest", "pytest > out", "ls | xargs pytest",
]  # fmt: skip
APPROVED = ["pytest", "npm install", "make test", "git commit -m x", "rm", "touch a", "curl", "ls > a"]
OTHERS = ["pip install x", "node a.js", "make deploy", "git push", "unlink a", "wget x", "npm ci", "mv a b"]
WORDS = ["pytest", "npm", "install", "make", "test", "python", "-m"]
PYTEST = kind_of("run: pytest …")


def rules_for(*kinds: CommandKind) -> list[Rule]:
    """A project's rules that let these kinds through."""
    now = datetime(2026, 1, 1, tzinfo=UTC)
    return [Rule(RuleId.new(), ProjectId("p1"), None, Effect.ALLOW, kind, now, "operator") for kind in kinds]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("intruder", INTRUDERS)
def test_nothing_rides_along_wherever_it_stands(place: str, intruder: str) -> None:
    for line in (f"pytest -q; {place.format(intruder)}", place.replace("ls", "pytest").format(intruder)):
        assert covers(rules_for(PYTEST), sort_line(line)) == ()


@settings(max_examples=300)
@given(
    approved=st.sampled_from(
        ["pytest", "npm install", "make test", "git commit -m x", "rm", "touch a", "curl", "ls > a"]
    ),
    places=st.lists(st.sampled_from(NESTING), max_size=3),
    other=st.sampled_from(
        ["pip install x", "node a.js", "make deploy", "git push", "unlink a", "wget x", "npm ci", "mv a b"]
    ),
)
def test_what_was_approved_covers_nothing_else_however_deep_it_stands(
    approved: str, places: list[str], other: str
) -> None:
    rules = rules_for(*kinds_of(sort_line(approved)))
    line = other
    for place in places:
        line = place.replace("ls", approved).format(line)
    assert covers(rules, sort_line(approved))
    assert covers(rules, sort_line(f"{approved}; {line}")) == ()


@settings(max_examples=300)
@given(
    st.lists(st.sampled_from([*SOUP, "pytest ", "npm ", "install ", "make ", "test ", "python ", "-m "]), max_size=30)
)
def test_every_word_of_a_rule_stands_in_the_line_it_was_made_of(pieces: list[str]) -> None:
    line = "".join(pieces)
    for kind in kinds_of(sort_line(line)):
        assert kind_of(kind.text) == kind
        assert all(word in line.replace("\\\n", "") for word in kind.words if word != ">")


def test_bash_runs_no_other_program_in_a_line_that_a_rule_covers(tmp_path: Path) -> None:
    programs, folder, mark = tmp_path / "bin", tmp_path / "work", tmp_path / "ran"
    programs.mkdir()
    folder.mkdir()
    for name, text in {"rm": f": > {mark}", "ls": ":", "cat": ":", "pytest": ":"}.items():
        (programs / name).write_text(f"#!/bin/bash\n{text}\n")
        (programs / name).chmod(0o755)
    for name in ("env", "xargs"):
        (programs / name).symlink_to(f"/usr/bin/{name}")
    chance, rules = random.Random(7), rules_for(PYTEST)
    soups = ["pytest " + "".join(chance.choice(SOUP) for _ in range(chance.randint(2, 8))) for _ in range(20_000)]
    lines = [line for line in soups if "rm" in line and covers(rules, sort_line(line))]
    assert len(lines) > 20
    for line in lines:
        _run(line, folder, programs)
        assert not mark.exists(), line
        assert os.listdir(folder) == [], line


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("command", ["rm -rf a", "git -C . push --force", "pip3 install x", "python -m pytest"])
def test_what_is_forbidden_is_found_wherever_it_stands_or_cannot_be_told(place: str, command: str) -> None:
    line = sort_line(place.format(command))
    banned = [ban(words) for words in ("rm", "git push", "pip install", "pytest")]
    assert line.kind is CommandClass.UNKNOWN or any(forbids(kind, line) for kind in banned)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("denied", ["rm -rf a", "git push origin main", "pip install x", "pytest"])
def test_what_was_denied_is_known_again_wherever_it_stands_or_cannot_be_told(place: str, denied: str) -> None:
    text = place.format(denied)
    line = sort_line(text)
    way = WayRound(Act(text, line), [])
    assert line.kind is CommandClass.UNKNOWN or way.leads_to(Act(denied, sort_line(denied)), 0)


@pytest.mark.parametrize(
    ("banned", "line"),
    [
        ("git push", "git commit -m push"),
        ("git push", "git log push"),
        ("pip install", "pip list"),
        ("npm publish", "npm run publish"),
        ("rm", "git rm a"),
        ("network", "pytest"),
    ],
)
def test_what_only_looks_like_something_forbidden_is_not(banned: str, line: str) -> None:
    assert not forbids(ban(banned), sort_line(line))


def test_a_script_is_a_way_round_only_to_what_was_denied_before_it_was_written() -> None:
    denied = Act("curl http://a", sort_line("curl http://a"))
    script = Act("echo curl http://a > get.sh", sort_line("echo curl http://a > get.sh"))
    way = WayRound(Act("bash get.sh", sort_line("bash get.sh")), [(5, script)])
    assert way.leads_to(denied, 4)
    assert not way.leads_to(denied, 6)


def test_a_rule_of_a_program_that_runs_others_names_the_one_that_it_runs() -> None:
    [kind] = kinds_of(sort_line("bundle exec rspec spec"))
    assert kind.text == "run: bundle exec rspec …"
    assert covers(rules_for(kind), sort_line("bundle exec rspec"))
    assert covers(rules_for(kind), sort_line("bundle exec sh -c ls")) == ()
    assert kinds_of(sort_line("make run"))[0].text == "run: make run …"
