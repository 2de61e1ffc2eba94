"""What another machine's Studio has at the same container engine is not cleared away, whatever its paths are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest

from studio.adapters.clock import SystemClock
from studio.base.paths import Paths
from studio.contracts.containers import ContainerState, VolumeState
from studio.contracts.sandbox_engine import SandboxEngine
from studio.domain.errors import EngineError
from studio.domain.ids import ProjectId, RunId
from studio.sandbox import labels
from studio.sandbox.images import Images
from studio.sandbox.project_images import ProjectImages
from studio.sandbox.reaper import Known, Reaper
from studio.sandbox.sandboxes import Sandboxes

ENDED = {labels.OWNER: "", labels.PROJECT: "p", labels.RUN: "r"}
"""What a container or a volume wears whose process and run are gone."""


@dataclass
class Engine:
    """An engine at which things lie that nobody uses."""

    there: dict[str, Mapping[str, str]] = field(default_factory=dict)

    def lay(self, name: str, worn: Mapping[str, str]) -> None:
        """One container and one volume."""
        self.there[f"container {name}"] = {**worn, **ENDED}
        self.there[f"volume {name}"] = {**worn, **ENDED, labels.VOLUME: "data"}

    async def containers(self, wanted: Mapping[str, str]) -> tuple[ContainerState, ...]:
        found = self._found("container ", wanted)
        return tuple(ContainerState(id=name, name=name, running=True, labels=worn) for name, worn in found)

    async def volumes(self, wanted: Mapping[str, str]) -> tuple[VolumeState, ...]:
        return tuple(VolumeState(name, worn) for name, worn in self._found("volume ", wanted))

    async def images(self, wanted: Mapping[str, str]) -> tuple[Any, ...]:
        return ()

    async def remove(self, name: str) -> None:
        del self.there[name]

    remove_volume = remove

    def _found(self, kind: str, wanted: Mapping[str, str]) -> list[tuple[str, Mapping[str, str]]]:
        rows = self.there.items()
        return [(name, worn) for name, worn in rows if name.startswith(kind) and wanted.items() <= worn.items()]


class Story:
    def __init__(self, home: Path) -> None:
        self.paths = Paths(home)
        self.paths.make()
        self.engine = Engine()
        self.engine.lay("ours", labels.ours(home))
        engine = cast(SandboxEngine, self.engine)
        self.sandboxes = Sandboxes(engine, cast(Images, None), self.paths, SystemClock())
        self.reaper = Reaper(engine, self.sandboxes, cast(Images, None), SystemClock(), _nothing_known)

    def blind(self) -> None:
        """The engine does not see this data folder from here on."""

        async def refuse() -> None:
            raise EngineError("It cannot see the folders of this machine.")

        self.sandboxes.require_sight = refuse


async def _nothing_known() -> Known:
    return Known(cast(set[ProjectId], set()), cast(set[RunId], set()))


@pytest.fixture
def story(tmp_path: Path) -> Story:
    return Story(tmp_path)


async def test_what_another_data_folder_at_the_same_path_has_stays(story: Story) -> None:
    story.engine.lay("theirs", {labels.HOME: str(story.paths.home), labels.FOLDER: "f" * 32})

    await story.sandboxes.reap()

    assert set(story.engine.there) == {"container theirs", "volume theirs"}


async def test_what_a_copy_of_the_data_folder_has_at_another_path_stays(story: Story) -> None:
    story.engine.lay("theirs", {**labels.ours(story.paths.home), labels.HOME: "/elsewhere"})

    await story.sandboxes.reap()

    assert set(story.engine.there) == {"container theirs", "volume theirs"}


async def test_discarding_a_run_leaves_the_volumes_of_others(story: Story) -> None:
    story.engine.lay("theirs", {labels.HOME: str(story.paths.home), labels.FOLDER: "f" * 32})

    await story.sandboxes.forget(RunId("r"))

    assert [name for name in story.engine.there if name.startswith("volume")] == ["volume theirs"]


async def test_nothing_is_reaped_at_an_engine_that_does_not_see_the_data_folder(story: Story) -> None:
    story.blind()

    with pytest.raises(EngineError):
        await story.sandboxes.reap()

    assert set(story.engine.there) == {"container ours", "volume ours"}


async def test_what_an_engine_sees_is_not_asked_where_nothing_is_to_be_removed(story: Story) -> None:
    story.engine.there.clear()
    story.blind()

    assert await story.sandboxes.reap() == ()


async def test_a_run_that_is_discarded_at_such_an_engine_leaves_its_volumes(story: Story) -> None:
    story.blind()

    with pytest.raises(EngineError, match="cannot see the folders"):
        await story.sandboxes.forget(RunId("r"))

    assert set(story.engine.there) == {"container ours", "volume ours"}


async def test_a_project_that_is_removed_at_such_an_engine_leaves_its_volumes(story: Story, tmp_path: Path) -> None:
    story.blind()
    sight = story.sandboxes.require_sight
    kept = ProjectImages(cast(SandboxEngine, story.engine), cast(Images, None), tmp_path, story.paths, None, sight)

    with pytest.raises(EngineError, match="cannot see the folders"):
        await kept.forget(ProjectId("p"))

    assert set(story.engine.there) == {"container ours", "volume ours"}


async def test_nothing_is_pruned_at_an_engine_that_does_not_see_the_data_folder(story: Story) -> None:
    story.blind()

    with pytest.raises(EngineError, match="cannot see the folders"):
        await story.reaper.clear()

    assert set(story.engine.there) == {"container ours", "volume ours"}


async def test_without_an_identity_nothing_is_ours(story: Story) -> None:
    story.paths.identity.unlink()

    with pytest.raises(EngineError, match="Studio knows its own containers"):
        await story.sandboxes.reap()

    assert set(story.engine.there) == {"container ours", "volume ours"}
