"""What is only in a volume at the engine's machine is not deleted with its sandbox."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from studio.adapters.clock import SystemClock
from studio.base.paths import Paths
from studio.contracts.containers import ContainerSpec, ContainerState, Mount, VolumeState
from studio.contracts.sandbox_engine import SandboxEngine
from studio.domain.errors import EngineError, FilesElsewhere
from studio.domain.ids import ProjectId, RunId
from studio.sandbox import labels
from studio.sandbox.carrying.agreement import NAME, Agreement
from studio.sandbox.carrying.far import Far
from studio.sandbox.folders import Folders
from studio.sandbox.images import Images
from studio.sandbox.project_images import ProjectImages
from studio.sandbox.sandboxes import Sandboxes
from studio.sandbox.shape import WORKDIR
from studio.sandbox.volume_use import VolumeUse

RUN, PROJECT = RunId("r"), ProjectId("p")


@dataclass
class Engine:
    """An engine that has volumes; with `refuses` it gives none away."""

    there: dict[str, Mapping[str, str]] = field(default_factory=dict)
    given: list[str] = field(default_factory=list)
    refuses: bool = False

    async def containers(self, wanted: Mapping[str, str]) -> tuple[ContainerState, ...]:
        return ()

    async def images(self, wanted: Mapping[str, str]) -> tuple[()]:
        return ()

    async def volumes(self, wanted: Mapping[str, str]) -> tuple[VolumeState, ...]:
        await asyncio.sleep(0)
        return tuple(VolumeState(name, worn) for name, worn in self.there.items() if wanted.items() <= worn.items())

    async def create_volume(self, name: str, worn: Mapping[str, str]) -> None:
        await asyncio.sleep(0)
        assert worn.items() <= self.there.setdefault(name, dict(worn)).items()

    async def give_volume(self, name: str, image: str, user: str, worn: Mapping[str, str]) -> None:
        if self.refuses:
            raise EngineError("It is busy.")
        self.given.append(name)

    async def remove(self, container: str) -> None:
        raise AssertionError("there is none")

    async def remove_volume(self, name: str) -> None:
        del self.there[name]

    async def disk_use(self) -> SimpleNamespace:
        return SimpleNamespace(volumes=dict.fromkeys(self.there, 100))


class Unseen:
    async def are_mounted(self, image: str) -> bool:
        return False


class Story:
    """A run that has worked at an engine elsewhere, with a service beside it."""

    def __init__(self, home: Path) -> None:
        self.paths = Paths(home)
        self.paths.make()
        self.engine = Engine()
        ours = {**labels.ours(home), labels.PROJECT: PROJECT}
        self.engine.there = {
            "files": {**ours, labels.RUN: RUN, labels.LAID: WORKDIR, labels.MADE: "first"},
            "service": {**ours, labels.RUN: RUN, labels.VOLUME: "data"},
            "objects": {**ours, labels.LAID: "/studio/objects"},
        }
        self.home = self.paths.workspaces / RUN
        self.files = self.home / "files"
        self.files.mkdir(parents=True)
        engine = cast(SandboxEngine, self.engine)
        self.sandboxes = Sandboxes(engine, cast(Images, None), self.paths, SystemClock())
        self.far = Far(engine, SystemClock(), self.paths, cast(Folders, Unseen()))

    def carried(self, volume: str, *, home: bool) -> None:
        agreement = Agreement(self.home / NAME, volume)
        agreement.begin((1, 2))
        agreement.save(home=home)

    def spec(self) -> ContainerSpec:
        return ContainerSpec("n", "i", "1:1", (Mount(self.files, WORKDIR),), {labels.RUN: RUN})


@pytest.fixture
def story(tmp_path: Path) -> Story:
    return Story(tmp_path)


async def test_what_was_brought_home_goes_with_the_rest(story: Story) -> None:
    story.carried("first", home=True)

    await story.sandboxes.forget(RUN)

    assert set(story.engine.there) == {"objects"}


@pytest.mark.parametrize("volume", ["first", "another"])
async def test_what_was_not_brought_home_of_this_volume_is_kept_and_named(story: Story, volume: str) -> None:
    story.carried(volume, home=volume == "another")

    with pytest.raises(FilesElsewhere, match="in its volume files"):
        await story.sandboxes.forget(RUN)

    assert set(story.engine.there) == {"files", "objects"}


async def test_files_of_a_run_without_a_home_are_not_reaped(story: Story) -> None:
    story.files.rmdir()
    story.home.rmdir()

    await story.sandboxes.reap()

    assert set(story.engine.there) == {"files", "objects"}


async def test_files_that_were_kept_outlive_their_project(story: Story) -> None:
    images = ProjectImages(cast(SandboxEngine, story.engine), cast(Images, None), Path(), story.paths)

    await images.forget(PROJECT)

    assert set(story.engine.there) == {"files"}


async def test_what_is_laid_in_for_a_project_is_none_of_what_its_runs_wrote(story: Story) -> None:
    use = VolumeUse(cast(SandboxEngine, story.engine), story.sandboxes.ours, SystemClock())

    assert await use.by_owner(fresh=True) == {RUN: 200}


async def test_a_volume_that_could_not_be_given_away_is_given_away_the_next_time(story: Story) -> None:
    story.engine.refuses = True
    with pytest.raises(EngineError):
        await story.far.fitted(story.spec(), PROJECT, RUN)
    story.engine.refuses = False

    fitted = await story.far.fitted(story.spec(), PROJECT, RUN)
    await story.far.fitted(story.spec(), PROJECT, RUN)

    assert story.engine.given == [volume.name for volume in fitted.volumes]


async def test_two_runs_that_start_at_once_make_one_volume_for_their_project(story: Story) -> None:
    base = story.paths.projects / "base"
    base.mkdir(parents=True)
    mounts = (Mount(base, "/studio/base"),)
    spec = ContainerSpec("n", "i", "1:1", mounts, {})

    one, other = await asyncio.gather(*(story.far.fitted(spec, PROJECT, run) for run in ("r", "s")))

    assert one.volumes == other.volumes
