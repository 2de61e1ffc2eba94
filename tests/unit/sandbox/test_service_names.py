"""Where an engine gives services no names of each other, each that calls another is told so, and what to do."""

from __future__ import annotations

from pathlib import Path

from studio.base.paths import Paths
from studio.contracts.containers import EngineInfo
from studio.sandbox import labels
from studio.sandbox.images import Images, image_sources
from studio.sandbox.kept_data import KeptData
from studio.sandbox.pod_maker import Pods
from studio.sandbox.service_spec import ServiceSize
from studio.sandbox.spec.service import Need, Service, Services
from tests.fixtures.set_clock import SetClock
from tests.fixtures.told_engine import ToldEngine

PODMAN = EngineInfo("Podman", "4.3.1", "rootful", gives_names=False)
DB = Service("db", "db:1", ports=(5432,), names=("postgres",))
API = Service("api", "api:1", env={"URL": "postgresql://u:p@postgres:5432/shop"}, needs=(Need("cache"),))
LONE = Service("lone", "lone:1", env={"NAME": "my-db", "HOST": "db.example.org"})
SERVICES = Services((DB, Service("cache", "cache:1"), API, LONE))


async def notes(engine: ToldEngine, folder: Path) -> dict[str, str]:
    """What there is to know of each service that was started there."""
    paths = Paths(folder)
    paths.make()
    images = Images(engine.engine, image_sources(), paths.cache, {})
    kept = KeptData(engine.engine, images, SetClock(), paths.home)
    pods = Pods(engine.engine, SetClock(), paths.home, ServiceSize(seconds=1), kept)
    worn = {**labels.ours(paths.home), labels.PROJECT: "p-shop", labels.RUN: "r1"}
    pod = await pods.open("c1", worn, SERVICES, None, _no_ports)
    return {view.name: view.note for view in pod.views}


async def test_a_service_that_calls_others_is_told_where_they_are_instead(tmp_path: Path) -> None:
    engine = ToldEngine()
    engine.itself = PODMAN

    assert await notes(engine, tmp_path) == {
        "db": "",
        "cache": "",
        "api": "It cannot call db, cache by name: Podman gives a container that joins another's network no names. Let "
        "it call 127.0.0.1:5432 (db), 127.0.0.1 (cache) instead, in the compose file, or use another engine (the "
        "setting container_engine).",
        "lone": "",
    }


async def test_nothing_is_said_where_names_lead_somewhere(tmp_path: Path) -> None:
    assert set((await notes(ToldEngine(), tmp_path)).values()) == {""}


async def _no_ports() -> tuple[int, ...]:
    return ()
