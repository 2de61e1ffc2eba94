"""What an agent's programs write unseen, while they run on, is in the snapshot when the turn has ended."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fixtures.command_line import CommandLine
from tests.fixtures.repositories import make_repository
from tests.fixtures.scripts import Script, shell

pytestmark = pytest.mark.docker

BACKGROUND = """
import mmap, time
file = open("data.bin", "r+b")
mapped = mmap.mmap(file.fileno(), 0)
open("/tmp/mapped", "w").close()
open("/tmp/go").read()
mapped[0:1] = b"X"
open("/tmp/done", "w").close()
time.sleep(600)
"""
UNTIL = "until [ -e /tmp/{} ]; do sleep 0.02; done"


def test_memory_that_stays_mapped_is_saved_at_the_end_of_the_turn(
    studio: CommandLine, tmp_path: Path, script: Script
) -> None:
    project = make_repository(tmp_path / "data", {"data.bin": "aaaa\n"})
    commands = [
        f"mkfifo /tmp/go; python3 -c '{BACKGROUND}' > /dev/null 2>&1 & {UNTIL.format('mapped')}",
        "true",
        f"echo > /tmp/go; {UNTIL.format('done')}",
    ]
    model = script(*map(shell, commands), {"text": "It runs."})

    ran = studio("run", "Go", "--project", str(project), "--model", model, "--approve", "auto", "--json")

    assert (ran.code, ran.outcome["reason"]) == (0, None), ran.err
    kinds = ran.kinds()
    assert kinds.count("snapshot_taken") == 1
    assert kinds.index("snapshot_taken") > max(at for at, kind in enumerate(kinds) if kind == "message_posted")
    diff = studio("diff", ran.outcome["run"])
    assert "+Xaaa" in diff.out
