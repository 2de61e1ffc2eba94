"""What the container engine does with a container that stands: sleep, wake, stop, start again, name, log."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from studio.adapters.docker.engine import DockerEngine
from studio.domain.errors import EngineError
from studio.sandbox.box import Sandbox

pytestmark = pytest.mark.docker

SECONDS = 60


async def running(engine: DockerEngine, sandbox: Sandbox) -> tuple[bool, bool]:
    """Whether a sandbox's container runs, and whether it is paused."""
    (found,) = [one for one in await engine.containers({"studio.run": sandbox.id}) if one.id == sandbox.container]
    return found.running, found.paused


async def test_a_paused_container_answers_once_it_is_let_go_on(engine: DockerEngine, sandbox: Sandbox) -> None:
    await engine.pause(sandbox.container)
    await engine.pause(sandbox.container)
    assert await running(engine, sandbox) == (False, True)
    asked = asyncio.create_task(sandbox.exec("echo awake", timeout=SECONDS))

    await engine.unpause(sandbox.container)
    await engine.unpause(sandbox.container)

    assert (await asked).output == "awake\n"
    assert await running(engine, sandbox) == (True, False)


async def test_a_stopped_container_keeps_its_name(engine: DockerEngine, sandbox: Sandbox) -> None:
    await engine.rename(sandbox.container, f"{sandbox.id}-renamed")
    await engine.pause(sandbox.container)
    await engine.stop(sandbox.container, 0)

    (found,) = await engine.containers({"studio.run": sandbox.id})
    assert (found.name, found.running, found.paused) == (f"{sandbox.id}-renamed", False, False)
    assert await engine.logs(sandbox.container, 10) == b""


async def test_what_is_gone_already_is_no_error_to_remove(engine: DockerEngine) -> None:
    await engine.remove_volume("studio-no-such-volume")
    await engine.remove_image("studio-no-such-image:none")


async def test_an_image_and_its_size_are_on_the_engines_disk(engine: DockerEngine, sandbox: Sandbox) -> None:
    use = await engine.disk_use()

    standard = next(image for image in await engine.images({}) if sandbox.image in image.tags)
    assert use.images[standard.id] == standard.bytes > 0
    assert sandbox.container in use.containers
    assert use.layers >= standard.bytes


async def test_waking_a_container_that_is_gone_is_an_error(engine: DockerEngine) -> None:
    with pytest.raises(EngineError, match="gone"):
        await engine.unpause("studio-no-such-container")


async def test_an_image_carries_the_labels_it_is_built_with(engine: DockerEngine, tmp_path: Path) -> None:
    base = next(tag for image in await engine.images({}) for tag in image.tags if tag.startswith("studio-"))
    (tmp_path / "Dockerfile").write_text(f"FROM {base}\n")

    await engine.build_image(tmp_path, "Dockerfile", "studio-test:labels", lambda line: None, {"studio.test": "labels"})

    (made,) = await engine.images({"studio.test": "labels"})
    assert made.tags == ("studio-test:labels",)
    await engine.remove_image(made.id)
    assert await engine.images({"studio.test": "labels"}) == ()


async def test_what_a_sandbox_uses_is_told_since_it_was_last_asked(sandbox: Sandbox) -> None:
    first = await sandbox.use_now()
    await sandbox.exec("timeout 0.5 sh -c 'while :; do :; done'", timeout=SECONDS)

    second = await sandbox.use_now()

    assert second.cpu_seconds > first.cpu_seconds > 0
    assert second.cpu_percent > 0
    assert second.memory_bytes > 0
    assert second.pids > 0
