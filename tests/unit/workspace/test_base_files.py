"""The files of a run's base commit: laid out as they were committed, whatever the agent or the commit says."""

from __future__ import annotations

import os
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from studio.base.paths import Paths
from studio.workspace.base_files import FILES
from tests.fixtures.git_stories import Person, StartWork, Work


def tree_of(person: Person, entries: str) -> str:
    """A tree made of these entries, sensible or not."""
    made = subprocess.run(
        ["git", "mktree"], cwd=person.folder, env=person.environment, input=entries, capture_output=True, text=True
    )
    return made.stdout.strip()


async def laid_out(work: Work) -> Path:
    """The host folder in which the base's files lie."""
    inside = Path(await work.workspaces.lay_out_base(work.run))
    (mount,) = [mount for mount in work.guest.mounts if inside.is_relative_to(mount.target)]
    assert (str(inside), mount.read_only) == (FILES, True)
    return mount.source / inside.relative_to(mount.target)


async def test_they_are_those_of_the_commit_whatever_the_agent_wrote(start_work: StartWork) -> None:
    work = await start_work()
    await work.must_snapshot_of("echo changed > README.md; echo new > src/more.txt")
    files = await laid_out(work)
    assert (files / "README.md").read_text() == "Hello\n"
    assert sorted(os.listdir(files / "src")) == [f"file{number}.txt" for number in range(10)]
    assert not (files / ".git").exists()


async def test_attributes_and_filters_of_the_repository_run_nothing_and_leave_nothing_out(
    start_work: StartWork, person: Person, tmp_path: Path
) -> None:
    ran = tmp_path / "ran"
    person.write(".gitattributes", "README.md filter=evil export-ignore\n")
    person.commit("Attributes")
    person.git("config", "filter.evil.smudge", f"touch '{ran}'; cat")
    files = await laid_out(await start_work())
    assert (files / "README.md").read_text() == "Hello\n"
    assert not ran.exists()


async def test_nothing_is_written_through_a_link_of_the_commit(
    start_work: StartWork, person: Person, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    person.write("target", str(outside))
    link = person.git("hash-object", "-w", "target")
    file = person.git("rev-parse", "HEAD:README.md")
    inner = tree_of(person, f"100644 blob {file}\tevil\n")
    tree = tree_of(person, f"120000 blob {link}\ta\n040000 tree {inner}\ta\n")
    person.git("update-ref", "refs/heads/main", person.git("commit-tree", tree, "-m", "Both a link and a folder"))
    await laid_out(await start_work())
    assert os.listdir(outside) == []


@pytest.fixture
def closed_umask() -> Iterator[None]:
    before = os.umask(0o077)
    yield
    os.umask(before)


async def test_another_user_can_read_and_run_them_however_closed_the_persons_umask_is(
    start_work: StartWork, person: Person, closed_umask: None
) -> None:
    person.write("tools/serve", "#!/bin/sh\n")
    os.chmod(person.folder / "tools/serve", 0o700)
    person.commit("A program")
    files = await laid_out(await start_work())
    modes = [stat.S_IMODE((files / name).stat().st_mode) for name in ("..", ".", "tools", "tools/serve", "README.md")]
    assert [oct(mode) for mode in modes] == ["0o755", "0o755", "0o755", "0o755", "0o644"]


async def test_what_a_killed_process_left_half_done_is_laid_out_anew(start_work: StartWork, paths: Paths) -> None:
    work = await start_work()
    home = paths.workspaces / work.run.id
    for left in (home / "base" / "part", home / "base" / "files"):
        left.mkdir()
        (left / "half").write_text("")
    (home / "base.index.lock").write_text("")
    files = await laid_out(work)
    assert (files / "README.md").exists()
    assert sorted(os.listdir(files.parent)) == ["files"]
    assert not (files / "half").exists()


async def test_they_go_with_the_run(start_work: StartWork) -> None:
    work = await start_work()
    files = await laid_out(work)
    await work.workspaces.remove(work.run.id)
    assert not files.exists()
