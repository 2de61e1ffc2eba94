"""How the program starts, wherever one stands and whatever reads its output."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

from studio.app.terminals import program
from tests.fixtures.command_line import REPOSITORY, CommandLine


def test_no_file_of_the_current_folder_is_run_as_a_part_of_studio(studio: CommandLine, tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    for name in ("click", "sqlalchemy", "structlog", "typer"):
        (tmp_path / f"{name}.py").write_text(f"open({str(canary)!r}, 'w').close()\n")
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "STUDIO_HOME": str(studio.home)}
    done = subprocess.run([*program(), "runs"], cwd=tmp_path, env=environment, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert not canary.exists()
    started_by = (REPOSITORY / "scripts" / "studio").read_text()
    assert '" -P -m studio' in started_by


def test_a_terminal_that_lacks_a_letter_is_no_fault(studio: CommandLine) -> None:
    looked = studio("doctor", LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0", PYTHONIOENCODING="ascii")
    assert looked.code == 1
    assert "git" in looked.out


def test_a_reader_that_has_seen_enough_is_no_fault(studio: CommandLine) -> None:
    command = f"{shlex.quote(sys.executable)} -P -m studio templates | head -n 0"
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "STUDIO_HOME": str(studio.home)}
    done = subprocess.run(command, shell=True, env=environment, capture_output=True, text=True, check=False)
    assert done.stderr == ""
