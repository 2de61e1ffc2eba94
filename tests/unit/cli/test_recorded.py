"""What a command says is shown on the command line, also when another process runs it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from studio.cli.follow import _Words
from studio.domain.events import Delta, Recorded, ToolAnswered
from studio.domain.ids import ProjectId, RunId

PROJECT, RUN = ProjectId("p1"), RunId("r1")


def answered(text: str, name: str = "shell") -> Recorded:
    event = ToolAnswered("c1", name, False, text, "exit code 1")
    return Recorded(1, datetime.now(UTC), PROJECT, RUN, event)


def words(*, elsewhere: bool) -> _Words:
    return _Words("shop", hint=False, elsewhere=lambda: elsewhere)


def test_the_output_of_a_command_that_another_process_ran_comes_from_the_record(
    capsys: pytest.CaptureFixture[str],
) -> None:
    words(elsewhere=True).show(answered("cat: /nothing: No such file\x1b[31m\n[exit code 1]"))

    assert capsys.readouterr().err == "cat: /nothing: No such file\n  ✗ exit code 1\n"


@pytest.mark.parametrize("text", ["[exit code 1]", ""])
def test_a_command_that_said_nothing_shows_nothing(capsys: pytest.CaptureFixture[str], text: str) -> None:
    words(elsewhere=True).show(answered(text))

    assert capsys.readouterr().err == "  ✗ exit code 1\n"


def test_what_was_heard_while_it_ran_is_not_shown_again(capsys: pytest.CaptureFixture[str]) -> None:
    here, taken_over = words(elsewhere=False), words(elsewhere=True)
    here.show(answered("loud\n[exit code 1]"))
    taken_over.show(Delta(PROJECT, RUN, "output", "loud\n", "c1"))
    taken_over.show(answered("loud\n[exit code 1]"))

    assert capsys.readouterr().err == "  ✗ exit code 1\nloud\n  ✗ exit code 1\n"


def test_what_other_tools_give_to_the_model_is_not_shown(capsys: pytest.CaptureFixture[str]) -> None:
    words(elsewhere=True).show(answered("the whole file", "read"))

    assert capsys.readouterr().err == "  ✗ exit code 1\n"
