"""What an agent keeps before its eyes over long work, as a person meets it on the command line."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from tests.fixtures.command_line import CommandLine
from tests.fixtures.repositories import make_repository

pytestmark = pytest.mark.docker


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return make_repository(tmp_path / "shop", {"a.txt": "one\n"})


def scripted(repository: Path, *replies: object) -> str:
    script = repository.parent / "replies.json"
    script.write_text(json.dumps({"replies": replies}))
    return f"scripted/{script}"


def call(name: str, **arguments: Any) -> dict[str, Any]:
    return {"calls": [{"name": name, "arguments": arguments}]}


def test_a_long_output_is_shown_by_its_ends_and_read_again_in_another_process(
    studio: CommandLine, repository: Path
) -> None:
    whole = "\n".join(map(str, range(1, 20_001))) + "\n[exit code 0]"
    handle = f"output:{hashlib.sha256(whole.encode()).hexdigest()[:16]}"
    model = scripted(
        repository,
        call("shell", command="seq 1 20000"),
        {"contains": ["1\n2\n3\n", f'read_output("{handle}", start_line=', "20000\n[exit code 0]"], "text": "Long."},
        call("read_output", output=handle, start_line=10_000, lines=2),
        {"contains": ["10000\t10000\n10001\t10001\n… 10000 more lines"], "text": "Read."},
    )
    ran = studio("run", "Count", "--project", str(repository), "--model", model, "--approve", "auto", "--json")
    assert ran.code == 0, ran.err
    answered = next(line for line in ran.lines if line["kind"] == "tool_answered")
    assert len(answered["text"]) <= 12_000

    more = studio("run", "Look at the middle", "--run", ran.outcome["run"], "--json")
    assert more.code == 0, more.err
