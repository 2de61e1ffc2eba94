"""The diff of a run, as a person reviews it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from studio.domain.changes import Diff, FileChange, FileStatus
from studio.workspace import diff as diff_module
from studio.workspace.names import shown
from tests.fixtures.git_stories import Person, StartWork, Work


async def diff_after(work: Work, script: str) -> dict[str, FileChange]:
    await work.guest.shell(script)
    await work.must_snapshot()
    diff = await work.workspaces.diff(work.run)
    return {file.path: file for file in diff.files}


async def test_a_run_that_changed_nothing_has_an_empty_diff(start_work: StartWork) -> None:
    work = await start_work()
    assert await work.workspaces.diff(work.run) == Diff(work.run.base_commit, work.run.base_commit, ())


async def test_every_kind_of_change_is_told_apart(start_work: StartWork) -> None:
    work = await start_work()
    files = await diff_after(
        work,
        "git mv src/file1.txt src/moved.txt && rm src/file2.txt && echo more >> README.md && printf '\\0\\1' > raw.bin"
        " && chmod +x src/file4.txt && rm src/file5.txt && ln -s file6.txt src/file5.txt && : > empty"
        " && printf 'no end' > no-end",
    )
    assert {path: file.status for path, file in files.items()} == {
        "README.md": FileStatus.MODIFIED,
        "empty": FileStatus.ADDED,
        "no-end": FileStatus.ADDED,
        "raw.bin": FileStatus.ADDED,
        "src/file2.txt": FileStatus.DELETED,
        "src/file4.txt": FileStatus.MODIFIED,
        "src/file5.txt": FileStatus.MODIFIED,
        "src/moved.txt": FileStatus.RENAMED,
    }
    assert files["README.md"].patch == "@@ -1 +1,2 @@\n Hello\n+more\n"
    assert files["src/moved.txt"].old_path == "src/file1.txt"
    assert files["src/moved.txt"].patch == ""
    assert files["raw.bin"].binary
    assert files["raw.bin"].patch == ""
    assert (files["src/file2.txt"].added, files["src/file2.txt"].removed) == (0, 20)
    assert "-line 19\n" in files["src/file5.txt"].patch
    assert "+file6.txt\n" in files["src/file5.txt"].patch
    assert "\\ No newline at end of file" in files["no-end"].patch
    assert not any(file.cut for file in files.values())


async def test_totals_count_all_files(start_work: StartWork) -> None:
    work = await start_work()
    await diff_after(work, "echo 1 > a && printf '1\\n2\\n' > b && rm README.md")
    diff = await work.workspaces.diff(work.run, patches=False)
    assert (diff.added, diff.removed, len(diff.files)) == (3, 1, 3)
    assert not any(file.patch or file.cut for file in diff.files)


async def test_text_that_looks_like_a_diff_does_not_confuse_the_diff(start_work: StartWork) -> None:
    work = await start_work()
    files = await diff_after(work, "printf 'diff --git a/x b/x\\n@@ -1 +1 @@\\n' > a && echo last > b")
    assert files["a"].patch == "@@ -0,0 +1,2 @@\n+diff --git a/x b/x\n+@@ -1 +1 @@\n"
    assert files["b"].patch == "@@ -0,0 +1 @@\n+last\n"


async def test_a_name_that_hides_something_is_written_out(start_work: StartWork) -> None:
    work = await start_work()
    names = ["exe\u202etxt.py", "two\nlines", "zero\u200bwidth", "tab\there", '"quoted"', "ünï"]
    for name in names:
        (work.guest.folder / name).write_text("x\n")
    (work.guest.folder / os.fsdecode(b"no-utf8-\xff")).write_text("x\n")
    snapshot = await work.must_snapshot()
    diff = await work.workspaces.diff(work.run)
    wanted = {*map(shown, names), "no-utf8-\\xff"}
    assert {file.path for file in diff.files} == wanted == set(snapshot.files)
    assert "two\\nlines" in wanted
    assert "ünï" in wanted
    assert all(file.patch == "@@ -0,0 +1 @@\n+x\n" for file in diff.files)


async def test_a_large_patch_is_cut_at_a_line_and_says_so(start_work: StartWork) -> None:
    work = await start_work()
    files = await diff_after(work, "seq 100000 > long && echo short > short")
    assert files["long"].cut
    assert files["long"].added == 100000
    assert files["long"].patch.endswith("\n")
    assert diff_module.PATCH_MAX - 10 < len(files["long"].patch) <= diff_module.PATCH_MAX
    assert not files["short"].cut


async def test_all_patches_together_stay_within_their_cap(start_work: StartWork) -> None:
    work = await start_work()
    await diff_after(work, "for n in $(seq 40); do seq 30000 > long$n; done")
    diff = await work.workspaces.diff(work.run)
    assert sum(len(file.patch) for file in diff.files) <= diff_module.PATCHES_MAX
    assert diff.files[0].patch
    assert diff.files[-1].cut
    assert diff.added == 40 * 30000


async def test_files_beyond_the_cap_are_counted(start_work: StartWork) -> None:
    work = await start_work()
    await diff_after(work, "for n in $(seq 2100); do echo $n > many$n; done")
    diff = await work.workspaces.diff(work.run)
    assert (len(diff.files), diff.left_out) == (2000, 100)


async def test_a_huge_file_is_shown_as_binary(start_work: StartWork) -> None:
    work = await start_work()
    files = await diff_after(work, "seq 1000000 > huge")
    assert files["huge"].binary


async def test_a_nested_repository_is_visible_in_the_diff(start_work: StartWork) -> None:
    work = await start_work()
    files = await diff_after(
        work, "git init -q sub && cd sub && git -c user.name=x -c user.email=x@x commit -q --allow-empty -m x"
    )
    assert "+Subproject commit" in files["sub"].patch


@pytest.mark.parametrize("setting", ["diff.external=false", "diff.noprefix=true", "color.ui=always"])
async def test_the_persons_git_settings_do_not_change_the_diff(
    setting: str, person: Person, start_work: StartWork
) -> None:
    person.git("config", "--global", *setting.split("="))
    work = await start_work()
    files = await diff_after(work, "echo more >> README.md")
    assert files["README.md"].patch == "@@ -1 +1,2 @@\n Hello\n+more\n"


def test_a_name_without_hidden_characters_is_shown_as_it_is() -> None:
    assert shown("src/größe 日本.py") == "src/größe 日本.py"
    assert shown(str(Path("a") / "b")) == "a/b"


async def test_a_file_that_runs_on_someones_machine_is_named_behind_any_number_of_others(
    start_work: StartWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(diff_module, "FILES_MAX", 3)
    work = await start_work()
    await work.guest.shell("mkdir -p a z/.husky && touch a/1 a/2 a/3 a/4 && echo true > z/.husky/pre-commit")
    await work.must_snapshot()

    diff = await work.workspaces.diff(work.run)

    assert [file.path for file in diff.files] == ["a/1", "a/2", "a/3"]
    assert [(one.path, one.by) for one in diff.on_machines] == [("z/.husky/pre-commit", "git")]
