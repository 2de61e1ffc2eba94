"""Skills from a commit of a repository to the tool that reads them."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import cast

import pytest

from studio.agents.skills import SKILLS_MAX, Skills
from studio.base.paths import Paths
from studio.domain.ids import CallId
from studio.domain.messages import ToolCall
from studio.domain.skills import SkillList
from studio.domain.tools import ToolOutcome
from studio.sandbox.box import Sandbox
from studio.tools.hands import Hands
from studio.tools.runner import run_call
from studio.tools.skills import LISTED_CHARACTERS, skill_tool
from studio.workspace.files import Folder
from studio.workspace.git import find_git
from studio.workspace.workspaces import Workspaces
from tests.fixtures.git_stories import Person, make_person, make_project

RELEASE = """\
---
name: release
description: >
  How a release is made.
  Use it before tagging.
---
# Release
Run make.
"""

BOMB = "\n".join(
    [
        "---\na0: &a0 [x, x, x, x]",
        *(f"a{level}: &a{level} [{', '.join(10 * [f'*a{level - 1}'])}]" for level in range(1, 12)),
        "name: *a11\ndescription: Does it.\n---\nDo it.\n",
    ]
)
"""A name that would be a text of 10^12 characters."""

Committed = Callable[[dict[str, str]], Awaitable[SkillList]]


@pytest.fixture
def person(tmp_path: Path) -> Person:
    return make_person(tmp_path / "person")


@pytest.fixture
def committed(person: Person, tmp_path: Path) -> Committed:
    """Commits files in a person's repository and reads the skills of that commit."""
    paths = Paths(tmp_path / "data")
    paths.make()
    workspaces = Workspaces(paths, find_git(os.environ["PATH"]), person.environment)
    project = make_project(person.folder)
    skills = Skills(workspaces)

    async def commit(files: dict[str, str]) -> SkillList:
        for name, text in files.items():
            person.write(name, text)
        person.git("add", "--all")
        person.git("commit", "--quiet", "--allow-empty", "--message", "Skills")
        await workspaces.register(project)
        return await skills.at(project.id, (await workspaces.base(project)).commit)

    return commit


def skill(name: str, description: str = "Does it.", text: str = "Do it.") -> str:
    return f"---\nname: {name}\ndescription: {description}\n---\n{text}\n"


async def ask(found: SkillList, name: str) -> ToolOutcome:
    hands = Hands(Folder(Path("/nowhere")), cast(Sandbox, None), lambda text: None)
    return await run_call({"skill": skill_tool(found.skills)}, ToolCall(CallId.new(), "skill", {"name": name}), hands)


@pytest.mark.parametrize("folder", [".studio/skills", ".agents/skills", ".claude/skills"])
async def test_a_skill_is_found_in_each_folder_that_people_keep_them_in(committed: Committed, folder: str) -> None:
    found = await committed({f"{folder}/release/SKILL.md": RELEASE})
    assert [(s.name, s.description, s.folder) for s in found.skills] == [
        ("release", "How a release is made. Use it before tagging.", f"{folder}/release")
    ]


async def test_the_model_reads_of_each_skill_what_it_is_for_and_then_the_whole_of_one(committed: Committed) -> None:
    found = await committed({".studio/skills/release/SKILL.md": RELEASE})
    assert "- release: How a release is made. Use it before tagging." in skill_tool(found.skills).spec.description
    assert (await ask(found, "release")).text == (
        "The skill “release”. Its other files, if it names any, lie in .studio/skills/release.\n\n# Release\nRun make."
    )


async def test_a_skill_that_does_not_exist_is_answered_with_those_that_do(committed: Committed) -> None:
    found = await committed({".studio/skills/release/SKILL.md": RELEASE})
    outcome = await ask(found, "deploy")
    assert (outcome.ok, outcome.text) == (False, "There is no skill “deploy”. There are: release.")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("Run make.\n", "It does not begin with its name and description."),
        (skill("other"), "Its name is “other”, but its folder is “release”."),
        (skill("release", description='""'), "It has no description."),
        (skill("release", description="a: b"), "What stands between the lines “---” is no YAML (line 3)."),
        (skill("release", description="2026-99-99"), "What stands between the lines “---” is no YAML."),
        (skill("release", description="x" * 1025), "Its description is longer than 1024 characters."),
        (skill("release", text=" "), "Nothing stands below its description."),
        (skill("release", text="x" * 40_001), "It is longer than 40,000 characters."),
        (skill("release", text="x" * 70_000), "It is larger than 64 KiB, and was not read."),
        ("---\n- a\n---\nx\n", "What stands between the lines “---” names no fields."),
        (skill("0x" + "f" * 5000), "Its name is no text."),
        (BOMB, "What stands between the lines “---” repeats a part by its name (*)."),
    ],
)
async def test_a_wrong_skill_is_named_with_its_fault_and_the_others_count(
    committed: Committed, text: str, sentence: str
) -> None:
    found = await committed(
        {".studio/skills/release/SKILL.md": text, ".studio/skills/deploy/SKILL.md": skill("deploy")}
    )
    assert [s.name for s in found.skills] == ["deploy"]
    assert [(p.name, p.file, p.sentence) for p in found.problems] == [
        ("release", ".studio/skills/release/SKILL.md", sentence)
    ]


async def test_a_skill_that_is_a_link_is_not_followed(committed: Committed, person: Person) -> None:
    folder = person.folder / ".studio" / "skills" / "keys"
    folder.mkdir(parents=True)
    (folder / "SKILL.md").symlink_to("/etc/passwd")
    found = await committed({})
    assert [(p.name, p.sentence) for p in found.problems] == [("keys", "It is a link, and was not read.")]


async def test_of_two_skills_with_one_name_the_one_of_studios_folder_counts(committed: Committed) -> None:
    found = await committed({f"{folder}/release/SKILL.md": RELEASE for folder in (".claude/skills", ".studio/skills")})
    assert [s.folder for s in found.skills] == [".studio/skills/release"]
    assert [p.file for p in found.problems] == [".claude/skills/release/SKILL.md"]


async def test_many_skills_with_long_descriptions_stay_within_their_room(committed: Committed) -> None:
    names = [f"s{number}" for number in range(SKILLS_MAX + 2)]
    found = await committed({f".studio/skills/{name}/SKILL.md": skill(name, "x" * 1000) for name in names})
    assert (len(found.skills), len(found.problems)) == (SKILLS_MAX, 2)
    assert len(skill_tool(found.skills).spec.description) < LISTED_CHARACTERS + 1000
