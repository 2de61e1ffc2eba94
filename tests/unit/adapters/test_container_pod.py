"""A container joins the loopback of its own run's sandbox and nothing else, and the engine's answer is held to it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from studio.adapters.docker.policy import create_body, differences
from studio.contracts.containers import ContainerSpec
from studio.domain.errors import PolicyRefused

_IMAGE = f"sha256:{'1' * 64}"
_POD = f"container:{'a' * 64}"
_SERVICE = ContainerSpec(
    name="studio-db",
    image="postgres:16",
    user="999:998",
    mounts=(),
    labels={"studio.run": "r1"},
    network=_POD,
    argv=("postgres", "-c", "fsync=off"),
    writable=("/run/postgresql",),
)


def as_asked(spec: ContainerSpec) -> dict[str, Any]:
    """What `inspect` says of a container that is just as asked."""
    body = create_body(spec, _IMAGE)
    host = body.pop("HostConfig")
    networks: dict[str, Any] = {"none": {}} if spec.network == "none" else {}
    return {
        "Image": _IMAGE,
        "HostConfig": host,
        "Config": body,
        "Mounts": [],
        "NetworkSettings": {"Networks": networks},
    }


def test_a_service_that_joined_its_sandbox_shows_no_difference() -> None:
    assert differences(_SERVICE, _IMAGE, as_asked(_SERVICE)) == ()


@pytest.mark.parametrize("network", ["none", "bridge", "host", f"container:{'b' * 64}"])
def test_a_service_that_joined_something_else_is_a_difference(network: str) -> None:
    container = as_asked(_SERVICE)
    container["HostConfig"]["NetworkMode"] = network

    assert any("NetworkMode" in difference for difference in differences(_SERVICE, _IMAGE, container))


def test_a_service_that_got_a_network_besides_is_a_difference() -> None:
    container = as_asked(_SERVICE)
    container["NetworkSettings"]["Networks"] = {"bridge": {}}

    assert any("Networks" in difference for difference in differences(_SERVICE, _IMAGE, container))


def test_another_program_than_asked_is_a_difference() -> None:
    container = as_asked(_SERVICE)
    container["Config"]["Cmd"] = ["-c", "fsync=on"]

    assert any("Cmd" in difference for difference in differences(_SERVICE, _IMAGE, container))


def test_a_folder_in_memory_belongs_to_the_containers_user() -> None:
    options = create_body(_SERVICE, _IMAGE)["HostConfig"]["Tmpfs"]["/run/postgresql"]

    assert {"uid=999", "gid=998", "nosuid", "nodev"} <= set(options.split(","))


def test_a_name_for_the_loopback_is_kept_and_one_more_is_a_difference() -> None:
    sandbox = replace(_SERVICE, network="none", hosts={"db": "127.0.0.1"})
    container = as_asked(sandbox)
    assert differences(sandbox, _IMAGE, container) == ()

    container["HostConfig"]["ExtraHosts"].append("gateway:172.17.0.1")
    assert any("ExtraHosts" in difference for difference in differences(sandbox, _IMAGE, container))


@pytest.mark.parametrize(
    "network", ["", "host", "bridge", "default", "container:studio-r1", f"container:{'a' * 64} ", "ns:/proc/1/ns/net"]
)
def test_any_other_network_is_refused_before_the_engine_is_asked(network: str) -> None:
    with pytest.raises(PolicyRefused):
        create_body(replace(_SERVICE, network=network), _IMAGE)


@pytest.mark.parametrize(
    "hosts", [{"db": "10.0.0.1"}, {"db": "169.254.169.254"}, {"db": "host-gateway"}, {"db:": "127.0.0.1"}, {"": "::1"}]
)
def test_a_name_that_leads_out_of_the_sandbox_is_refused(hosts: dict[str, str]) -> None:
    with pytest.raises(PolicyRefused):
        create_body(replace(_SERVICE, network="none", hosts=hosts), _IMAGE)


@pytest.mark.parametrize(
    "folder", ["/", "/proc", "/proc/sys", "/dev/shm", "/etc", "run", "/run/../etc", "/a:rw", "/a,b"]
)
def test_a_folder_of_the_system_is_not_covered(folder: str) -> None:
    with pytest.raises(PolicyRefused):
        create_body(replace(_SERVICE, writable=(folder,)), _IMAGE)
