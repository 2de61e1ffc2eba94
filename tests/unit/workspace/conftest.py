"""A person with a repository, and Studio's workspaces on an empty data folder."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from studio.base.paths import Paths
from studio.domain.ids import ProjectId, RunId
from studio.domain.models import ModelRef
from studio.domain.projects import Project
from studio.domain.runs import Run, branch_name
from studio.workspace.git import find_git
from studio.workspace.workspaces import Workspaces
from tests.fixtures.git_stories import Person, StartWork, Work
from tests.fixtures.local_guest import LocalGuest


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    paths = Paths(tmp_path / "data folder é")
    paths.make()
    return paths


@pytest.fixture
def person(tmp_path: Path) -> Person:
    home = tmp_path / "person"
    folder = home / "my projects" / "größe"
    folder.mkdir(parents=True)
    (home / ".gitconfig").write_text("[user]\n\tname = Ada Person\n\temail = ada@example.com\n")
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "LC_ALL": "C.UTF-8"}
    person = Person(folder, environment)
    person.git("init", "--quiet", "--initial-branch=main")
    for number in range(10):
        person.write(f"src/file{number}.txt", "".join(f"line {line}\n" for line in range(20)))
    person.write("README.md", "Hello\n")
    person.commit("Start")
    return person


@pytest.fixture
def workspaces(paths: Paths, person: Person) -> Workspaces:
    return Workspaces(paths, find_git(os.environ["PATH"]), person.environment)


@pytest.fixture
def project(person: Person) -> Project:
    return Project(ProjectId.new(), "size", person.folder, datetime.now(UTC))


@pytest.fixture
def start_work(workspaces: Workspaces, project: Project, tmp_path: Path) -> StartWork:
    """Starts a run on the project, as far as the git boundary goes."""

    async def start(branch: str | None = None, title: str = "Fix the bug", project: Project = project) -> Work:
        await workspaces.register(project)
        base = await workspaces.base(project, branch)
        run_id = RunId.new()
        run = Run(
            id=run_id,
            project=project.id,
            role="engineer",
            title=title,
            model=ModelRef("scripted", "demo"),
            base_branch=base.branch,
            base_commit=base.commit,
            branch=branch_name(run_id, title),
            head=base.commit,
            created=datetime.now(UTC),
        )
        folder, mounts = await workspaces.prepare(run)
        home = tmp_path / f"guest-{run_id}"
        home.mkdir()
        guest = LocalGuest(folder, mounts, home)
        await workspaces.populate(run, guest)
        return Work(workspaces, project, run, guest)

    return start
