"""A person with a repository, and Studio's workspaces on an empty data folder."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from studio.base.paths import Paths
from studio.domain.projects import Project
from studio.workspace.git import find_git
from studio.workspace.workspaces import Workspaces
from tests.fixtures.git_stories import Person, StartWork, Work, make_person, make_project, make_run
from tests.fixtures.local_guest import LocalGuest


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    paths = Paths(tmp_path / "data folder é")
    paths.make()
    return paths


@pytest.fixture
def person(tmp_path: Path) -> Person:
    return make_person(tmp_path / "person")


@pytest.fixture
def workspaces(paths: Paths, person: Person) -> Workspaces:
    return Workspaces(paths, find_git(os.environ["PATH"]), person.environment)


@pytest.fixture
def project(person: Person) -> Project:
    return make_project(person.folder)


@pytest.fixture
def start_work(workspaces: Workspaces, project: Project, tmp_path: Path) -> StartWork:
    """Starts a run on the project, as far as the git boundary goes."""

    async def start(branch: str | None = None, title: str = "Fix the bug", project: Project = project) -> Work:
        await workspaces.register(project)
        run = make_run(project, await workspaces.base(project, branch), title)
        folder, mounts = await workspaces.prepare(run)
        home = tmp_path / f"guest-{run.id}"
        home.mkdir()
        guest = LocalGuest(folder, mounts, home)
        await workspaces.populate(run, guest)
        return Work(workspaces, project, run, guest)

    return start
