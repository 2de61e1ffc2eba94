"""Skills of a project's repository, as the commit says that a run starts from."""

from __future__ import annotations

import importlib
import re
from collections import OrderedDict
from typing import Any

from studio.base.aio import in_thread
from studio.base.text import plain, shorten, shown
from studio.domain.ids import ProjectId
from studio.domain.skills import AidProblem, Skill, SkillList
from studio.workspace.tree_files import TreeFile
from studio.workspace.workspaces import Workspaces

FOLDERS = (".studio/skills", ".agents/skills", ".claude/skills")
"""Where a repository keeps its skills; of two with the same name, the one in the folder named first counts."""

FILE = "SKILL.md"
SKILLS_MAX = 48
"""How many skills are offered; each costs a line of every request."""

NAME_CHARACTERS = 64
DESCRIPTION_CHARACTERS = 1024
TEXT_CHARACTERS = 40_000
KEPT = 32

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_FRONT = re.compile(r"\A---[ \t]*\r?\n(.*?)^---[ \t]*\r?$\n?", re.DOTALL | re.MULTILINE)
_FRONT_CHARACTERS = 8192
_HOW = "Begin the file with lines “---”, “name: …”, “description: …”, “---”."


class _Wrong(Exception):
    def __init__(self, sentence: str, action: str = _HOW) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.action = action


class Skills:
    """The skills that count at a commit; what a run changes in them counts once it is merged."""

    def __init__(self, workspaces: Workspaces) -> None:
        self._workspaces = workspaces
        self._known: OrderedDict[tuple[ProjectId, str], SkillList] = OrderedDict()

    async def at(self, project: ProjectId, commit: str) -> SkillList:
        """The project's skills at this commit of its private repository. Raises UserError or GitError."""
        if (found := self._known.get((project, commit))) is not None:
            return found
        files = {folder: await self._workspaces.commits.read_named(project, commit, folder, FILE) for folder in FOLDERS}
        found = await in_thread(_read_all, files)
        self._known[(project, commit)] = found
        if len(self._known) > KEPT:
            self._known.popitem(last=False)
        return found


def _read_all(files: dict[str, tuple[TreeFile, ...]]) -> SkillList:
    skills: dict[str, Skill] = {}
    problems: list[AidProblem] = []
    for folder, found in files.items():
        for file in found:
            name = file.name.rpartition("/")[0]
            label = f"{folder}/{shorten(file.name, 100)}"
            try:
                skill = _skill(name, f"{folder}/{name}", file)
                if skill.name in skills:
                    raise _Wrong(f"{skills[skill.name].folder} has a skill of this name, which is taken.", "Rename it.")
                if len(skills) >= SKILLS_MAX:
                    raise _Wrong(f"{SKILLS_MAX} skills are the most.", "Join some, or take some out.")
                skills[skill.name] = skill
            except _Wrong as wrong:
                problems.append(AidProblem(shown(shorten(name, NAME_CHARACTERS)), label, wrong.sentence, wrong.action))
    return SkillList(tuple(skills[name] for name in sorted(skills)), tuple(problems))


def _skill(name: str, folder: str, file: TreeFile) -> Skill:
    if file.unread:
        raise _Wrong(f"It {file.unread}, and was not read.", "")
    try:
        text = file.data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _Wrong("It is not UTF-8 text.", "") from error
    found = _FRONT.match(text)
    if found is None or len(found[1]) > _FRONT_CHARACTERS:
        raise _Wrong("It does not begin with its name and description.")
    front = _front(found[1])
    if not _NAME.fullmatch(name) or len(name) > NAME_CHARACTERS:
        raise _Wrong("The folder's name is not of small letters, digits and single hyphens.", "Rename the folder.")
    said = front.get("name")
    if not isinstance(said, str):
        raise _Wrong("Its name is no text.", f"Name it like its folder: “name: {name}”.")
    if said != name:
        raise _Wrong(f"Its name is “{shown(shorten(said, 80))}”, but its folder is “{name}”.", "Name both alike.")
    description = front.get("description")
    if not isinstance(description, str) or not description.strip():
        raise _Wrong("It has no description.", "Say in it what the skill is for, and when to use it.")
    if len(description) > DESCRIPTION_CHARACTERS:
        raise _Wrong(f"Its description is longer than {DESCRIPTION_CHARACTERS} characters.", "Move the rest below.")
    body = plain(text[found.end() :]).strip()
    if not body:
        raise _Wrong("Nothing stands below its description.", "Write there what the agent is to do.")
    if len(body) > TEXT_CHARACTERS:
        raise _Wrong(f"It is longer than {TEXT_CHARACTERS:,} characters.", "Move parts into files beside it.")
    return Skill(name, " ".join(plain(description).split()), body, folder)


def _front(text: str) -> dict[str, Any]:
    # Most programs that are started never meet a skill, and the reader takes its time to load.
    yaml: Any = importlib.import_module("yaml")
    try:
        # A few lines whose parts stand for one another again and again would fill the memory.
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, yaml.SafeLoader)):
            raise _Wrong("What stands between the lines “---” repeats a part by its name (*).", "Write it out.")
        read = yaml.safe_load(text)
    # Besides its own errors, the reader lets out those of wrong dates, numbers and too deep nesting.
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f" (line {mark.line + 2})" if mark is not None else ""
        raise _Wrong(
            f"What stands between the lines “---” is no YAML{where}.", "Put texts with a colon in quotes."
        ) from error
    if not isinstance(read, dict):
        raise _Wrong("What stands between the lines “---” names no fields.")
    return read
