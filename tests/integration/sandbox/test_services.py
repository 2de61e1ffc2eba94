"""Services beside sandboxes: reached on the same loopback, apart from every other branch, gone with their run."""

from __future__ import annotations

import asyncio
import shutil
from typing import cast

import pytest

from studio.adapters.clock import SystemClock
from studio.adapters.docker.engine import DockerEngine
from studio.base.paths import Paths
from studio.contracts.containers import ContainerSpec
from studio.domain.container_logs import LogLine
from studio.domain.errors import PolicyRefused
from studio.domain.ids import RunId
from studio.domain.services import ServiceState
from studio.sandbox.box import Sandbox
from studio.sandbox.carrying.carrier import Carrier
from studio.sandbox.images import Images
from studio.sandbox.sandboxes import Sandboxes
from tests.fixtures.branches import SECONDS, SHOP, Branches, branches, order, orders, states
from tests.fixtures.postgres_image import postgres_image

__all__ = ["branches", "postgres_image"]

pytestmark = pytest.mark.docker


async def test_three_branches_of_a_shop_run_at_once_on_the_same_ports_with_their_data_apart(
    branches: Branches, sandboxes: Sandboxes, postgres_image: str
) -> None:
    shop = SHOP.replace("IMAGE", postgres_image)
    three = await asyncio.gather(*(branches.start(shop) for _ in range(3)))

    assert [states(one) for one in three] == [{"db": ServiceState.READY, "web": ServiceState.READY}] * 3
    for one, what in zip(three, ("apples", "pears", "plums"), strict=True):
        await order(one, what)
    assert [await orders(one) for one in three] == [["apples"], ["pears"], ["plums"]]

    gone, closed, _ = three
    await sandboxes.close(gone.id, "discarded")
    await sandboxes.forget(gone.id)
    assert await branches.left_of(gone.id) == []

    await sandboxes.close(closed.id, "done for today")
    again = await branches.start(shop, closed.id)
    assert await orders(again) == ["pears"]
    assert await orders(three[2]) == ["plums"]


TROUBLED = """
services:
  once: {image: IMAGE, entrypoint: [sh, -c, "echo made"]}
  after:
    image: IMAGE
    entrypoint: [python3, -m, http.server, "9000", --bind, 127.0.0.1]
    ports: ["9000:9000"]
    depends_on: {once: {condition: service_completed_successfully}}
  crashes: {image: IMAGE, environment: {PGDATA: /tmp/data}}
  waits: {image: IMAGE, depends_on: [crashes]}
  root: {image: IMAGE, user: root}
  reads: {image: IMAGE, volumes: ["./out:/out"]}
"""


async def test_what_does_not_come_up_says_why_and_the_rest_stands(branches: Branches, postgres_image: str) -> None:
    sandbox = await branches.start(TROUBLED.replace("IMAGE", postgres_image))

    assert sandbox.pod is not None
    views = {view.name: view for view in sandbox.pod.views}
    assert {name: view.state.value for name, view in views.items()} == {
        "once": "ended",
        "after": "ready",
        "crashes": "failed",
        "waits": "failed",
        "root": "failed",
        "reads": "failed",
    }
    assert views["crashes"].why == "it ended with exit code 2"
    assert "POSTGRES_PASSWORD: set it, or nobody can log in" in views["crashes"].action
    assert views["waits"].why == "it waits for crashes, which has failed"
    assert "which is root or nobody that its image knows" in views["root"].why
    assert "does not have, or only as a link" in views["reads"].why


async def test_a_service_has_no_more_rights_than_a_sandbox(
    branches: Branches, engine: DockerEngine, postgres_image: str
) -> None:
    sandbox = await branches.start(SHOP.replace("IMAGE", postgres_image))

    look = "id -u; grep -h CapEff /proc/self/status; cat /proc/net/route | wc -l; touch /usr/here 2>&1; ls /workspace"
    for container in sandbox.containers[1:]:
        stream = await engine.exec(container, ("sh", "-c", f"{{ {look}; }} 2>&1"))
        said = b""
        while piece := await stream.read():
            said += piece
        await stream.close()
        uid, capabilities, routes, touched, *files = said.decode().splitlines()
        assert uid != "0"
        assert capabilities.split() == ["CapEff:", "0000000000000000"]
        assert (routes, files) == ("1", [])
        assert "Read-only file system" in touched


async def test_a_container_of_one_run_cannot_join_the_sandbox_of_another(
    sandbox: Sandbox, engine: DockerEngine, images: Images, sandbox_paths: Paths
) -> None:
    worn = {"studio.home": str(sandbox_paths.home), "studio.project": sandbox.project, "studio.run": RunId.new()}
    network = f"container:{sandbox.container}"
    spec = ContainerSpec("studio-test-joins", images.tag, "10001:10001", (), worn, network=network)

    with pytest.raises(PolicyRefused, match="sandbox of its own run"):
        await engine.start(spec)

    assert await engine.containers({"studio.run": worn["studio.run"]}) == ()


async def test_services_stand_beside_a_sandbox_that_was_up_before(branches: Branches, postgres_image: str) -> None:
    sandbox = await branches.start_from_pool(SHOP.replace("IMAGE", postgres_image))

    assert states(sandbox) == {"db": ServiceState.READY, "web": ServiceState.READY}
    await order(sandbox, "apples")
    assert await orders(sandbox) == ["apples"]


async def test_services_sleep_and_wake_with_their_sandbox(
    branches: Branches, engine: DockerEngine, postgres_image: str
) -> None:
    sandbox = await branches.start(SHOP.replace("IMAGE", postgres_image))
    await sandbox.sleep.fall_asleep(lambda: False)
    assert [one.paused for one in await engine.containers({"studio.run": sandbox.id})] == [True] * 3

    await order(sandbox, "apples")

    assert [one.paused for one in await engine.containers({"studio.run": sandbox.id})] == [False] * 3


async def test_services_of_a_studio_that_is_gone_are_cleared_away_and_their_data_with_the_files_of_the_run(
    branches: Branches, engine: DockerEngine, images: Images, sandbox_paths: Paths, postgres_image: str
) -> None:
    sandbox = await branches.start(SHOP.replace("IMAGE", postgres_image))
    later = Sandboxes(engine, images, sandbox_paths, SystemClock())

    assert set(await later.reap()) == set(sandbox.containers)
    assert len(await branches.left_of(sandbox.id)) == 2  # the data of both

    shutil.rmtree(sandbox_paths.workspaces / sandbox.id)
    await later.reap()
    assert await branches.left_of(sandbox.id) == []


SLOW = """
services:
  slow:
    image: IMAGE
    entrypoint:
    - sh
    - -c
    - |
      trap 'echo asked; sleep 9; touch /var/lib/kept/ended; exit' TERM INT
      ls /var/lib/kept
      python3 -m http.server 9000 --bind 127.0.0.1 &
      while :; do sleep 0.1; done
    ports: ["9000:9000"]
    volumes: ["kept:/var/lib/kept"]
volumes:
  kept:
"""


async def test_a_service_that_takes_long_to_end_is_ended_by_force_when_studio_closes(
    branches: Branches, engine: DockerEngine, sandboxes: Sandboxes, postgres_image: str
) -> None:
    slow = SLOW.replace("IMAGE", postgres_image)
    sandbox = await branches.start(slow)

    await sandboxes.close_all()

    assert await engine.containers({"studio.run": sandbox.id}) == ()
    again = await branches.start(slow, sandbox.id)
    assert again.pod is not None
    assert "ended" not in await again.pod.logs("slow", 10)
    await sandboxes.close_all()


async def test_nothing_of_a_service_is_left_when_nobody_waits_for_its_end_any_more(
    branches: Branches, engine: DockerEngine, sandboxes: Sandboxes, postgres_image: str
) -> None:
    sandbox = await branches.start(SLOW.replace("IMAGE", postgres_image))
    assert sandbox.pod is not None
    container = sandbox.pod.running["slow"]

    closing = asyncio.create_task(sandboxes.close(sandbox.id, "done for today"))
    async with asyncio.timeout(SECONDS):
        while b"asked" not in await engine.logs(container, 10):
            await asyncio.sleep(0.05)
    closing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await closing

    assert await engine.containers({"studio.run": sandbox.id}) == ()


class NeverHome:
    """What carries files to an engine elsewhere, and does not come to its end."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()

    async def close(self) -> None:
        self.begun.set()
        await asyncio.Event().wait()


async def test_nothing_of_a_service_is_left_when_nobody_waits_for_the_files_any_more(
    branches: Branches, engine: DockerEngine, sandboxes: Sandboxes, postgres_image: str
) -> None:
    sandbox = await branches.start(SLOW.replace("IMAGE", postgres_image))
    carrier = NeverHome()
    sandbox.carrier = cast(Carrier, carrier)

    closing = asyncio.create_task(sandboxes.close_all())
    await carrier.begun.wait()
    closing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await closing

    assert await engine.containers({"studio.run": sandbox.id}) == ()


SPEAKING = """
services:
  speaks:
    image: IMAGE
    entrypoint: [sh, -c, "echo ready; echo slow disk >&2; tail -f /dev/null"]
  counts:
    image: IMAGE
    entrypoint: [sh, -c, "echo one; printf two"]
"""


async def test_what_services_write_is_heard_by_name_and_stream_and_wakes_nobody(
    branches: Branches, postgres_image: str
) -> None:
    sandbox = await branches.start(SPEAKING.replace("IMAGE", postgres_image))
    assert await sandbox.sleep.fall_asleep(lambda: False)

    lines: list[LogLine] = []
    async with asyncio.timeout(SECONDS):
        while len(lines) < 4:
            lines += (await sandbox.logs.news(len(lines))).lines

    assert {(line.origin, line.text, line.is_error) for line in lines} == {
        ("speaks", "ready", False),
        ("speaks", "slow disk", True),
        ("counts", "one", False),
        ("counts", "two", False),
    }
    assert sandbox.sleep.asleep
