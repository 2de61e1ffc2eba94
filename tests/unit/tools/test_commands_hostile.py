"""Whatever a command line is, it gets a class in bounded time, and what is risky never passes as reading."""

from __future__ import annotations

import os
import random
import subprocess
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.domain.tools import CommandClass
from studio.tools.commands_tree import sort_line

RISKY = [
    "rm -rf a", "curl x", "git push --force", "pip install x", "eval $x", "touch x", "pytest", "$x",
    "git reset --hard",
]  # fmt: skip
PLACES = [
    "{}",
    "ls; {}",
    "ls && {} || pwd",
    "ls | {}",
    "{} | cat",
    "{} &",
    "! {}",
    "({})",
    "{{ {}; }}",
    "echo $({})",
    "echo `{}`",
    'echo "a $({}) b"',
    "cat <({})",
    "ls > >({})",
    "cat <<E\n$({})\nE",
    "cat <<E\na\nE\n{}",
    'cat <<< "$({})"',
    "x=$({})",
    "export A=$({})",
    "a=(1 $({}))",
    "echo ${{x:-$({})}}",
    "echo $(( $({}) ))",
    "echo ${{a[$({})]}}",
    "if {}; then ls; fi",
    "if ls; then {}; fi",
    "if ls; then ls; elif {}; then ls; else ls; fi",
    "if ls; then ls; else {}; fi",
    "while {}; do ls; done",
    "until ls; do {}; done",
    "for i in $({}); do ls; done",
    "for i in a; do {}; done",
    "for ((;;)); do {}; done",
    "case $({}) in a) ls;; esac",
    "case a in a) {};; esac",
    "case a in $({})) ls;; esac",
    "[ -n $({}) ]",
    '[[ -n "$({})" ]]',
    "[[ a =~ $({}) ]]",
    "f() {{ {}; }}; f",
    "ls > $({})",
    "ls < $({})",
    "ls 2>&1 | head; {}",
    "time {}",
    "nohup {}",
    "timeout 5 {}",
    "env A=1 {}",
    "sudo {}",
    "nice -n 5 {}",
    "xargs {}",
    "find . -exec {} \\;",
    "bash -c '{}'",
    "sh -c \"sh -c '{}'\"",
    "eval '{}'",
    "trap '{}' EXIT",
    "ls # x\n{}",
    "ls \\\n; {}",
    "\n\n{}\n",
    "echo 'it'; {}; echo \"x\"",
]
NESTING = [place for place in PLACES if "'{}'" not in place and "`" not in place]
"""Places within which another may stand: quotes within the same quotes end them."""
SOUP = [
    "rm x", "rm", "ls", "echo ", "cat ", "a", " ", " ", "\n", ";", "|", "&", "&&", "(", ")", "{", "}",
    "$(", "`", "$((", "))", "\"", "'", "$'", "$\"", "\\", "#", "<<E", "\nE\n", "<<-'E'", "<<<", "<", "<(",
    "${", "}", "$x", "=", "x=", "[[ ", " ]]", "[ ", " ]", "if ", "then ", "fi", "while ", "do ", "done",
    "for i in ", "case a in ", "a)", ";;", "esac", "!", "time ", "eval ", "-", "\\\n", "*", "?", "~", "@",
    "2>&1", ":-", "f()", "\t", "env ", "xargs ", "test ", "-n", "{a,b}", "trap ",
]  # fmt: skip
LIMIT_SECONDS = 5


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("risky", RISKY)
def test_a_risky_command_is_found_wherever_it_stands(place: str, risky: str) -> None:
    assert sort_line(place.format(risky)).kind is not CommandClass.READ


@settings(max_examples=200)
@given(places=st.lists(st.sampled_from(NESTING), min_size=2, max_size=4), risky=st.sampled_from(RISKY))
def test_a_risky_command_is_found_however_deep_it_stands(places: list[str], risky: str) -> None:
    line = risky
    for place in places:
        line = place.format(line)
    assert sort_line(line).kind is not CommandClass.READ


@settings(max_examples=300)
@given(st.text(st.characters(), max_size=200) | st.lists(st.sampled_from(SOUP), max_size=60).map("".join))
def test_every_line_has_a_class(line: str) -> None:
    assert sort_line(line).kind in CommandClass


@pytest.mark.parametrize(
    "line",
    [
        "(" * 1_000_000,
        "$(" * 500_000 + ")" * 500_000,
        "(" * 4_900 + ")" * 4_900,
        '"$(' * 6_600,
        "<<a " * 5_000,
        "<<a " * 20,
        "{ " * 9_000,
        "if " * 6_000,
        "a\n" * 9_999,
        "`" * 19_999,
        "'" * 19_999,
        '"' * 19_999,
        "ls;" * 33_000,
        "echo " + "a " * 9_900,
        "echo " + "a" * 99_000,
        "sh -c " * 3_000 + "ls",
        "time " * 3_000 + "rm",
        "\x00" * 1_000,
        "\ud800" * 1_000,
        "\u202e" * 1_000,
        "",
        "\n",
        "\\",
    ],
)
def test_a_hostile_line_is_bounded_and_never_reading_unless_it_is_empty(line: str) -> None:
    before = time.thread_time()
    told = sort_line(line)
    # Far above what it takes, for machines that are busy: unbounded reading takes seconds.
    assert time.thread_time() - before < 1
    assert told.kind is (CommandClass.READ if not line.strip() else CommandClass.UNKNOWN)


WORDS = [
    "rm", "'rm'", "\"rm\"", "r''m", "r\\m", "\\rm", "$'rm'", "$'\\x72m'", "$'\\162m'", "$'r\\u006d'",
    "r\"m\"", "'r'\"m\"", "r\\\nm", "$'r\\tm'", "$'it\\'s'", "\"a\\$b\"", "\"a\\b\"", "'a\\b'", "a\\ b",
    "$'\\e'", "$'\\x07'", "x{}y", "{}", "a=b", "\"a\\\nb\"", "''rm",
]  # fmt: skip


@pytest.mark.parametrize("word", WORDS)
def test_a_quoted_program_is_the_one_that_bash_would_run(word: str) -> None:
    named = subprocess.run(["bash", "-c", f"printf %s {word}"], capture_output=True, check=True).stdout.decode()
    told = sort_line(f"{word} x")
    if named == "rm":
        # A word over two lines is not worth resolving.
        assert told.kind is (CommandClass.UNKNOWN if "\n" in word else CommandClass.DELETE)
    else:
        assert told.kind is CommandClass.UNKNOWN


def test_no_line_called_reading_makes_bash_remove_something(tmp_path: Path) -> None:
    programs, folder, mark = tmp_path / "bin", tmp_path / "work", tmp_path / "removed"
    programs.mkdir()
    folder.mkdir()
    for name, text in {"rm": f": > {mark}", "ls": ":", "cat": ":"}.items():
        (programs / name).write_text(f"#!/bin/bash\n{text}\n")
        (programs / name).chmod(0o755)
    for name in ("env", "xargs"):
        (programs / name).symlink_to(f"/usr/bin/{name}")
    lines = [line for line in _soups(40_000) if "rm" in line and sort_line(line).kind is CommandClass.READ]
    assert len(lines) > 20
    for line in lines:
        _run(line, folder, programs)
        assert not mark.exists(), line
        assert os.listdir(folder) == [], line


def _soups(count: int) -> list[str]:
    chance = random.Random(4)
    starts = (
        "echo ",
        "ls; ",
        "cat <<E\n",
        "x=1; ",
        'echo "',
        "[[ -n ",
        "case a in ",
        "echo $'",
        "echo ${x:-",
        ": <<E; ",
        "",
    )
    return [
        chance.choice(starts) + "".join(chance.choice(SOUP) for _ in range(chance.randint(1, 8))) for _ in range(count)
    ]


def _run(line: str, folder: Path, programs: Path) -> None:
    subprocess.run(
        ["/bin/bash", "--norc", "--noprofile", "-c", line],
        cwd=folder,
        env={"PATH": str(programs)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=LIMIT_SECONDS,
        check=False,
    )
