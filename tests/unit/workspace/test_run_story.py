"""The main story: a commit goes out to a run, and the run's work comes home."""

from __future__ import annotations

import shutil

from studio.base.paths import Paths
from studio.domain.changes import FileStatus
from tests.fixtures.git_stories import Person, StartWork


async def test_work_of_a_run_comes_home_only_with_the_merge(person: Person, start_work: StartWork) -> None:
    work = await start_work()
    before = person.everything()
    (work.guest.folder / "src/file3.txt").write_text("fixed\n")
    (work.guest.folder / "new.txt").write_text("new\n")

    assert await work.changed()
    snapshot = await work.must_snapshot("Fix it")
    assert snapshot.files == ("new.txt", "src/file3.txt")
    assert not await work.changed()

    diff = await work.workspaces.diff(work.run)
    assert [(file.path, file.status, file.added, file.removed) for file in diff.files] == [
        ("new.txt", FileStatus.ADDED, 1, 0),
        ("src/file3.txt", FileStatus.MODIFIED, 1, 20),
    ]
    assert diff.files[0].patch == "@@ -0,0 +1 @@\n+new\n"
    assert person.everything() == before

    merged = await work.workspaces.merge(work.project, work.run)
    assert merged.into == "main"
    assert person.git("rev-parse", "main") == merged.commit
    assert person.read("src/file3.txt") == "fixed\n"
    assert person.git("status", "--porcelain") == ""
    assert (
        person.git("log", "-1", "--format=%an <%ae> %P")
        == f"Ada Person <ada@example.com> {merged.previous} {snapshot.commit}"
    )


async def test_of_a_folder_that_was_deleted_nothing_counts_as_carried_to_an_engine_elsewhere(
    start_work: StartWork, paths: Paths
) -> None:
    work = await start_work()
    agreed = paths.workspaces / work.run.id / "carried.json"
    agreed.write_text("{}")
    await work.workspaces.prepare(work.run)
    assert agreed.exists()
    shutil.rmtree(paths.workspaces / work.run.id / "files")

    await work.workspaces.prepare(work.run)

    assert not agreed.exists()
