"""What the scripts say before Studio runs."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

LIBRARY = Path(__file__).parents[2] / "scripts" / "library.bash"


def test_a_named_engine_that_does_not_answer_is_told_by_its_address_and_none_takes_its_place(tmp_path: Path) -> None:
    nobody = f"unix://{tmp_path}/nobody.sock"
    words = ["bash", "-c", f'. "{LIBRARY}"; ensure_engine']
    said = subprocess.run(words, env={**os.environ, "DOCKER_HOST": nobody}, capture_output=True, text=True, check=False)
    assert said.returncode == 1
    assert f"No container engine answers at {nobody}." in said.stderr
    assert "Starting the container engine" not in said.stderr
