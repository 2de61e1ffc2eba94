"""Roles: those that Studio brings, and those of a project's repository as a commit of it says."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path

from studio.agents.role_files import Bounds, RoleFile, read_role
from studio.agents.role_parts import Part
from studio.base.aio import in_thread
from studio.base.text import plain, shorten
from studio.domain.ids import ProjectId
from studio.domain.roles import Role, RoleList, RoleProblem
from studio.tools.mcp import Nameable
from studio.tools.table import TOOLS
from studio.workspace.tree_files import TreeFile
from studio.workspace.workspaces import Workspaces

PROJECT_FOLDER = ".studio/roles"
"""Where a repository keeps its own roles, and parts beside them."""

USUAL = "engineer"
"""The role of a run that names none; a role that Studio does not know stays within it."""

KEPT = 32
"""For how many commits the roles are remembered; those of a commit never change."""

_NAMEABLE = Nameable(TOOLS)
_ROLE, _PART = ".toml", ".md"
_Entry = Role | tuple[RoleProblem, ...]


class Roles:
    """The roles of a folder of TOML files with a folder `parts` beside, and with them those of projects."""

    def __init__(self, folder: Path, workspaces: Workspaces) -> None:
        self._folder = folder
        self._workspaces = workspaces
        self._brought: RoleList | None = None
        self._known: OrderedDict[tuple[ProjectId, str], RoleList] = OrderedDict()

    async def brought(self) -> RoleList:
        """The roles that Studio brings."""
        if self._brought is None:
            self._brought = await in_thread(_brought, self._folder)
        return self._brought

    async def at(self, project: ProjectId, commit: str) -> RoleList:
        """The roles that count for a project at this commit of its private repository.

        A role of the project takes the place of one that Studio brings, also when its file is wrong: what it was
        meant to narrow is not widened by a fault. Raises UserError or GitError when the folder cannot be read.
        """
        if (found := self._known.get((project, commit))) is not None:
            return found
        brought = await self.brought()
        files = await self._workspaces.commits.read_folder(project, commit, PROJECT_FOLDER, (_ROLE, _PART))
        found = await in_thread(_of_project, files, brought, self._folder) if files else brought
        self._known[(project, commit)] = found
        if len(self._known) > KEPT:
            self._known.popitem(last=False)
        return found


def _brought(folder: Path) -> RoleList:
    parts = shipped_parts(folder)
    files = [RoleFile(f"roles/{path.name}", path.stem, path.read_bytes()) for path in sorted(folder.glob(f"*{_ROLE}"))]
    return _listed({file.role: read_role(file, parts, _NAMEABLE) for file in files})


def shipped_parts(folder: Path) -> dict[str, Part]:
    """The parts of prompts that Studio brings, in a folder of its roles."""
    paths = sorted((folder / "parts").glob(f"*{_PART}"))
    return {path.stem: Part(f"roles/parts/{path.name}", path.read_text("utf-8")) for path in paths}


def _of_project(files: tuple[TreeFile, ...], brought: RoleList, folder: Path) -> RoleList:
    shipped = shipped_parts(folder)
    # A role that Studio brings means the same in every project, so nothing takes the place of its parts.
    parts = {**{file.name.removesuffix(_PART): _part(file) for file in files if file.name.endswith(_PART)}, **shipped}
    entries: dict[str, _Entry] = {role.name: role for role in brought.roles}
    usual = brought.get(USUAL)
    for file in files:
        if not file.name.endswith(_ROLE):
            continue
        name = file.name.removesuffix(_ROLE)
        known = next((role for role in brought.roles if role.name == name), None)
        taken = frozenset(role.title.casefold() for role in brought.roles if role.name != name)
        role_file = RoleFile(_label(file), name, file.data, file.unread)
        entries[name] = read_role(role_file, parts, _NAMEABLE, Bounds(known or usual, known, taken))
    found = _listed(entries)
    return RoleList(found.roles, (*brought.problems, *found.problems, *_hidden(files, shipped)))


def _hidden(files: tuple[TreeFile, ...], shipped: dict[str, Part]) -> tuple[RoleProblem, ...]:
    sentence = "Studio brings a part of this name, which is taken instead."
    hint = "Give yours another name and include that."
    names = {f"{name}{_PART}" for name in shipped}
    return tuple(RoleProblem(_label(file), "", sentence, hint) for file in files if file.name in names)


def _label(file: TreeFile) -> str:
    return f"{PROJECT_FOLDER}/{shorten(file.name, 80)}"


def _part(file: TreeFile) -> Part:
    label = _label(file)
    try:
        return Part(label, plain(file.data.decode("utf-8")), file.unread)
    except UnicodeDecodeError:
        return Part(label, unread="is not UTF-8 text")


def _listed(entries: dict[str, _Entry]) -> RoleList:
    roles = [entry for entry in entries.values() if isinstance(entry, Role)]
    problems = [problem for entry in entries.values() if not isinstance(entry, Role) for problem in entry]
    return RoleList(tuple(sorted(roles, key=lambda role: role.name)), tuple(problems))
