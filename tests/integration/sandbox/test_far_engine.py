"""A container engine on a machine that does not see the folders of this one: real sandboxes work there all the same."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from studio.adapters.clock import SystemClock
from studio.adapters.docker.engine import DockerEngine
from studio.adapters.docker.find import Endpoint
from studio.agents.shown import Shown
from studio.base.paths import Paths, shared_cache
from studio.contracts.containers import Mount
from studio.domain.errors import FilesElsewhere
from studio.domain.ids import ProjectId, RunId
from studio.sandbox.carrying.far import Far
from studio.sandbox.folders import Folders
from studio.sandbox.images import Images, image_sources
from studio.sandbox.sandboxes import Sandboxes
from studio.workspace.git import find_git
from studio.workspace.workspaces import Workspaces
from tests.fixtures.far_machine import FarMachine
from tests.fixtures.git_stories import make_person, make_project, make_run
from tests.fixtures.private_engine import PrivateEngine

pytestmark = [pytest.mark.docker, pytest.mark.timeout(300)]


@pytest.fixture
async def far_sandboxes(far: FarMachine, far_engine: PrivateEngine, sandbox_paths: Paths) -> AsyncIterator[Sandboxes]:
    """Those of an engine that is reached over ssh."""
    far.socket = far_engine.socket
    engine, clock = DockerEngine(Endpoint(far.url), far.env), SystemClock()
    images = Images(engine, image_sources(), shared_cache(), os.environ)
    made = Sandboxes(engine, images, sandbox_paths, clock)
    made.far = Far(engine, clock, sandbox_paths, Folders(engine, sandbox_paths))
    yield made
    await made.close_all()
    assert await engine.containers({}) == ()
    await engine.close()


def folders_of(sandboxes: Sandboxes, paths: Paths, run: RunId, project: ProjectId) -> tuple[Path, Mount]:
    """A run's folder, and one that its sandbox reads."""
    files, base = paths.workspaces / run / "files", paths.projects / project / "base"
    for folder in (files, base):
        folder.mkdir(parents=True)
    if sandboxes.owner is not None:
        os.chown(files, *sandboxes.owner)
    return files, Mount(base, "/studio/base", read_only=True)


async def test_a_sandbox_over_ssh_works_on_files_its_engine_does_not_see(
    far_sandboxes: Sandboxes, sandbox_paths: Paths
) -> None:
    run, project = RunId.new(), ProjectId.new()
    files, base = folders_of(far_sandboxes, sandbox_paths, run, project)
    (files / "said").write_text("over ssh\n")
    (base.source / "read").write_text("only read\n")

    sandbox = await far_sandboxes.open(project, run, files, (base,))
    assert (await sandbox.exec("cat said /studio/base/read", timeout=60)).output == "over ssh\nonly read\n"
    refused = await sandbox.exec("echo x > /studio/base/read", timeout=60)
    assert "Read-only" in refused.output
    assert (await sandbox.run(("sh", "-c", "mkdir made && echo home > made/it && rm said"))).exit_code == 0
    assert [path.name for path in files.rglob("*")] == ["made", "it"]
    (base.source / "read").write_text("made anew\n")
    await sandbox.lay_in_read_only()
    assert (await sandbox.exec("cat /studio/base/read", timeout=60)).output == "made anew\n"

    started = await sandbox.processes.start("while ! test -e made/saved; do sleep 0.05; done; echo seen > made/it", 0)
    (files / "made/saved").write_text("by the developer")
    await sandbox.processes.output(started.process.name, started.mark, 30)
    heard = await sandbox.processes.listen(started.process.name, 0, (), 30)
    assert heard.process.exit_code == 0
    await far_sandboxes.close(run, "test")
    assert (files / "made/it").read_text() == "seen\n"

    await far_sandboxes.forget(run)
    left = await far_sandboxes._engine.volumes({"studio.run": run})
    assert left == ()


HOSTILE = r"""
import os
os.symlink("/", "root"); os.symlink("../../..", "up"); os.mkdir(".git"); open(".git/config", "w").write("x")
os.mkfifo("pipe"); open("sparse", "w").truncate(1 << 40); open("a\nb\x1b[2J\u202e", "w").write("odd")
deep = "d"
for _ in range(100):
    os.mkdir(deep); deep += "/d"
os.symlink("/etc", "swap")
"""


async def test_what_a_hostile_sandbox_makes_over_there_leads_no_write_out_of_its_folder(
    far_sandboxes: Sandboxes, sandbox_paths: Paths
) -> None:
    run, project = RunId.new(), ProjectId.new()
    files, base = folders_of(far_sandboxes, sandbox_paths, run, project)
    sandbox = await far_sandboxes.open(project, run, files, (base,))

    assert (await sandbox.run(("python3", "-c", HOSTILE))).exit_code == 0
    swapped = await sandbox.exec("rm swap && mkdir swap && echo evil > swap/passwd && rm up root", timeout=60)

    assert "Too large to be copied home from the container engine's machine: sparse" in swapped.output
    names = {path.name for path in files.iterdir()}
    assert names == {"a\nb\x1b[2J\u202e", "d", "swap"}
    assert (files / "swap/passwd").read_text() == "evil\n"
    assert "evil" not in Path("/etc/passwd").read_text()

    await far_sandboxes.close(run, "test")
    with pytest.raises(FilesElsewhere, match="that were not brought home were kept"):
        await far_sandboxes.forget(run)
    assert await far_sandboxes.reap() == ()
    (kept,) = await far_sandboxes._engine.volumes({"studio.run": run})
    assert kept.labels["studio.laid"] == "/workspace"
    await far_sandboxes._engine.remove_volume(kept.name)


async def test_files_go_back_to_a_commit_that_was_made_here_while_the_sandbox_was_open(
    far_sandboxes: Sandboxes, sandbox_paths: Paths, tmp_path: Path
) -> None:
    person = make_person(tmp_path / "person")
    project = make_project(person.folder)
    workspaces = Workspaces(sandbox_paths, find_git(os.environ["PATH"]), person.environment, far_sandboxes.owner)
    await workspaces.register(project)
    run = make_run(project, await workspaces.base(project))
    files, mounts = await workspaces.prepare(run)
    sandbox = await far_sandboxes.open(project.id, run.id, files, mounts)
    await workspaces.populate(run, sandbox)
    await sandbox.exec("echo work > src/file1.txt", timeout=60)
    taken = await workspaces.snapshot(run, sandbox, "Work")
    assert taken is not None

    await workspaces.put_back(replace(run, head=taken.commit), Shown(sandbox), run.base_commit)

    assert (files / "src/file1.txt").read_text() != "work\n"
    await far_sandboxes.close(run.id, "test")
    await far_sandboxes.forget(run.id)
