"""One changed byte of what was recorded is noticed by a replay, which says where it is and what differs."""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.fixtures.command_line import CommandLine, Finished
from tests.fixtures.handed import handed
from tests.fixtures.repositories import git, make_repository

pytestmark = pytest.mark.docker

REPLIES = [
    {"text": "I look.", "calls": [{"name": "shell", "arguments": {"command": "cat a.txt; seq 9000; echo 2 > b.txt"}}]},
    handed("It says one."),
]


class Recorded:
    """A run that was recorded, what it left on the disk, and its replay."""

    def __init__(self, studio: CommandLine, folder: Path) -> None:
        self.studio = studio
        script = folder / "replies.json"
        script.write_text(json.dumps({"replies": REPLIES}))
        repository = make_repository(folder / "shop", {"a.txt": "one\n"})
        words = ("--project", str(repository), "--model", f"scripted/{script}", "--approve", "auto", "--json")
        self.ran = studio("run", "Begin", *words)
        assert self.ran.code == 0, self.ran.err
        self.run: str = self.ran.outcome["run"]

    def replay(self) -> Finished:
        return self.studio("runs", "replay", self.run)

    def number(self, kind: str, at: int = 0) -> int:
        """The number in the log of an event of this kind."""
        return int([line["seq"] for line in self.ran.lines if line["kind"] == kind][at])

    def change(self, statement: str, *values: object) -> None:
        """Changes the data folder's database, as only somebody can who takes its guards away first."""
        with closing(sqlite3.connect(self.studio.home / "studio.db")) as database:
            for (guard,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
                database.execute(f"DROP TRIGGER {guard}")
            assert database.execute(statement, values).rowcount == 1
            database.commit()

    def project_git(self) -> Path:
        (found,) = (self.studio.home / "projects").glob("*/project.git")
        return found


@pytest.fixture
def recorded(studio: CommandLine, tmp_path: Path) -> Recorded:
    made = Recorded(studio, tmp_path)
    assert made.replay().out.startswith("The same: ")
    return made


def _answer_of_a_model(recorded: Recorded) -> tuple[int, str]:
    number = recorded.number("message_posted", 2)
    recorded.change("UPDATE events SET payload = replace(payload, 'says one', 'says two') WHERE seq = ?", number)
    return number, "(message_posted) was changed after it was recorded; now it says “It says two.”"


def _output_of_a_tool(recorded: Recorded) -> tuple[int, str]:
    number = recorded.number("tool_answered")
    recorded.change(r"UPDATE events SET payload = replace(payload, 'one\n', 'two\n') WHERE seq = ?", number)
    return number, r"(tool_answered) was changed after it was recorded; now it says “two\n1\n2\n"


def _whole_output(recorded: Recorded) -> tuple[int, str]:
    recorded.change("UPDATE outputs SET content = ?", zlib.compress(b"nothing"))
    return recorded.number("tool_answered"), "(tool_answered): the whole output output:"


def _file_of_a_snapshot(recorded: Recorded) -> tuple[int, str]:
    store = recorded.project_git()
    commit = next(line["commit"] for line in recorded.ran.lines if line["kind"] == "snapshot_taken")
    blob = git(store, "rev-parse", f"{commit}:b.txt").strip()
    packed = store / "objects" / blob[:2] / blob[2:]
    packed.chmod(0o600)
    packed.write_bytes(zlib.compress(b"blob 2\x003\n"))
    return recorded.number(
        "snapshot_taken"
    ), f"(snapshot_taken): b.txt in its commit {commit[:12]} is not kept as it was."


@pytest.mark.parametrize("change", [_answer_of_a_model, _output_of_a_tool, _whole_output, _file_of_a_snapshot])
def test_one_changed_byte_is_named_with_its_event_and_what_it_says_now(
    recorded: Recorded, change: Callable[[Recorded], tuple[int, str]]
) -> None:
    number, told = change(recorded)
    came = recorded.replay()
    assert (came.code, came.out) == (1, "Not the same: the record was changed\n")
    assert f"Event {number} of the log {told}" in " ".join(came.err.split())


def test_an_event_that_cannot_be_read_any_more_is_named_before_anything_is_replayed(recorded: Recorded) -> None:
    number = recorded.number("tool_answered")
    recorded.change("UPDATE events SET payload = substr(payload, 2) WHERE seq = ?", number)
    came = recorded.replay()
    assert came.code == 2
    assert f"cannot be read: event {number} was changed after it was recorded." in came.err
