"""Secrets on the command line: given on standard input, used by a process that already runs, never shown."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from studio.domain import exits
from studio.domain.errors import UserError
from studio.domain.models import ModelRef
from tests.fixtures.command_line import REPOSITORY, CommandLine
from tests.fixtures.engine import opened
from tests.fixtures.repositories import make_repository

KEY = "sk-ant-a-very-secret-value"
CLAUDE = ModelRef("anthropic", "claude-sonnet-4-5")


def give(home: Path, value: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Runs `studio secret set …` with a value on standard input."""
    return subprocess.run(
        [sys.executable, "-P", "-m", "studio", "secret", "set", *words],
        env={**os.environ, "STUDIO_HOME": str(home), "PYTHONPATH": str(REPOSITORY)},
        input=value,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def holds(home: Path, value: str) -> list[Path]:
    """The files of a data folder in which a value can be read."""
    return [file for file in home.rglob("*") if file.is_file() and value.encode() in file.read_bytes()]


def test_a_value_is_kept_listed_by_name_and_removed(studio: CommandLine) -> None:
    kept = give(studio.home, f"{KEY}\n", "provider:anthropic")
    assert (kept.returncode, kept.stdout) == (
        exits.OK,
        "provider:anthropic is kept in a file of the data folder, with its key in another file beside it.\n",
    )
    assert "Whoever reads the data folder can read it" in kept.stderr
    assert studio("secret", "list", "--json").document == [{"name": "provider:anthropic", "project": None}]
    assert holds(studio.home, KEY) == []
    assert studio("secret", "remove", "provider:anthropic").out == "provider:anthropic is forgotten.\n"
    assert studio("secret", "list").err == "No secret is kept.\n"


def test_what_is_no_key_is_refused_and_not_printed(studio: CommandLine) -> None:
    refused = give(studio.home, f"my key: {KEY}\n", "provider:anthropic")

    assert refused.returncode == exits.USAGE
    assert "That is no key" in refused.stderr
    assert KEY not in refused.stdout + refused.stderr
    assert holds(studio.home, KEY) == []


def test_a_secret_of_a_project_is_listed_with_it(studio: CommandLine, tmp_path: Path) -> None:
    shop = make_repository(tmp_path / "shop", {"a.txt": "one\n"})
    assert studio("project", "add", str(shop)).code == exits.OK
    assert give(studio.home, KEY, "token", "--project", "shop").returncode == exits.OK
    assert give(studio.home, KEY, "token").returncode == exits.OK

    both = [{"name": "token", "project": None}, {"name": "token", "project": "shop"}]
    assert studio("secret", "list", "--json").document == both
    assert studio("secret", "list", "--project", "shop", "--json").document == both[1:]


async def test_a_process_that_runs_uses_a_key_that_another_one_was_given(tmp_path: Path) -> None:
    home = tmp_path / "home"
    async with opened(home) as running:
        with pytest.raises(UserError, match="no key for anthropic"):
            running.models.require_usable(CLAUDE)

        kept = await asyncio.to_thread(give, home, KEY, "provider:anthropic")

        assert kept.returncode == exits.OK, kept.stderr
        running.models.require_usable(CLAUDE)
        project = await running.projects.add(make_repository(tmp_path / "shop", {"a.txt": "one\n"}))
        assert (await running.board.add(project.id, f"Try {KEY}")).title == "Try [redacted]"
    assert holds(home, KEY) == []
