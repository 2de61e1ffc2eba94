"""The approved merge: it happens as a whole, or nothing of the person's changes."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from pathlib import Path

import pytest

from studio.domain.errors import NotFound, PolicyRefused, StudioError, UserError
from studio.workspace.workspaces import Workspaces
from tests.fixtures.git_stories import Person, StartWork, Work


async def changed_work(start_work: StartWork, script: str = "echo agent > src/file1.txt") -> Work:
    work = await start_work()
    await work.guest.shell(script)
    await work.must_snapshot()
    return work


async def refused(work: Work, person: Person, kind: type[StudioError], words: str, into: str | None = None) -> None:
    """The merge is refused with these words, and the person's repository is what it was."""
    before = person.everything()
    with pytest.raises(kind, match=words):
        await work.workspaces.merge(work.project, work.run, into)
    assert person.everything() == before


async def test_a_branch_that_is_not_checked_out_moves_without_touching_a_file(
    person: Person, start_work: StartWork
) -> None:
    work = await changed_work(start_work)
    person.git("checkout", "--quiet", "-b", "elsewhere")
    merged = await work.workspaces.merge(work.project, work.run)
    assert person.git("rev-parse", "main") == merged.commit
    assert person.read("src/file1.txt") != "agent\n"
    assert person.git("status", "--porcelain") == ""


async def test_a_branch_in_a_linked_worktree_moves_with_its_files(
    person: Person, start_work: StartWork, tmp_path: Path
) -> None:
    person.git("worktree", "add", "--quiet", "-b", "side", str(tmp_path / "side tree"))
    work = await changed_work(start_work)
    await work.workspaces.merge(work.project, work.run, "side")
    assert (tmp_path / "side tree/src/file1.txt").read_text() == "agent\n"
    assert person.read("src/file1.txt") != "agent\n"


async def test_commits_the_person_made_meanwhile_are_merged_with(person: Person, start_work: StartWork) -> None:
    work = await changed_work(start_work)
    person.write("src/file2.txt", "person\n")
    own = person.commit()
    merged = await work.workspaces.merge(work.project, work.run)
    assert merged.previous == own
    assert (person.read("src/file1.txt"), person.read("src/file2.txt")) == ("agent\n", "person\n")


async def test_uncommitted_work_in_other_files_stays_as_it_is(person: Person, start_work: StartWork) -> None:
    work = await changed_work(start_work)
    person.write("README.md", "being edited\n")
    person.write("src/file3.txt", "staged\n")
    person.git("add", "src/file3.txt")
    person.write("untracked.txt", "mine\n")
    await work.workspaces.merge(work.project, work.run)
    assert person.read("README.md") == "being edited\n"
    assert person.git("diff", "--cached", "--name-only") == "src/file3.txt"
    assert person.read("src/file1.txt") == "agent\n"


async def test_uncommitted_work_in_the_same_file_refuses_the_merge_and_names_the_file(
    person: Person, start_work: StartWork
) -> None:
    work = await changed_work(start_work)
    person.write("src/file1.txt", "being edited\n")
    await refused(work, person, UserError, r"in the way: src/file1\.txt\. Nothing was merged")
    assert person.read("src/file1.txt") == "being edited\n"


async def test_an_untracked_file_in_the_way_refuses_the_merge_and_is_named(
    person: Person, start_work: StartWork
) -> None:
    work = await changed_work(start_work, "echo agent > größe.txt")
    person.write("größe.txt", "mine\n")
    await refused(work, person, UserError, r"in the way: größe\.txt")
    assert person.read("größe.txt") == "mine\n"


async def test_a_conflict_refuses_the_merge_and_names_the_files(person: Person, start_work: StartWork) -> None:
    work = await changed_work(start_work, "echo agent > src/file1.txt && echo agent > src/file2.txt")
    person.write("src/file1.txt", "person\n")
    person.commit()
    await refused(work, person, UserError, r"same lines in src/file1\.txt\. Nothing was merged")


async def test_a_merge_in_progress_refuses_the_merge(person: Person, start_work: StartWork) -> None:
    work = await changed_work(start_work)
    person.git("checkout", "--quiet", "-b", "other")
    person.write("README.md", "other\n")
    person.commit()
    person.git("checkout", "--quiet", "main")
    person.git("merge", "--no-ff", "--no-commit", "other")
    await refused(work, person, UserError, "in the middle of a merge")


async def test_a_rebase_in_progress_refuses_the_merge_although_its_branch_looks_free(
    person: Person, start_work: StartWork
) -> None:
    work = await changed_work(start_work)
    person.write("README.md", "other\n")
    person.commit()
    person.environment["GIT_SEQUENCE_EDITOR"] = "sed -i 1s/^pick/edit/"
    person.git("rebase", "--quiet", "--interactive", "HEAD~1")
    await refused(work, person, UserError, "in the middle of a rebase")


async def test_a_run_from_a_detached_head_needs_a_branch_to_merge_into(person: Person, start_work: StartWork) -> None:
    person.git("checkout", "--quiet", "--detach")
    work = await changed_work(start_work)
    await refused(work, person, UserError, f"studio merge {work.run.id} --into BRANCH")
    assert (await work.workspaces.merge(work.project, work.run, "main")).into == "main"


async def test_an_unknown_branch_is_answered_with_similar_names(person: Person, start_work: StartWork) -> None:
    work = await changed_work(start_work)
    await refused(work, person, NotFound, "no branch 'mian'.*main", into="mian")


async def test_a_run_without_changes_has_nothing_to_merge(person: Person, start_work: StartWork) -> None:
    work = await start_work()
    await refused(work, person, UserError, "nothing to merge")


async def test_a_second_merge_of_the_same_work_says_that_it_is_there(person: Person, start_work: StartWork) -> None:
    work = await changed_work(start_work)
    await work.workspaces.merge(work.project, work.run)
    await refused(work, person, UserError, "in main already")


async def test_work_done_after_a_merge_can_be_merged_too(person: Person, start_work: StartWork) -> None:
    work = await changed_work(start_work)
    await work.workspaces.merge(work.project, work.run)
    await work.guest.shell("echo again > src/file1.txt")
    await work.must_snapshot()
    await work.workspaces.merge(work.project, work.run)
    assert person.read("src/file1.txt") == "again\n"


async def test_a_person_without_a_name_is_told_how_to_set_it(person: Person, start_work: StartWork) -> None:
    work = await changed_work(start_work)
    person.git("config", "--global", "--unset", "user.email")
    await refused(work, person, UserError, r"git config --global user\.name")


async def test_the_name_may_come_from_the_repositorys_own_settings(person: Person, start_work: StartWork) -> None:
    work = await changed_work(start_work)
    person.git("config", "user.name", "Other <Name>")
    await work.workspaces.merge(work.project, work.run)
    assert person.git("log", "-1", "--format=%ae") == "ada@example.com"


async def test_a_nested_repository_is_refused_since_its_files_would_be_missing(
    person: Person, start_work: StartWork
) -> None:
    work = await changed_work(
        start_work, "git init -q sub && cd sub && git -c user.name=x -c user.email=x@x commit -q --allow-empty -m x"
    )
    await refused(work, person, PolicyRefused, "nested repository at sub")


async def test_a_change_of_where_submodules_come_from_is_refused(person: Person, start_work: StartWork) -> None:
    work = await changed_work(start_work, "printf '[submodule \"x\"]\\n\\tpath = x\\n\\turl = ./x\\n' > .gitmodules")
    await refused(work, person, PolicyRefused, r"changes \.gitmodules")


HEARD = '<script src="http://127.0.0.1:40123/studio-console-Zq3-x_9.js"></script>'


async def test_a_page_that_loads_the_script_of_studios_console_is_refused_by_its_name(
    person: Person, start_work: StartWork
) -> None:
    work = await changed_work(start_work, f"mkdir -p app && echo '{HEARD}' > 'app/page one.html'")
    await refused(work, person, PolicyRefused, r"console in app/page one\.html")


async def test_a_page_from_which_that_line_is_taken_out_again_is_merged(person: Person, start_work: StartWork) -> None:
    person.write("page.html", f"{HEARD}\n<h1>Shop</h1>\n")
    person.git("add", "-A")
    person.git("commit", "-qm", "the page")
    work = await changed_work(start_work, "echo '<h1>Shop</h1>' > page.html; echo about studio-console- > notes.md")
    await work.workspaces.merge(work.project, work.run)
    assert "studio-console" not in person.git("show", "HEAD:page.html")


@pytest.mark.parametrize(
    "setting",
    [
        "merge.ff=false",
        "merge.autoStash=true",
        "protocol.file.allow=never",
        "transfer.fsckObjects=true",
        "safe.bareRepository=explicit",
        "push.recurseSubmodules=on-demand",
        "commit.gpgSign=true",
        "fetch.prune=true",
        "core.quotePath=true",
    ],
)
async def test_the_persons_settings_do_not_get_in_the_way(setting: str, person: Person, start_work: StartWork) -> None:
    work = await changed_work(start_work)
    person.git("config", "--global", *setting.split("="))
    merged = await work.workspaces.merge(work.project, work.run)
    assert person.git("rev-parse", "main") == merged.commit


async def test_two_runs_merge_one_after_the_other(person: Person, start_work: StartWork) -> None:
    first = await changed_work(start_work, "echo first > first.txt")
    second = await changed_work(start_work, "echo second > second.txt")
    await first.workspaces.merge(first.project, first.run)
    await second.workspaces.merge(second.project, second.run)
    assert (person.read("first.txt"), person.read("second.txt")) == ("first\n", "second\n")
    assert person.git("status", "--porcelain") == ""


async def test_a_branch_that_moves_while_it_is_merged_is_merged_with_where_it_went(
    person: Person, start_work: StartWork
) -> None:
    work = await changed_work(start_work)
    wrapper = person.folder.parent / "git-that-is-overtaken"
    # The person commits in another terminal just before their git is asked to take the merge over.
    wrapper.write_text(
        "#!/bin/sh\n"
        f'case "$*" in *--ff-only*) if mkdir "{wrapper}.done" 2> /dev/null; then\n'
        '  git -C "$2" commit --quiet --allow-empty -m overtaking; fi;; esac\n'
        'exec git "$@"\n'
    )
    wrapper.chmod(0o755)
    slow = Workspaces(work.workspaces.paths, str(wrapper), person.environment)
    merged = await slow.merge(work.project, work.run)
    assert person.git("log", "-1", "--format=%s", merged.previous) == "overtaking"
    assert person.read("src/file1.txt") == "agent\n"


async def test_a_merge_that_is_cancelled_while_files_are_written_is_finished_first(
    person: Person, start_work: StartWork
) -> None:
    work = await changed_work(start_work)
    wrapper, begun, may_go = (person.folder.parent / name for name in ("slow-git", "begun", "may-go"))
    os.mkfifo(begun)
    os.mkfifo(may_go)
    wrapper.write_text(
        f'#!/bin/sh\ncase "$*" in *--ff-only*) echo > "{begun}"; read -r _ < "{may_go}";; esac\nexec git "$@"\n'
    )
    wrapper.chmod(0o755)
    slow = Workspaces(work.workspaces.paths, str(wrapper), person.environment)
    task = asyncio.create_task(slow.merge(work.project, work.run))
    await asyncio.to_thread(begun.read_text)
    task.cancel()
    await asyncio.to_thread(may_go.write_text, "go\n")
    with pytest.raises(asyncio.CancelledError):
        await task
    assert person.read("src/file1.txt") == "agent\n"
    assert person.git("status", "--porcelain") == ""


async def test_a_hostile_title_stays_inside_the_merge_message(person: Person, start_work: StartWork) -> None:
    work = await changed_work(start_work)
    work.run = replace(work.run, title="x\n\nSigned-off-by: You\x1b[31m\u202e" + "y" * 500)
    await work.workspaces.merge(work.project, work.run)
    body = person.git("log", "-1", "--format=%B")
    assert "\nSigned-off-by" not in body
    assert "\x1b" not in body
    assert len(body.splitlines()[0]) < 120
