"""Whether the container engine sees this machine's folders is tried once, where that is not plain, with a real file."""

from __future__ import annotations

import platform
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from studio.base.paths import Paths
from studio.contracts.containers import ContainerSpec, EngineInfo
from studio.contracts.sandbox_engine import SandboxEngine
from studio.domain.errors import EngineError, EngineGone
from studio.sandbox.folders import Folders

HERE = EngineInfo("Docker", "28", "rootful", "unix:///var/run/docker.sock", machine=platform.node())
FAR = replace(HERE, address="ssh://ada@far", machine="far")
DESKTOP = replace(HERE, isolation="vm")


class Stream:
    def __init__(self, said: bytes) -> None:
        self._said = [said, b""]

    async def read(self) -> bytes:
        return self._said.pop(0)

    async def close(self) -> None:
        """Nothing is held."""


class Engine:
    """An engine that sees what lies below `seen`."""

    def __init__(self, info: EngineInfo, seen: Path) -> None:
        self._info = info
        self._seen = seen
        self.started: list[ContainerSpec] = []
        self.removed: list[str] = []
        self.trouble: EngineError | None = None
        self.hiccup: EngineError | None = None

    async def info(self) -> EngineInfo:
        return self._info

    async def image_id(self, tag: str) -> str | None:
        return tag if tag == "an-image" else None

    async def start(self, spec: ContainerSpec) -> str:
        if self.trouble is not None:
            raise self.trouble
        self.started.append(spec)
        return spec.name

    async def exec(self, container: str, argv: tuple[str, ...], *, tty: bool = False) -> Stream:
        if self.hiccup is not None:
            raise self.hiccup
        (mount,) = self.started[-1].mounts
        name = self._seen / mount.source.name / Path(argv[1]).name
        return Stream(name.read_bytes() if name.exists() else b"cat: no such file")

    async def remove(self, container: str) -> None:
        self.removed.append(container)


class Story:
    def __init__(self, home: Path, info: EngineInfo, *, sees: bool) -> None:
        self.paths = Paths(home)
        self.paths.make()
        self.engine = Engine(info, self.paths.cache if sees else home / "nowhere")
        engine = cast(SandboxEngine, self.engine)
        self.folders = Folders(engine, self.paths)


async def test_an_engine_on_this_machine_is_not_tried(tmp_path: Path) -> None:
    story = Story(tmp_path, HERE, sees=False)

    await story.folders.require("an-image")

    assert story.engine.started == []


@pytest.mark.parametrize("isolation", ["rootless", "userns"])
async def test_files_are_carried_to_an_engine_here_whose_users_are_others(tmp_path: Path, isolation: str) -> None:
    story = Story(tmp_path, replace(HERE, isolation=isolation), sees=True)

    assert not await story.folders.are_mounted("an-image")
    assert story.engine.started == []


@pytest.mark.parametrize("info", [FAR, DESKTOP])
async def test_one_that_is_elsewhere_is_tried_once(tmp_path: Path, info: EngineInfo) -> None:
    story = Story(tmp_path, info, sees=True)

    await story.folders.require("an-image")
    await story.folders.require("an-image")

    (tried,) = story.engine.started
    assert story.engine.removed == [tried.name]
    assert list(story.paths.cache.glob("seen-*")) == []


async def test_one_that_sees_other_folders_is_found_out(tmp_path: Path) -> None:
    story = Story(tmp_path, FAR, sees=False)

    assert not await story.folders.are_mounted("an-image")


async def test_an_engine_that_refuses_the_folder_does_not_see_it(tmp_path: Path) -> None:
    story = Story(tmp_path, FAR, sees=True)
    story.engine.trouble = EngineError("bind source path does not exist")

    assert not await story.folders.are_mounted("an-image")


async def test_a_data_folder_that_came_from_another_machine_claims_nothing_at_an_engine_elsewhere(
    tmp_path: Path,
) -> None:
    story = Story(tmp_path, FAR, sees=False)
    (story.paths.home / "machine").write_text("another one")

    with pytest.raises(EngineError, match="copied from another machine") as caught:
        await story.folders.require("an-image")

    assert str(story.paths.home / "machine") in caught.value.action


async def test_after_a_start_of_the_machine_its_data_folder_is_still_its_own(tmp_path: Path) -> None:
    await Story(tmp_path, FAR, sees=False).folders.require("an-image")

    await Story(tmp_path, FAR, sees=False).folders.require("an-image")


async def test_without_an_image_nothing_is_known_of_what_it_sees(tmp_path: Path) -> None:
    story = Story(tmp_path, FAR, sees=True)

    with pytest.raises(EngineError, match="nobody can tell"):
        await story.folders.require("no-image")


async def test_an_engine_that_goes_away_meanwhile_is_gone_and_not_blind(tmp_path: Path) -> None:
    story = Story(tmp_path, FAR, sees=True)
    story.engine.trouble = EngineGone("No container engine answers.")

    with pytest.raises(EngineGone):
        await story.folders.require("an-image")


async def test_one_that_does_not_say_what_it_sees_is_not_taken_for_blind(tmp_path: Path) -> None:
    story = Story(tmp_path, FAR, sees=True)
    story.engine.hiccup = EngineError("It is busy.")

    with pytest.raises(EngineError, match="busy"):
        await story.folders.are_mounted("an-image")
    story.engine.hiccup = None

    assert await story.folders.are_mounted("an-image")


async def test_after_a_loss_it_is_tried_anew(tmp_path: Path) -> None:
    story = Story(tmp_path, FAR, sees=True)
    await story.folders.require("an-image")

    story.folders.forget()
    await story.folders.require("an-image")

    assert len(story.engine.started) == 2
