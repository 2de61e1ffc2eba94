"""Programs that lie in the person's tree, where an agent may have written them, do not run on the host in a merge."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.domain.errors import PolicyRefused
from tests.fixtures.git_stories import Person, StartWork

HOOKS = ("post-merge", "post-checkout", "reference-transaction", "post-index-change", "pre-auto-gc", "pre-merge-commit")


def write_program(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"#!/bin/sh\n{text}\n")
    file.chmod(0o755)


@pytest.mark.parametrize("checked_out", [True, False])
async def test_no_hook_kept_in_the_tree_runs_when_a_run_is_merged(
    checked_out: bool, person: Person, start_work: StartWork, tmp_path: Path
) -> None:
    person.git("config", "core.hooksPath", ".husky")
    person.git("branch", "other")
    work = await start_work()
    marker = tmp_path / "ran-on-the-host"
    # A hook of the person's own, in the tree since long, is no different: what it calls is in the tree too.
    for hook in HOOKS:
        write_program(person.folder / ".husky" / hook, f'touch "{marker}"')
        write_program(work.guest.folder / ".husky" / hook, f'touch "{marker}"')
    (person.folder / ".git/info/exclude").write_text(".husky\n")
    await work.must_snapshot()
    if checked_out:
        for hook in HOOKS:
            (person.folder / ".husky" / hook).unlink()
    merged = await work.workspaces.merge(work.project, work.run, "main" if checked_out else "other")
    assert person.git("rev-parse", merged.into) == merged.commit
    assert not marker.exists()


async def test_no_file_of_the_tree_runs_through_a_hook_in_the_git_folder(
    person: Person, start_work: StartWork, tmp_path: Path
) -> None:
    marker = tmp_path / "ran-on-the-host"
    for hook in HOOKS:
        write_program(person.folder / ".git/hooks" / hook, '[ ! -x scripts/hook ] || exec scripts/hook "$@"')
    write_program(person.folder / "scripts/hook", "exit 0")
    person.commit()
    work = await start_work()
    write_program(work.guest.folder / "scripts/hook", f'touch "{marker}"')
    await work.must_snapshot()
    await work.workspaces.merge(work.project, work.run)
    assert str(marker) in person.read("scripts/hook")
    assert not marker.exists()


async def test_no_file_watcher_kept_in_the_tree_runs_when_a_run_is_merged(
    person: Person, start_work: StartWork, tmp_path: Path
) -> None:
    marker = tmp_path / "ran-on-the-host"
    write_program(person.folder / "scripts/watch", "exit 1")
    person.commit()
    work = await start_work()
    person.git("config", "core.fsmonitor", "scripts/watch")
    write_program(work.guest.folder / "scripts/watch", f'touch "{marker}"')
    await work.must_snapshot()
    await work.workspaces.merge(work.project, work.run)
    (work.guest.folder / "more.txt").write_text("more\n")
    await work.must_snapshot()
    await work.workspaces.merge(work.project, work.run)
    assert person.read("more.txt") == "more\n"
    assert not marker.exists()


FILTER = 'touch "{marker}"; cat'


@pytest.mark.parametrize(
    "command",
    [
        "scripts/filter",
        "./scripts/filter",
        "sh scripts/filter",
        "sh --from=scripts/filter",
        "'{folder}/scripts/filter' %f",
        "{folder}/scripts/filter",
        "sh -c 'cd . && scripts/filter %f'",
        "$(git rev-parse --show-toplevel)/scripts/filter",
        "cd scripts && ./filter",
        "cd scripts; sh filter",
        "sh -c '. filter'",
        "env sh filter",
        "/bin/sh filter",
        "python3.11 -m filter",
        "node filter",
        "make -s filter",
        "own-filter link",
        "own-filter --use=LINK",
        "own-filter -rlink",
        "clean: ./scripts/filter",
        "process: cd scripts && ./filter",
    ],
)
async def test_a_filter_that_may_be_a_file_of_the_tree_is_not_run_but_refused(
    command: str, person: Person, start_work: StartWork, tmp_path: Path
) -> None:
    marker = tmp_path / "ran-on-the-host"
    write_program(person.folder / "scripts/filter", "cat")
    (person.folder / "link").symlink_to("scripts/filter")
    person.write("filter", "cat\n")
    person.write("filter.py", "")
    person.write(".gitattributes", "*.txt filter=own\n")
    person.commit()
    work = await start_work()
    kind, _, line = command.rpartition(": ")
    person.git("config", f"filter.own.{kind or 'smudge'}", line.format(folder=person.folder))
    before = person.git("for-each-ref"), person.read("src/file1.txt")
    write_program(work.guest.folder / "scripts/filter", FILTER.format(marker=marker))
    (work.guest.folder / "src/file1.txt").write_text("evil\n")
    await work.must_snapshot()
    with pytest.raises(PolicyRefused, match=r"“own.*” may run a file of the repository .*Nothing was merged"):
        await work.workspaces.merge(work.project, work.run)
    assert (person.git("for-each-ref"), person.read("src/file1.txt")) == before
    assert not marker.exists()


@pytest.mark.parametrize("command", ["./tools/strip", "own-filter strip", "own-filter --use=strip", "own-filter Strip"])
async def test_a_filter_that_only_the_merge_brings_is_not_run_but_refused(
    command: str, person: Person, start_work: StartWork, tmp_path: Path
) -> None:
    marker = tmp_path / "ran-on-the-host"
    write_program(tmp_path / "bin/own-filter", 'exec sh "${1#*=}"')
    person.environment["PATH"] = f"{tmp_path / 'bin'}:{person.environment['PATH']}"
    work = await start_work()
    person.git("config", "filter.own.smudge", command)
    for name in ("tools/strip", "strip"):
        write_program(work.guest.folder / name, FILTER.format(marker=marker))
    (work.guest.folder / ".gitattributes").write_text("*.ipynb filter=own\n")
    (work.guest.folder / "z.ipynb").write_text("{}\n")
    await work.must_snapshot()
    with pytest.raises(PolicyRefused, match="Nothing was merged"):
        await work.workspaces.merge(work.project, work.run)
    assert not (person.folder / "z.ipynb").exists()
    assert not marker.exists()


async def test_no_filter_is_looked_for_in_a_folder_of_the_tree_that_is_on_the_path(
    person: Person, start_work: StartWork, tmp_path: Path
) -> None:
    marker = tmp_path / "ran-on-the-host"
    write_program(tmp_path / "bin/own-filter", "cat")
    (person.folder / "bin").mkdir()
    person.environment["PATH"] = f"{person.folder / 'bin'}:bin:{tmp_path / 'bin'}:{person.environment['PATH']}"
    person.git("config", "filter.own.smudge", "own-filter")
    work = await start_work()
    write_program(work.guest.folder / "bin/own-filter", FILTER.format(marker=marker))
    (work.guest.folder / ".gitattributes").write_text("*.txt filter=own\n")
    (work.guest.folder / "z.txt").write_text("z\n")
    await work.must_snapshot()
    await work.workspaces.merge(work.project, work.run)
    assert person.read("z.txt") == "z\n"
    assert not marker.exists()


async def test_a_filter_that_lies_in_another_worktree_is_not_run_but_refused(
    person: Person, start_work: StartWork, tmp_path: Path
) -> None:
    marker = tmp_path / "ran-on-the-host"
    write_program(person.folder / "scripts/filter", FILTER.format(marker=marker))
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/own-filter").symlink_to(person.folder / "scripts/filter")
    person.environment["PATH"] = f"{tmp_path / 'bin'}:{person.environment['PATH']}"
    person.git("worktree", "add", "--quiet", "-b", "other", str(tmp_path / "other"))
    person.git("config", "filter.own.smudge", "own-filter")
    work = await start_work("other")
    (work.guest.folder / ".gitattributes").write_text("*.txt filter=own\n")
    (work.guest.folder / "z.txt").write_text("z\n")
    await work.must_snapshot()
    with pytest.raises(PolicyRefused, match="Nothing was merged"):
        await work.workspaces.merge(work.project, work.run)
    assert not marker.exists()


async def test_a_filter_that_a_configuration_file_of_the_tree_sets_is_not_run_but_refused(
    person: Person, start_work: StartWork, tmp_path: Path
) -> None:
    marker = tmp_path / "ran-on-the-host"
    person.write(".gitconfig", "[core]\n\tautocrlf = input\n")
    person.commit()
    person.git("config", "include.path", "../.gitconfig")
    work = await start_work()
    (work.guest.folder / ".gitconfig").write_text(f'[filter "own"]\n\tsmudge = touch {marker}\n')
    (work.guest.folder / ".gitattributes").write_text("*.txt filter=own\n")
    await work.must_snapshot()
    await work.workspaces.merge(work.project, work.run)
    (work.guest.folder / "src/file1.txt").write_text("evil\n")
    await work.must_snapshot()
    with pytest.raises(PolicyRefused, match=r"“own.smudge” is set in \.gitconfig, a file of the repository"):
        await work.workspaces.merge(work.project, work.run)
    assert not marker.exists()


@pytest.mark.parametrize(
    "command", ["own-filter smudge -- %f", '"own-filter" smudge', "{bin}/own-filter --name=%f", '"{bin}/own-filter"']
)
async def test_a_filter_from_outside_of_the_tree_works_as_ever(
    command: str, person: Person, start_work: StartWork, tmp_path: Path
) -> None:
    write_program(tmp_path / "bin/own-filter", "sed s/quiet/loud/")
    person.environment["PATH"] = f"{tmp_path / 'bin'}:{person.environment['PATH']}"
    person.git("config", "--global", "filter.own.smudge", command.format(bin=tmp_path / "bin"))
    person.git("config", "--global", "filter.not-installed.process", "not-installed filter-process")
    person.write(".gitattributes", "*.txt filter=own\n")
    person.write("own-filter", "only a file\n")
    person.commit()
    work = await start_work()
    (work.guest.folder / "src/file1.txt").write_text("quiet\n")
    await work.must_snapshot()
    await work.workspaces.merge(work.project, work.run)
    assert person.read("src/file1.txt") == "loud\n"
