"""As whom a service runs, what it may write, and what it reads of the repository."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from studio.contracts.containers import ContainerSpec, Mount, ServiceImage
from studio.domain.errors import PolicyRefused
from studio.sandbox.service_spec import ServiceSize, files_of, spec_of, user_of, volumes_of
from studio.sandbox.shape import inside_user
from studio.sandbox.spec.service import Service, ServiceFile, ServiceVolume

DATA = "/var/lib/postgresql/data"
IMAGE = ServiceImage(
    id="sha256:1",
    entrypoint=("entry.sh",),
    command=("postgres",),
    user="",
    workdir="/",
    volumes=(DATA,),
    ports=(5432,),
    health=(),
    owners={DATA: (999, 998)},
    run_folders=("/run/postgresql",),
)
DB = Service("db", "postgres:16")


def spec(service: Service = DB, image: ServiceImage = IMAGE, *, size: ServiceSize = ServiceSize()) -> ContainerSpec:  # noqa: B008
    user = user_of(service, image)
    volumes = volumes_of(service, image, user, "studio-r1")
    labels = {"studio.run": "r1"}
    return spec_of(
        *(service, image), user=user, name="x", sandbox="a" * 64, labels=labels, mounts=(), volumes=volumes, size=size
    )


def test_where_the_image_says_root_it_runs_as_the_owner_of_its_data() -> None:
    assert spec().user == "999:998"


def test_where_nobody_owns_its_data_it_runs_as_a_sandbox_does() -> None:
    uid, gid = inside_user()

    assert spec(image=replace(IMAGE, owners={DATA: (0, 0)})).user == f"{uid}:{gid}"


def test_the_user_of_its_image_counts_before_the_owner_of_its_data() -> None:
    assert spec(image=replace(IMAGE, user="1234:1234")).user == "1234:1234"


def test_a_file_that_says_root_is_refused() -> None:
    with pytest.raises(PolicyRefused, match="root"):
        user_of(replace(DB, user="0"), IMAGE)


def test_a_volume_that_only_the_image_asks_for_is_the_runs_own_too() -> None:
    (volume,) = spec().volumes

    assert (volume.name, volume.target) == ("studio-r1-db.var.lib.postgresql.data", DATA)


def test_a_volume_at_a_place_of_somebody_else_begins_empty_and_is_given_to_the_service() -> None:
    elsewhere = replace(DB, volumes=(ServiceVolume("data", DATA), ServiceVolume("more", "/srv/more")))

    assert [volume.filled for volume in spec(elsewhere).volumes] == [True, False]


def test_what_the_image_has_in_run_is_memory_that_it_may_write() -> None:
    assert spec(replace(DB, writable=("/cache",))).writable == ("/run/postgresql", "/cache")


def test_it_joins_its_sandbox_and_nothing_else() -> None:
    assert (spec().network, spec().hosts) == (f"container:{'a' * 64}", {})


@pytest.mark.parametrize(
    ("entrypoint", "command", "argv"),
    [
        (None, None, ("entry.sh", "postgres")),
        (None, ("postgres", "-v"), ("entry.sh", "postgres", "-v")),
        (("own",), None, ("own",)),
        (("own",), ("word",), ("own", "word")),
    ],
)
def test_what_runs_is_as_compose_has_it(
    entrypoint: tuple[str, ...] | None, command: tuple[str, ...] | None, argv: tuple[str, ...]
) -> None:
    assert spec(replace(DB, entrypoint=entrypoint, command=command)).argv == argv


def test_an_image_in_which_nothing_is_to_run_is_refused() -> None:
    with pytest.raises(PolicyRefused, match="what is to run"):
        spec(image=replace(IMAGE, entrypoint=(), command=()))


def test_a_file_may_ask_for_less_than_a_service_gets_and_not_for_more() -> None:
    size = ServiceSize(memory_bytes=1 << 30, cpus=1.0)

    assert spec(replace(DB, memory_bytes=1 << 28, cpus=0.5), size=size).memory_bytes == 1 << 28
    assert spec(replace(DB, memory_bytes=1 << 40, cpus=64.0), size=size).memory_bytes == 1 << 30


def test_a_file_of_the_repository_is_read_only(tmp_path: Path) -> None:
    (tmp_path / "init.sql").write_text("")

    assert files_of((ServiceFile("init.sql", "/init.sql"),), tmp_path) == (
        Mount((tmp_path / "init.sql").resolve(), "/init.sql", read_only=True),
    )


@pytest.mark.parametrize("target", ["/etc/passwd", "..", "../other"])
def test_a_link_of_the_repository_leads_nowhere_out_of_it(target: str, tmp_path: Path) -> None:
    base = tmp_path / "base"
    base.mkdir()
    (tmp_path / "other").mkdir()
    (base / "link").symlink_to(target)

    with pytest.raises(PolicyRefused, match="does not have, or only as a link"):
        files_of((ServiceFile("link", "/here"),), base)
