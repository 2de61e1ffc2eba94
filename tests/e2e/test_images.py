"""Images in a person's message and in a file of the project, seen by the model."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fixtures.command_line import CommandLine
from tests.fixtures.images import png
from tests.fixtures.repositories import git, make_repository
from tests.fixtures.scripts import scripted

REPLIES = [
    {"contains": "(seen: PNG image, 3×2)", "calls": [{"name": "read", "arguments": {"path": "docs/shot.png"}}]},
    {"contains": ["docs/shot.png is a PNG image, 40×30 pixels", "(seen: PNG image, 40×30)"], "text": "They differ."},
    {"contains": "And now?", "text": "Still."},
]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    path = make_repository(tmp_path / "shop", {"README.md": "# Shop\n"})
    (path / "docs").mkdir()
    return path


@pytest.mark.docker
def test_an_agent_sees_the_image_of_a_message_and_one_it_reads(
    studio: CommandLine, repository: Path, tmp_path: Path
) -> None:
    (repository / "docs" / "shot.png").write_bytes(png(40, 30))
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--message", "A picture")
    (tmp_path / "wish.png").write_bytes(png())
    words = ("--project", str(repository), "--model", scripted(tmp_path, *REPLIES), "--json")

    done = studio("run", "Does it look like this?", "--image", str(tmp_path / "wish.png"), *words)

    assert done.code == 0, done.err
    (message,) = [line for line in done.lines if line["kind"] == "message_posted" and line["speaker"] == "human"]
    assert message["images"][0].endswith(" image/png 73 3x2"), message
    assert "\\x89PNG" not in done.out
    # The next message sends the whole chat again, images included.
    again = studio("run", "And now?", "--run", done.outcome["run"], "--json")
    assert again.code == 0, again.err


def test_a_file_that_is_no_image_is_refused_before_anything_is_sent(
    studio: CommandLine, repository: Path, tmp_path: Path
) -> None:
    (tmp_path / "wish.png").write_text("a drawing")
    refused = studio("run", "Look.", "--image", str(tmp_path / "wish.png"), "--project", str(repository))
    assert refused.code == 2
    assert refused.err == (
        f"studio: {tmp_path}/wish.png is no PNG, JPEG, GIF or WebP image.\n        Convert it to PNG first.\n"
    )
