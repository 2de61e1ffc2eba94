"""Words that name nothing, or not what they should, are answered by one sentence and the next action."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.fixtures.command_line import CommandLine, Finished
from tests.fixtures.repositories import make_repository
from tests.fixtures.scripts import DONE, scripted

docker = pytest.mark.docker


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return make_repository(tmp_path / "shop", {"a.txt": "one\n"})


@pytest.fixture
def script(tmp_path: Path) -> str:
    return scripted(tmp_path, DONE, {"text": "Again."})


def _says(finished: Finished, sentence: str, action: str) -> None:
    assert finished.code == 2, finished.err
    assert finished.err.splitlines() == [f"studio: {sentence}", f"        {action}"]


def test_a_word_that_is_no_verb(studio: CommandLine) -> None:
    action = "See the verbs: studio --help · open a project: studio window shop"
    _says(studio("shop"), "There is no verb “shop”.", action)
    _says(studio("doctr"), "There is no verb “doctr”.", "Did you mean studio doctor?")
    _says(
        studio("project", "dance"),
        "There is no verb “dance” of studio project.",
        "See the verbs: studio project --help",
    )


def test_a_path_to_nothing(studio: CommandLine) -> None:
    action = "Check the path, or see the verbs: studio --help"
    _says(studio("/no/such/dir"), "There is no folder /no/such/dir.", action)


def test_a_folder_without_its_dot(studio: CommandLine, repository: Path) -> None:
    before = os.getcwd()
    os.chdir(repository.parent)
    try:
        told = studio("shop")
    finally:
        os.chdir(before)
    _says(told, "“shop” is a folder, not a verb.", "Open it in the window: studio ./shop")


def test_an_archived_project_takes_no_message_until_it_is_added_again(
    studio: CommandLine, repository: Path, script: str
) -> None:
    words = ("run", "Go", "--project", str(repository), "--model", script)
    assert studio("project", "add", str(repository)).code == 0
    assert studio("project", "archive", "shop").code == 0
    again = f"Bring it back first: studio project add {repository}"
    _says(studio(*words), "The project “shop” is archived.", again)
    assert studio("runs", "--json").document == []


@docker
def test_a_run_goes_on_in_its_own_project_only(
    studio: CommandLine, repository: Path, script: str, tmp_path: Path
) -> None:
    other = make_repository(tmp_path / "bakery", {"b.txt": "one\n"})
    assert studio("project", "add", str(other)).code == 0
    ran = studio("run", "Go", "--project", str(repository), "--model", script, "--json")
    run = ran.outcome["run"]
    refused = studio("run", "More", "--run", run, "--project", "bakery")
    _says(refused, f"Run {run} belongs to the project “shop”.", "Leave out --project, or name it.")
    assert studio("run", "More", "--run", run, "--project", "shop").code == 0


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("models prefer cheap", "Invalid value for 'which': 'cheap' is not one of 'cloud', 'local'."),
        ("budget set company 1 --per week", "Invalid value for '--per': 'week' is not one of 'day', 'month', 'total'."),
    ],
)
def test_a_choice_that_there_is_not_is_told_with_those_that_there_are(
    studio: CommandLine, words: str, sentence: str
) -> None:
    told = studio(*words.split())
    assert (told.code, told.err.splitlines()[-1]) == (2, f"Error: {sentence}")
