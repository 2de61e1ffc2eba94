"""What a person is asked about a changed .worktreeinclude: each line that came, went or moved."""

from __future__ import annotations

import pytest

from studio.agents.include_changes import changes_between, lines_of


def changes(agreed: str, asked: str) -> list[str]:
    return list(changes_between(lines_of(agreed.encode()), lines_of(asked.encode())))


def test_each_line_that_came_is_told_however_many_there_are() -> None:
    came = [f"{letter}.local" for letter in "abcdefgh"] + [".env", "*.pem"]

    assert changes("notes.txt\n", "\n".join(["notes.txt", *came])) == ["  notes.txt", *(f"+ {line}" for line in came)]


def test_a_line_that_has_another_place_went_and_came() -> None:
    assert changes("*.key\n!prod.key\n", "!prod.key\n*.key\n") == ["+ !prod.key", "  *.key", "- !prod.key"]


def test_a_line_that_kept_a_file_out_is_told_when_it_is_gone() -> None:
    assert changes("*.key\n!prod.key\n", "*.key\n") == ["  *.key", "- !prod.key"]


@pytest.mark.parametrize("asked", ["*.key\n", "# all\n\n*.key\n  \n.env\n", "*.key\r\n.env"])
def test_nobody_is_asked_where_no_file_can_come_by_it(asked: str) -> None:
    assert changes("*.key\n.env\n", asked) == []


def test_what_git_reads_as_one_line_is_one_line() -> None:
    assert changes("", " # no comment\na\u2028b\nc\x0bd\n") == ["+  # no comment", "+ a\u2028b", "+ c\x0bd"]


def test_long_texts_are_told_as_one_that_went_and_one_that_came() -> None:
    long = "".join(f"a{number}\n" for number in range(400))

    told = changes(long, f"{long}.env\n")
    assert (len(told), told[0], told[400], told[-1]) == (801, "- a0", "+ a0", "+ .env")
