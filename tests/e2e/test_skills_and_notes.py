"""A project's skills and notes, from its repository to the agent and back."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fixtures.command_line import CommandLine
from tests.fixtures.handed import handed
from tests.fixtures.repositories import git, make_repository
from tests.fixtures.scripts import scripted

pytestmark = pytest.mark.docker

FILES = {
    ".studio/skills/release/SKILL.md": "---\nname: release\ndescription: How a release is made.\n---\nTag it v1.\n",
    ".claude/skills/broken/SKILL.md": "no front\n",
}
REPLIES = [
    {"calls": [{"name": "skill", "arguments": {"name": "release"}}]},
    {"contains": "Tag it v1.", "calls": [{"name": "note", "arguments": {"name": "release", "text": "Tags are v1."}}]},
    handed("Noted."),
    {"text": "Still there."},
]


def test_an_agent_reads_a_skill_writes_a_note_and_the_person_merges_it(studio: CommandLine, tmp_path: Path) -> None:
    repository = make_repository(tmp_path / "shop", FILES)
    model = scripted(tmp_path, *REPLIES)

    done = studio("run", "Release it", "--project", str(repository), "--model", model, "--json")

    assert done.code == 0, done.err
    skipped = [line for line in done.lines if line["kind"] == "aid_skipped"]
    assert [(line["aid"], line["name"]) for line in skipped] == [("skill", "broken")]
    again = studio("run", "And now?", "--run", done.outcome["run"])
    assert "broken" not in again.err, "what is left out is told once"
    assert studio("merge", done.outcome["run"]).code == 0
    assert git(repository, "show", "HEAD:.studio/notes/release.md") == "Tags are v1."


def test_the_command_line_lists_skills_and_what_is_wrong_with_others(studio: CommandLine, tmp_path: Path) -> None:
    repository = make_repository(tmp_path / "shop", FILES)
    assert studio("project", "add", str(repository)).code == 0
    listed = studio("skills", "--project", str(repository))
    assert "release  .studio/skills/release  How a release is made." in listed.out
    assert listed.err == (
        ".claude/skills/broken/SKILL.md is left out: It does not begin with its name and description. "
        "Begin the file with lines “---”, “name: …”, “description: …”, “---”.\n"
    )
