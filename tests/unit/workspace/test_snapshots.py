"""Snapshots: whatever an agent does to its files or its git, its work is saved."""

from __future__ import annotations

import asyncio
import os

import pytest

from studio.base.paths import Paths
from studio.domain.errors import GitError
from tests.fixtures.git_stories import Person, StartWork, Work


def saved(work: Work, path: str, commit: str | None = None) -> str:
    """A file as the private repository holds it."""
    repository = work.workspaces.folder(work.run.id).parents[2] / "projects" / work.project.id / "project.git"
    person = Person(repository, {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent"})
    return person.git("show", f"{commit or work.run.head}:{path}")


async def test_a_fresh_workspace_has_the_files_of_its_base_and_nothing_to_save(start_work: StartWork) -> None:
    work = await start_work()
    assert (work.guest.folder / "README.md").read_text() == "Hello\n"
    assert not await work.changed()
    assert await work.snapshot() is None


async def test_looking_for_changes_costs_one_process(start_work: StartWork) -> None:
    work = await start_work()
    before = work.guest.spawned
    await work.changed()
    assert work.guest.spawned == before + 1


async def test_an_edit_of_the_same_length_right_after_a_snapshot_is_seen(start_work: StartWork) -> None:
    work = await start_work()
    for number in range(10):
        (work.guest.folder / "README.md").write_text(f"Hell{number}\n")
        assert await work.changed()
        await work.must_snapshot()
        assert not await work.changed()


async def test_each_snapshot_follows_the_one_before(start_work: StartWork) -> None:
    work = await start_work()
    (work.guest.folder / "a").write_text("1")
    first = await work.must_snapshot("First")
    (work.guest.folder / "a").unlink()
    (work.guest.folder / "b").write_text("2")
    second = await work.must_snapshot("Second")
    assert first.parent == work.run.base_commit
    assert second.parent == first.commit
    assert second.files == ("a", "b")
    assert saved(work, "a", first.commit) == "1"


async def test_what_is_kept_beside_a_file_that_both_sides_changed_is_in_no_commit(start_work: StartWork) -> None:
    work = await start_work()
    (work.guest.folder / ".env.studio-conflict").write_text("KEY=secret")
    (work.guest.folder / ".env.studio-conflict-2").write_text("KEY=secret")

    assert not await work.changed()
    assert await work.snapshot() is None


async def test_nor_is_it_in_a_workspace_that_is_older_than_the_rule(start_work: StartWork) -> None:
    work = await start_work()
    exclude = work.guest.folder / ".git/info/exclude"
    exclude.unlink()
    (work.guest.folder / ".env.studio-conflict").write_text("KEY=secret")

    assert await work.snapshot() is None
    assert not await work.changed()


@pytest.mark.parametrize("ignored", ["*\n!*/\n!in/**\n", "!*.studio-conflict\n"])
async def test_nor_is_it_where_a_gitignore_takes_it_in_again(
    ignored: str, person: Person, start_work: StartWork
) -> None:
    person.write(".gitignore", ignored)
    person.write("in/app.py", "first")
    person.git("add", "--force", ".")
    person.commit()
    work = await start_work()
    (work.guest.folder / "in/app.py").write_text("mine")
    (work.guest.folder / "in/app.py.studio-conflict").write_text("theirs")

    assert (await work.must_snapshot()).files == ("in/app.py",)


async def test_ignored_files_are_not_saved_and_do_not_count_as_changes(person: Person, start_work: StartWork) -> None:
    person.write(".gitignore", "build/\n")
    person.commit()
    work = await start_work()
    await work.guest.shell("mkdir build && echo x > build/out")
    assert not await work.changed()


async def test_what_the_agent_staged_and_its_view_of_its_changes_stay_as_they_are(start_work: StartWork) -> None:
    work = await start_work()
    await work.guest.shell("echo one > staged && git add staged && echo two > loose && echo changed > README.md")
    before = (await work.guest.shell("git status --porcelain && git diff")).stdout
    await work.must_snapshot()
    assert (await work.guest.shell("git status --porcelain && git diff")).stdout == before
    assert b"+changed" in before


async def test_the_agents_own_commit_becomes_the_snapshot(start_work: StartWork) -> None:
    work = await start_work()
    await work.guest.shell("echo mine > mine && git add --all && git commit --quiet --message 'My own words'")
    own = (await work.guest.shell("git rev-parse HEAD")).stdout.decode().strip()
    assert await work.changed()
    assert (await work.must_snapshot()).commit == own
    assert not await work.changed()


async def test_the_agents_commits_are_part_of_the_branch_when_more_was_changed_since(start_work: StartWork) -> None:
    work = await start_work()
    await work.guest.shell("echo 1 > a && git add . && git commit -qm 'My step' && echo 2 > b")
    await work.must_snapshot()
    log = await work.guest.shell("git log --format=%s refs/studio/head")
    assert b"My step" in log.stdout
    assert saved(work, "b") == "2"


async def test_a_commit_of_what_was_saved_already_is_brought_home_as_well(start_work: StartWork) -> None:
    work = await start_work()
    (work.guest.folder / "a").write_text("1")
    await work.must_snapshot()
    await work.guest.shell("git add . && git commit -qm 'In my words'")
    assert await work.changed()
    assert (await work.must_snapshot()).files == ()
    assert not await work.changed()
    assert b"In my words" in (await work.guest.shell("git log --format=%s refs/studio/head")).stdout


async def test_a_move_back_to_an_older_commit_is_nothing_new(person: Person, start_work: StartWork) -> None:
    person.write("README.md", "Hello again\n")
    person.commit()
    work = await start_work()
    await work.guest.shell("git checkout -q --detach HEAD~1")
    await work.must_snapshot()
    assert saved(work, "README.md") == "Hello"
    assert not await work.changed()


@pytest.mark.parametrize(
    "trouble",
    [
        "git checkout -q -b elsewhere",
        "git checkout -q --detach",
        "touch .git/index.lock",
        "git checkout -q -b other && echo o > README.md && git commit -qam o && git checkout -q - && echo m > README.md"
        " && git commit -qam m && ! git merge other > /dev/null",
        "mkdir .git/hooks && printf '#!/bin/sh\\nexit 1\\n' > .git/hooks/pre-commit && chmod +x .git/hooks/pre-commit",
        "git config core.hooksPath .husky && git config commit.gpgSign true && git config user.useConfigOnly true",
        "rm -rf .git",
        "rm -rf .git && git init -q . && git add . && git -c user.name=x -c user.email=x@x commit -qm new",
        "rm .git/objects/info/alternates",
        "rm -r .git/studio",
        "echo broken > .git/index",
        "echo broken > .git/studio/index",
        "touch .git/studio/index.lock",
        "git stash -q || true",
        "echo '*.txt filter=lfs diff=lfs merge=lfs -text' > .gitattributes",
    ],
)
async def test_work_is_saved_whatever_state_the_agents_git_is_in(trouble: str, start_work: StartWork) -> None:
    work = await start_work()
    await work.guest.shell(trouble)
    (work.guest.folder / "precious.txt").write_text("work\n")
    assert await work.changed()
    snapshot = await work.must_snapshot()
    assert "precious.txt" in snapshot.files
    assert "src/file1.txt" not in snapshot.files
    assert saved(work, "precious.txt") == "work"
    assert not await work.changed()


@pytest.mark.parametrize("broken", ["echo '[broken' > .git/config", "rm -rf .git; echo no > .git", "rm -rf .git"])
async def test_a_repository_that_git_cannot_read_is_made_anew_and_costs_no_file(
    start_work: StartWork, broken: str
) -> None:
    work = await start_work()
    (work.guest.folder / "precious.txt").write_text("work\n")
    await work.guest.shell(broken)
    snapshot = await work.must_snapshot()
    assert snapshot.files == ("precious.txt",)
    assert saved(work, "precious.txt") == "work"
    assert not await work.changed()


async def test_a_nested_repository_without_a_commit_does_not_keep_other_work_from_being_saved(
    start_work: StartWork,
) -> None:
    work = await start_work()
    await work.guest.shell("git init -q nested && echo x > nested/x && echo y > y")
    snapshot = await work.must_snapshot("Step")
    assert snapshot.files == ("y",)
    message = await work.guest.shell("git log -1 --format=%B refs/studio/head")
    assert b"Left out:" in message.stdout
    assert b"nested" in message.stdout


async def test_a_workspace_taken_up_again_keeps_every_file_as_it_is(start_work: StartWork) -> None:
    work = await start_work()
    await work.guest.shell("echo edited > README.md && rm src/file1.txt && echo new > new && git add new")
    before = (await work.guest.shell("git status --porcelain")).stdout
    await work.workspaces.prepare(work.run)
    await work.workspaces.populate(work.run, work.guest)
    assert (await work.guest.shell("git status --porcelain")).stdout == before
    assert (work.guest.folder / "README.md").read_text() == "edited\n"
    assert await work.changed()


async def test_a_workspace_without_its_git_folder_is_taken_up_again_with_its_files(start_work: StartWork) -> None:
    work = await start_work()
    await work.guest.shell("echo edited > README.md && rm src/file1.txt && rm -rf .git")
    await work.workspaces.populate(work.run, work.guest)
    snapshot = await work.must_snapshot()
    assert snapshot.files == ("README.md", "src/file1.txt")


async def test_a_populate_that_was_cut_short_is_done_again(start_work: StartWork, paths: Paths) -> None:
    work = await start_work()
    (paths.workspaces / work.run.id / "populated").unlink()
    (work.guest.folder / "README.md").write_text("Hel")
    (work.guest.folder / ".git/index.lock").touch()
    await work.workspaces.populate(work.run, work.guest)
    assert (work.guest.folder / "README.md").read_text() == "Hello\n"
    assert not await work.changed()


async def test_a_workspace_whose_files_were_removed_is_made_anew_from_the_newest_snapshot(
    start_work: StartWork,
) -> None:
    work = await start_work()
    (work.guest.folder / "new").write_text("new\n")
    await work.must_snapshot()
    await work.workspaces.remove(work.run.id)
    assert not work.guest.folder.exists()
    await work.workspaces.prepare(work.run)
    await work.workspaces.populate(work.run, work.guest)
    assert (work.guest.folder / "new").read_text() == "new\n"
    assert await work.snapshot() is None


async def test_a_snapshot_that_was_taken_but_not_acknowledged_is_taken_again_and_none_is_lost(
    start_work: StartWork,
) -> None:
    work = await start_work()
    (work.guest.folder / "a").write_text("1")
    before = work.run
    first = await work.must_snapshot()
    work.run = before
    second = await work.must_snapshot("Again")
    assert second.parent == before.head
    assert saved(work, "a", first.commit) == saved(work, "a", second.commit) == "1"


async def test_a_lock_that_a_power_cut_left_blocks_no_run(start_work: StartWork, paths: Paths) -> None:
    work = await start_work()
    lock = paths.projects / work.project.id / "project.git" / "refs" / "runs" / f"{work.run.id}.lock"
    lock.touch()
    (work.guest.folder / "a").write_text("1")
    with pytest.raises(GitError, match="lock"):
        await work.snapshot()
    os.utime(lock, (0, 0))
    await work.workspaces.prepare(work.run)
    assert (await work.must_snapshot()).files == ("a",)


async def test_a_snapshot_can_be_cancelled_at_any_moment_and_taken_again(start_work: StartWork) -> None:
    work = await start_work()
    (work.guest.folder / "a").write_text("1")
    for delay in (0.0, 0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.07, 0.08, 0.1, 0.12):
        task = asyncio.create_task(work.workspaces.snapshot(work.run, work.guest, "step"))
        await asyncio.wait({task}, timeout=delay)
        task.cancel()
        await asyncio.wait({task})
        assert task.cancelled() or task.exception() is None
    assert (await work.must_snapshot()).files == ("a",)


async def test_many_runs_save_at_once(start_work: StartWork) -> None:
    works = [await start_work() for _ in range(5)]
    for number, work in enumerate(works):
        (work.guest.folder / "mine").write_text(str(number))
    await asyncio.gather(*(work.must_snapshot() for work in works))
    assert [saved(work, "mine") for work in works] == ["0", "1", "2", "3", "4"]


async def test_links_submodules_and_attributes_survive_the_way_out_and_home(
    person: Person, start_work: StartWork
) -> None:
    (person.folder / "link").symlink_to("README.md")
    (person.folder / "dangling").symlink_to("/nowhere")
    person.write(".gitattributes", "*.txt text eol=crlf\n*.bin filter=lfs -text\n")
    person.write("big.bin", "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n")
    person.git("update-index", "--add", "--cacheinfo", f"160000,{person.git('rev-parse', 'HEAD')},vendor/sub")
    person.write(".gitmodules", '[submodule "sub"]\n\tpath = vendor/sub\n\turl = https://example.invalid/sub\n')
    person.git("add", "--all", ":!vendor")
    person.git("commit", "--quiet", "--message", "Everything odd")
    work = await start_work()
    assert not await work.changed()
    assert (work.guest.folder / "link").is_symlink()
    (work.guest.folder / "src/file1.txt").write_text("x\r\n")
    assert (await work.must_snapshot()).files == ("src/file1.txt",)
    await work.workspaces.merge(work.project, work.run)
    assert "160000" in person.git("ls-tree", "HEAD", "vendor/sub")


async def test_a_message_of_any_kind_is_only_a_message(start_work: StartWork) -> None:
    work = await start_work()
    (work.guest.folder / "a").write_text("1")
    await work.must_snapshot("$(touch owned) `touch owned`\n-p HEAD\0\n'\"\\ é\ud800")
    assert not (work.guest.folder / "owned").exists()
    assert b"touch owned" in (await work.guest.shell("git log -1 --format=%B refs/studio/head")).stdout


async def test_removing_a_workspace_copes_with_closed_and_very_deep_folders(start_work: StartWork) -> None:
    work = await start_work()
    await work.guest.shell("mkdir closed && touch closed/x && chmod 000 closed")
    dig = "import os\nfor _ in range(2000):\n    os.mkdir('deep')\n    os.chdir('deep')\n"
    await work.guest.run(("python3", "-c", dig))
    await work.workspaces.remove(work.run.id)
    assert not work.guest.folder.parent.exists()


async def test_removing_a_workspace_does_not_follow_links(start_work: StartWork, person: Person) -> None:
    work = await start_work()
    (work.guest.folder / "out").symlink_to(person.folder, target_is_directory=True)
    await work.workspaces.remove(work.run.id)
    assert person.read("README.md") == "Hello\n"
