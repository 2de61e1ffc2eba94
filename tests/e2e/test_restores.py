"""A run goes back to an earlier turn and forth again, also when Studio is killed at it, and forks into another."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.fixtures.command_line import CommandLine
from tests.fixtures.handed import handed
from tests.fixtures.repositories import make_repository
from tests.fixtures.scripts import scripted

pytestmark = pytest.mark.docker

REPLIES = [
    {
        "calls": [
            {"name": "write", "arguments": {"path": "a.txt", "content": "two\n"}},
            {"name": "write", "arguments": {"path": "conf.env", "content": "SHARED=1\n"}},
        ]
    },
    handed("First."),
    {"calls": [{"name": "shell", "arguments": {"command": "rm conf.env; echo '*.env' > .gitignore; echo 3 > a.txt"}}]},
    handed("Second."),
    handed("Third.", contains="[Studio: the person put the chat or the files back"),
]


class Story:
    """A run that had two turns, whose person then left an ignored file and a change by hand."""

    def __init__(self, studio: CommandLine, folder: Path) -> None:
        self.studio = studio
        repository = make_repository(folder / "shop", {"a.txt": "one\n"})
        words = ("--project", str(repository), "--model", scripted(folder, *REPLIES), "--approve", "auto", "--json")
        self.run: str = studio("run", "Begin", *words).outcome["run"]
        assert studio("run", "Go on", "--run", self.run).code == 0
        self.files: Path = studio.home / "workspaces" / self.run / "files"
        (self.files / "conf.env").write_text("MINE=1\n")
        (self.files / "by-hand.txt").write_text("by hand\n")

    def runs(self, *words: str, **more: str) -> Any:
        """What a verb of `studio runs` answers as JSON."""
        done = self.studio("runs", *words, "--json", **more)
        assert done.code == 0, done.err
        return done.document

    def kinds(self) -> list[str]:
        return [event["kind"] for event in self.runs("log", self.run)]

    def saved(self) -> str:
        """Every content that the private repository can still reach."""
        [repository] = (self.studio.home / "projects").glob("*/project.git")
        git = ("git", f"--git-dir={repository}")
        listed = subprocess.run(
            [*git, "rev-list", "--objects", "--all", "--no-object-names"], capture_output=True, check=True
        ).stdout
        contents: bytes = subprocess.run(
            [*git, "cat-file", "--batch"], input=listed, capture_output=True, check=True
        ).stdout
        return contents.decode("utf-8", "replace")

    def is_after_first(self) -> bool:
        return self.text("a.txt") == "two\n" and self.text("conf.env") == "SHARED=1\n"

    def text(self, name: str) -> str:
        return str((self.files / name).read_text())


@pytest.fixture
def story(studio: CommandLine, tmp_path: Path) -> Story:
    return Story(studio, tmp_path)


def test_files_and_chat_go_back_and_forth_and_the_agent_is_told(story: Story) -> None:
    back = story.runs("restore", story.run, "--turn", "1", "--files")
    assert story.is_after_first()
    assert (back["kept_files"], back["point"]) == (["conf.env"], "after turn 1")
    assert not (story.files / "by-hand.txt").exists()

    story.runs("redo", story.run)
    assert (story.text("conf.env"), story.text("a.txt"), story.text("by-hand.txt")) == ("MINE=1\n", "3\n", "by hand\n")

    story.runs("restore", story.run, "--turn", "1", "--files")
    third = story.studio("run", "And now?", "--run", story.run)
    assert (third.code, "Third." in third.out) == (0, True), third.err
    gone_on = story.studio("runs", "redo", story.run)
    assert gone_on.code == 2
    assert "has gone on since its newest restore" in gone_on.err

    steps = [(view["turn"], view["step"], bool(view["restore"])) for view in story.runs("snapshots", story.run)]
    assert steps == [(1, 1, False), (2, 3, False), (2, None, False), *[(2, None, True)] * 3]


def test_a_fork_has_the_files_of_its_turn_and_asks_its_own_model(story: Story) -> None:
    fork = story.runs("fork", story.run, "--turn", "1")["id"]
    assert story.text("a.txt") == "3\n"
    # The second reply of the script: the fork's agent was shown the first turn and nothing after it.
    assert story.studio("run", "Go on", "--run", fork).code == 0
    log = story.studio("runs", "log", fork).out
    assert [word for word in ("Begin", "First.", "Forked from run", "Go on", "Second.") if word in log] == [
        *("Begin", "First.", "Forked from run", "Go on", "Second.")
    ]
    files = story.studio.home / "workspaces" / fork / "files"
    assert (files / "a.txt").read_text() == "3\n"
    assert not (files / "by-hand.txt").exists()


@pytest.mark.parametrize("point", ["after_snapshot_taken", "before_files_restored"])
def test_killed_while_it_restores_studio_has_lost_nothing_and_restores_when_asked_again(
    story: Story, point: str
) -> None:
    words = ("restore", story.run, "--turn", "1", "--both", "--json")
    assert story.studio("runs", *words, STUDIO_FAULT_POINT=point).code == -signal.SIGKILL

    assert story.studio("runs", *words).code == 0

    assert story.is_after_first()
    assert "chat_restored" in story.kinds()
    kept = story.saved()
    for content in ("MINE=1", "by hand", "SHARED=1"):
        assert content in kept


@pytest.mark.parametrize("point", ["before_files_restored", "after_files_restored"])
def test_an_act_of_a_second_process_is_done_once_though_the_engine_is_killed_at_it(story: Story, point: str) -> None:
    serving = story.studio.serve(STUDIO_FAULT_POINT=point)

    back = story.runs("restore", story.run, "--turn", "1", "--both")

    assert serving.wait(30) == -signal.SIGKILL
    assert (back["point"], story.is_after_first()) == ("after turn 1", True)
    assert (story.kinds().count("files_restored"), story.kinds().count("chat_restored")) == (1, 1)
