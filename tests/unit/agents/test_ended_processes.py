"""A process behind that ends badly is an error in the console, told once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from studio.agents.ended_processes import LastWords
from studio.domain.console import ConsoleEntry, ConsoleKind, ConsoleLevel
from studio.sandbox.processes import Process

NOW = datetime(2030, 1, 1, tzinfo=UTC)


def ended(code: int, *, stopped: bool = False) -> Process:
    return Process("p1-a", "npm start", code, ended=True, stopped=stopped, said=40, seconds=1.0)


def said(text: str, level: ConsoleLevel = ConsoleLevel.INFO) -> ConsoleEntry:
    return ConsoleEntry(level, text, kind=ConsoleKind.LOG)


def test_the_last_words_of_a_program_that_is_not_there_are_an_error() -> None:
    last = LastWords()
    last.take([said("starting"), said("bash: line 1: nosuchprogram: command not found")])

    (entry,) = last.end(ended(127), NOW)

    assert (entry.level, entry.kind, entry.method) == (ConsoleLevel.ERROR, ConsoleKind.LOG, "p1-a")
    assert entry.text == (
        "It ended with exit code 127: bash: line 1: nosuchprogram: command not found\nBefore that it said:\nstarting"
    )


def test_an_error_that_was_told_already_is_not_told_as_another_one() -> None:
    last = LastWords()
    last.take([said("NameError: name 'boom' is not defined", ConsoleLevel.ERROR)])

    (entry,) = last.end(ended(1), NOW)

    assert (entry.level, entry.text) == (ConsoleLevel.INFO, "It ended with exit code 1.")


def test_a_program_that_failed_without_a_word_is_an_error_too() -> None:
    assert [entry.text for entry in LastWords().end(ended(3), NOW)] == ["It ended with exit code 3: it said nothing"]


def test_the_agent_is_told_which_program_failed_also_where_the_console_shows_its_error_already() -> None:
    last = LastWords()
    last.take([said("Error: DATABASE_URL is not set", ConsoleLevel.ERROR)])

    failure = last.failure(ended(1), NOW)

    assert failure is not None
    assert failure.text == "p1 (npm start) ended with exit code 1: Error: DATABASE_URL is not set"


def test_what_the_agent_was_told_with_its_place_already_is_not_told_again_as_the_end() -> None:
    last = LastWords()
    last.take([replace(said("KeyError: 'cart'", ConsoleLevel.ERROR), path="shop.py", line=3)])

    assert last.failure(ended(1), NOW) is None


@pytest.mark.parametrize("code", [130, 143])
def test_a_program_that_was_told_to_end_is_no_failure_for_the_agent(code: int) -> None:
    assert LastWords().failure(ended(code), NOW) is None


def test_a_program_that_was_stopped_or_did_its_work_is_no_error() -> None:
    assert LastWords().end(ended(143, stopped=True), NOW) == ()
    assert LastWords().end(ended(0), NOW) == ()
