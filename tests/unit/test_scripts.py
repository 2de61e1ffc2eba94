"""What the scripts say before Studio runs."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

LIBRARY = Path(__file__).parents[2] / "scripts" / "library.bash"


def test_a_named_engine_that_does_not_answer_is_told_by_its_address_and_none_takes_its_place(tmp_path: Path) -> None:
    nobody = f"unix://{tmp_path}/nobody.sock"
    words = ["bash", "-c", f'. "{LIBRARY}"; ensure_engine']
    said = subprocess.run(words, env={**os.environ, "DOCKER_HOST": nobody}, capture_output=True, text=True, check=False)
    assert said.returncode == 1
    assert f"No container engine answers at {nobody}." in said.stderr
    assert "Starting the container engine" not in said.stderr


@pytest.mark.parametrize(
    ("named", "is_named"),
    [
        ({}, False),
        ({"DOCKER_CONTEXT": "default"}, False),
        ({"DOCKER_CONTEXT": "mine"}, True),
        ({"DOCKER_CONTEXT": "default", "DOCKER_HOST": "ssh://me@example.org"}, True),
    ],
)
def test_dockers_context_default_names_no_engine_but_the_one_here(named: dict[str, str], is_named: bool) -> None:
    env = {name: value for name, value in os.environ.items() if name not in ("DOCKER_HOST", "DOCKER_CONTEXT")} | named
    said = subprocess.run(["bash", "-c", f'. "{LIBRARY}"; names_engine'], env=env, check=False)
    assert (said.returncode == 0) is is_named
