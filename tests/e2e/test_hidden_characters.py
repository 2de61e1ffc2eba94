"""What an agent hides from a reader's eye stands written out wherever a person looks before they say yes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fixtures.command_line import CommandLine
from tests.fixtures.handed import HANDED
from tests.fixtures.repositories import make_repository
from tests.fixtures.scripts import call, scripted, shell

pytestmark = pytest.mark.docker

CLIPBOARD = "\x1b]52;c;ZXZpbA==\x07"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return make_repository(tmp_path / "shop", {"a.txt": "one\n"})


def test_a_diff_shows_what_a_terminal_would_swallow(studio: CommandLine, repository: Path, tmp_path: Path) -> None:
    lines = ['NAME = "\x1b]"; import os; os.system("evil")', "one\x0ctwo\u2028three", "\tkept\r"]
    model = scripted(tmp_path, call("write", path="a.py", content="\n".join(lines)), HANDED)
    ran = studio("run", "Go", "--project", str(repository), "--model", model, "--approve", "auto", "--json")
    told = studio("diff", ran.outcome["run"]).out.split("\n")
    assert '  +NAME = "\\x1b]"; import os; os.system("evil")' in told
    assert "  +one\\x0ctwo\\u2028three" in told
    assert "  +\tkept\\r" in told
    assert all(mark not in ran.out for mark in ("\x1b", "\u2028")), "JSON Lines has one line for an event"


def test_a_command_that_waits_for_a_yes_is_shown_whole(studio: CommandLine, repository: Path, tmp_path: Path) -> None:
    model = scripted(tmp_path, shell("true \x1b]\nrm -rf ."), HANDED)
    asked = studio("run", "Go", "--project", str(repository), "--model", model)
    assert asked.code == 3, asked.err
    assert "  true \\x1b]\n  rm -rf .\n" in asked.err
    checkpoint = asked.out.splitlines()[-1]
    shown = [line.removeprefix("act").strip() for line in studio("checkpoints", "show", checkpoint).out.splitlines()]
    assert shown[shown.index("true \\x1b]") + 1] == "rm -rf ."
    assert "true \\x1b] ⏎ rm -rf ." in studio("checkpoints").out


def test_no_name_that_a_model_makes_up_reaches_the_terminal_raw(
    studio: CommandLine, repository: Path, tmp_path: Path
) -> None:
    model = scripted(tmp_path, call(f"{CLIPBOARD}shell", command=f"echo {CLIPBOARD}"), HANDED)
    ran = studio("run", "Go", "--project", str(repository), "--model", model)
    assert ran.code == 0, ran.err
    assert "→ \\x1b]52;c;ZXZpbA==\\x07shell" in ran.err
    run = studio("runs", "--json").document[0]["id"]
    log = studio("runs", "log", run)
    assert "→ \\x1b]52;c;ZXZpbA==\\x07shell" in log.out
    assert not any("\x1b" in text for text in (ran.out, ran.err, log.out, log.err))
