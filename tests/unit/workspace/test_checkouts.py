"""What Studio reads from a person's checkout, and what it says when it cannot."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from studio.domain.errors import GitError, NotFound, UserError
from studio.domain.ids import ProjectId
from studio.domain.projects import Project
from studio.workspace.workspaces import Workspaces
from tests.fixtures.git_stories import Person, StartWork


def at(folder: Path) -> Project:
    return Project(ProjectId.new(), "other", folder, datetime.now(UTC))


async def test_a_run_starts_on_what_is_checked_out(person: Person, project: Project, workspaces: Workspaces) -> None:
    await workspaces.register(project)
    base = await workspaces.base(project)
    assert (base.branch, base.commit) == ("main", person.git("rev-parse", "HEAD"))


async def test_a_commit_made_after_registering_is_seen(
    person: Person, project: Project, workspaces: Workspaces
) -> None:
    await workspaces.register(project)
    person.write("later.txt", "later\n")
    commit = person.commit()
    assert (await workspaces.base(project)).commit == commit


async def test_a_branch_with_slashes_and_letters_of_any_script_can_be_the_base(
    person: Person, project: Project, workspaces: Workspaces
) -> None:
    await workspaces.register(project)
    person.git("branch", "ünï/cödé")
    assert (await workspaces.base(project, "ünï/cödé")).branch == "ünï/cödé"
    assert set(await workspaces.branches(project)) == {"main", "ünï/cödé"}


async def test_a_branch_that_took_the_place_of_a_folder_of_branches_is_seen(
    person: Person, project: Project, workspaces: Workspaces
) -> None:
    person.git("branch", "topic")
    await workspaces.register(project)
    person.git("branch", "--delete", "topic")
    person.git("branch", "topic/part")
    assert (await workspaces.base(project, "topic/part")).branch == "topic/part"


async def test_an_unknown_branch_is_answered_with_similar_names(
    person: Person, project: Project, workspaces: Workspaces
) -> None:
    await workspaces.register(project)
    person.git("branch", "feature/login")
    with pytest.raises(NotFound, match="feature/login"):
        await workspaces.base(project, "feature/logn")


@pytest.mark.parametrize("name", ["--output=x", "main..other", "HEAD", "main^", "@{-1}", "", "a b"])
async def test_a_name_that_is_no_branch_is_not_found(
    name: str, person: Person, project: Project, workspaces: Workspaces
) -> None:
    await workspaces.register(project)
    if name:
        with pytest.raises(NotFound):
            await workspaces.base(project, name)
    else:
        assert (await workspaces.base(project, name)).branch == "main"


async def test_a_detached_head_is_a_base_without_a_branch(
    person: Person, project: Project, workspaces: Workspaces
) -> None:
    person.write("second.txt", "second\n")
    person.commit()
    person.git("checkout", "--quiet", "--detach", "HEAD~1")
    await workspaces.register(project)
    base = await workspaces.base(project)
    assert (base.branch, base.commit) == ("", person.git("rev-parse", "HEAD"))


async def test_a_folder_without_a_repository_is_refused_with_the_next_action(
    tmp_path: Path, workspaces: Workspaces
) -> None:
    with pytest.raises(UserError, match=r"is not a Git repository.*git init"):
        await workspaces.register(at(tmp_path))


async def test_a_missing_folder_is_not_found(tmp_path: Path, workspaces: Workspaces) -> None:
    with pytest.raises(NotFound, match="There is no folder"):
        await workspaces.register(at(tmp_path / "nowhere"))


async def test_a_folder_inside_a_repository_is_refused_and_the_repository_named(
    person: Person, project: Project, workspaces: Workspaces
) -> None:
    with pytest.raises(UserError, match=f"Add the whole repository: {person.folder}"):
        await workspaces.register(at(person.folder / "src"))


async def test_a_bare_repository_is_refused(person: Person, tmp_path: Path, workspaces: Workspaces) -> None:
    person.git("init", "--quiet", "--bare", str(tmp_path / "bare.git"))
    with pytest.raises(UserError, match="bare repository"):
        await workspaces.register(at(tmp_path / "bare.git"))


async def test_an_empty_repository_registers_and_says_that_a_run_needs_a_first_commit(
    person: Person, tmp_path: Path, workspaces: Workspaces
) -> None:
    person.git("init", "--quiet", "--initial-branch=main", str(tmp_path / "empty"))
    empty = at(tmp_path / "empty")
    await workspaces.register(empty)
    with pytest.raises(UserError, match=r"has no commit yet.*git commit"):
        await workspaces.base(empty)
    with pytest.raises(UserError, match="has no commit yet"):
        await workspaces.base(empty, "main")


async def test_a_project_that_was_never_registered_says_so(project: Project, workspaces: Workspaces) -> None:
    with pytest.raises(GitError, match=r"project\.git is missing"):
        await workspaces.base(project)


async def test_a_forgotten_project_leaves_the_checkout_alone(
    person: Person, project: Project, workspaces: Workspaces
) -> None:
    await workspaces.register(project)
    before = person.everything()
    await workspaces.forget(project.id)
    assert person.everything() == before
    with pytest.raises(GitError):
        await workspaces.base(project)


async def test_registering_twice_changes_nothing(person: Person, project: Project, workspaces: Workspaces) -> None:
    await workspaces.register(project)
    await workspaces.register(project)
    assert (await workspaces.base(project)).branch == "main"


async def test_a_linked_worktree_is_a_checkout_too(
    person: Person, project: Project, workspaces: Workspaces, tmp_path: Path
) -> None:
    person.git("worktree", "add", "--quiet", "-b", "side", str(tmp_path / "side"))
    linked = replace(project, path=tmp_path / "side")
    await workspaces.register(linked)
    assert (await workspaces.base(linked)).branch == "side"


async def test_history_that_fails_todays_checks_can_be_worked_on(person: Person, start_work: StartWork) -> None:
    tree = person.git("rev-parse", "HEAD^{tree}")
    (person.folder / "raw").write_text(f"tree {tree}\nauthor A <a@b> 0 +051800\ncommitter A <a@b> 0 +051800\n\nold\n")
    odd = person.git("hash-object", "-t", "commit", "-w", "--literally", "raw")
    (person.folder / "raw").unlink()
    person.git("reset", "--quiet", "--hard", odd)
    work = await start_work()
    (work.guest.folder / "README.md").write_text("changed\n")
    await work.must_snapshot()
    assert (await work.workspaces.merge(work.project, work.run)).previous == odd


async def test_a_shallow_clone_can_be_worked_on_and_merged_into(
    person: Person, project: Project, tmp_path: Path, start_work: StartWork, workspaces: Workspaces
) -> None:
    for number in range(3):
        person.write("README.md", f"{number}\n")
        person.commit()
    shallow = Person(tmp_path / "shallow", person.environment)
    person.git("clone", "--quiet", "--depth=1", f"file://{person.folder}", str(shallow.folder))
    work = await start_work(project=replace(project, path=shallow.folder))
    (work.guest.folder / "README.md").write_text("changed\n")
    await work.must_snapshot()
    await work.workspaces.merge(work.project, work.run)
    assert shallow.read("README.md") == "changed\n"
    assert shallow.git("rev-parse", "--is-shallow-repository") == "true"


async def test_a_repository_with_sha256_names_can_be_worked_on(
    person: Person, project: Project, tmp_path: Path, start_work: StartWork
) -> None:
    modern = Person(tmp_path / "modern", person.environment)
    modern.folder.mkdir()
    modern.git("init", "--quiet", "--object-format=sha256", "--initial-branch=main")
    modern.write("a.txt", "a\n")
    modern.commit()
    work = await start_work(project=replace(project, path=modern.folder))
    (work.guest.folder / "a.txt").write_text("b\n")
    assert len((await work.must_snapshot()).commit) == 64
    await work.workspaces.merge(work.project, work.run)
    assert modern.read("a.txt") == "b\n"
