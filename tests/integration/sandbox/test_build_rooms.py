"""The steps of a build reach what the project's sandboxes do, and no more."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from studio.adapters.clock import SystemClock
from studio.adapters.docker.engine import DockerEngine
from studio.base.paths import Paths
from studio.domain.errors import EngineError
from studio.domain.ids import ProjectId, RunId
from studio.domain.network import NetworkMode
from studio.domain.projects import Project
from studio.sandbox.build_bounds import BuildBounds
from studio.sandbox.build_rooms import BuildRooms
from studio.sandbox.egress.egress import Egress
from studio.sandbox.egress.ledger import ConnectionLedger
from studio.sandbox.images import Images, image_sources
from studio.sandbox.plan import SandboxPlan
from studio.sandbox.project_images import ProjectImages, Source
from studio.sandbox.sandboxes import Sandboxes
from studio.sandbox.shape import Size
from studio.sandbox.spec.wanted import Build, Wanted
from studio.store import projects
from studio.store.database import Database
from tests.fixtures.outside import PlainJudge, ScriptedOutside

pytestmark = pytest.mark.docker

FETCH = "curl -sSf -m 20 -o /fetched http://files.example.org/"
CGROUP = "/sys/fs/cgroup"
BOUNDS = (
    f"cat {CGROUP}/memory.max {CGROUP}/cpu.max 2> /dev/null "
    f"|| cat {CGROUP}/memory/memory.limit_in_bytes {CGROUP}/cpu/cpu.cfs_quota_us"
)
"""What a container's memory and processors are bounded by, in the newer way and in the older one."""
AROUND = "curl -s -m 5 --noproxy '*' http://172.17.0.1/ || tail -n +3 /proc/net/dev | cut -d: -f1 > /interfaces"


async def page(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nhello there")
    await writer.drain()


class Yard:
    """One project whose Dockerfile fetches something."""

    def __init__(
        self, images: ProjectImages, sandboxes: Sandboxes, judge: PlainJudge, outside: ScriptedOutside
    ) -> None:
        self.project = ProjectId.new()
        self.images = images
        self.sandboxes = sandboxes
        self.judge = judge
        self.outside = outside
        self.lines: list[str] = []

    async def build(self, dockerfile: str) -> str:
        """Builds the image of such a Dockerfile; returns its tag."""

        async def lay_out(scratch: Path) -> Path:
            (scratch / "files").mkdir()
            (scratch / "files" / "Dockerfile").write_text("What is not what was judged.")
            return scratch / "files"

        wanted = Wanted("Dockerfile", build=Build("Dockerfile", text=dockerfile))
        source = Source({"Dockerfile": str(hash(dockerfile))}, lay_out)
        return await self.images.ensure(self.project, RunId.new(), wanted, source, self.lines.append)


@pytest.fixture
async def yard(engine: DockerEngine, images: Images, sandbox_paths: Paths, sandboxes: Sandboxes) -> AsyncIterator[Yard]:
    """Ends before `sandboxes`, which looks for what is left behind."""
    database = await Database.open(sandbox_paths.database)
    judge, outside, clock = PlainJudge("files.example.org:80"), ScriptedOutside(), SystemClock()
    egress = Egress(judge, ConnectionLedger(database, clock), outside, clock, 0)
    own = Sandboxes(engine, images, sandbox_paths, clock, egress=egress)
    rooms = BuildRooms(own, images, egress, sandbox_paths)
    made = Yard(ProjectImages(engine, images, image_sources(), sandbox_paths, rooms), own, judge, outside)
    async with database.transaction() as connection:
        await projects.add(connection, Project(made.project, "shop", sandbox_paths.home, clock.now()))
    yield made
    await own.close_all()
    await made.images.forget(made.project)
    await database.close()
    assert await engine.images({"studio.project": made.project}) == ()


async def test_a_build_reaches_listed_hosts_through_the_proxy_and_nothing_around_it(
    yard: Yard, images: Images, workspace: Path, engine: DockerEngine
) -> None:
    async with yard.outside.host("files.example.org", 80, page):
        tag = await yard.build(f"FROM {images.tag}\nUSER root\nRUN {FETCH}\nRUN {AROUND}\n")

    sandbox = await yard.sandboxes.open(yard.project, RunId.new(), workspace, (), SandboxPlan(image=tag))
    seen = await sandbox.exec("cat /fetched /interfaces", timeout=60)
    assert seen.output.split() == ["hello", "there", "lo"]
    facts = await engine.image_facts(tag)
    assert facts is not None
    assert not [name for name in facts.env if name.upper().endswith("_PROXY")]
    assert len(await yard.sandboxes.containers()) == 1


@pytest.mark.parametrize(
    ("mode", "address"),
    [(NetworkMode.NONE, "files.example.org"), (NetworkMode.ALLOW, "other.example.net")],
    ids=["of a project without a network", "to a host that is not listed"],
)
async def test_a_step_fails(mode: NetworkMode, address: str, yard: Yard, images: Images) -> None:
    yard.judge.network = mode
    async with yard.outside.host("files.example.org", 80, page):
        with pytest.raises(EngineError, match="returned a non-zero code"):
            await yard.build(f"FROM {images.tag}\nRUN curl -sSf -m 20 http://{address}/\n")

    assert await yard.sandboxes.containers() == ()


async def test_a_step_has_no_more_of_the_machine_than_a_sandbox(yard: Yard, images: Images) -> None:
    # Named by the project, as the engine does not run a step again that it ran before.
    await yard.build(f"FROM {images.tag}\nRUN : {yard.project}; {BOUNDS}\n")

    usual = Size()
    bounds = [line.split()[0] for line in yard.lines if line and line[0].isdigit()]
    assert bounds[:2] == [str(usual.memory_bytes), str(int(usual.cpus * 100_000))]


async def test_a_step_ends_when_nobody_waits_for_the_build_any_more(
    yard: Yard, images: Images, engine: DockerEngine
) -> None:
    building = asyncio.create_task(yard.build(f"FROM {images.tag}\nRUN sleep 600\n"))
    runs_in = " ---> Running in "
    async with asyncio.timeout(60):
        while not (started := [line for line in yard.lines if line.startswith(runs_in)]):
            await asyncio.sleep(0.05)
        step = started[0].removeprefix(runs_in)
        assert any(state.id.startswith(step) for state in await engine.containers({}))
        building.cancel()
        await asyncio.wait({building})
        while any(state.id.startswith(step) for state in await engine.containers({})):
            await asyncio.sleep(0.05)


@pytest.mark.parametrize(
    ("step", "why"),
    [
        ("tail /dev/zero", "more memory than a sandbox may have"),
        ("i=0; while [ $i -lt 200 ]; do sleep 600 & i=$((i+1)); done; wait", "more than 64 processes"),
    ],
    ids=["of memory", "of processes"],
)
async def test_a_step_that_takes_more_than_it_may_ends_the_build(
    step: str, why: str, yard: Yard, images: Images, engine: DockerEngine, sandbox_paths: Paths
) -> None:
    bounds = BuildBounds(Size(memory_bytes=128 << 20, cpus=1, pids=8))
    yard.images = ProjectImages(engine, images, image_sources(), sandbox_paths, bounds=bounds)

    with pytest.raises(EngineError, match=why):
        await yard.build(f"FROM {images.tag}\nRUN {step}\n")
