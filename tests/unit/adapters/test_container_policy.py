"""Every way in which an engine could build a container other than asked is seen."""

from __future__ import annotations

import copy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from studio.adapters.docker.policy import create_body, differences, refusal_action
from studio.contracts.containers import ContainerSpec, Mount, Volume
from studio.domain.errors import PolicyRefused

_SPEC = ContainerSpec(
    name="studio-r1",
    image="studio-sandbox:1",
    user="10001:10001",
    mounts=(Mount(Path("/data/run"), "/workspace"), Mount(Path("/data/ca"), "/ca", read_only=True)),
    labels={"studio.run": "r1"},
    env={"HOME": "/tmp/home"},
    volumes=(Volume("studio-p1-cache", "/studio/cache"),),
)

_IMAGE = f"sha256:{'1' * 64}"


def as_asked() -> dict[str, Any]:
    """What `inspect` says of a container that is just as asked, with the fields an engine adds."""
    body = create_body(_SPEC, _IMAGE)
    host = {
        **body.pop("HostConfig"),
        "Binds": None,
        "Privileged": False,
        "CapAdd": None,
        "Devices": None,
        "PidMode": "",
        "UsernsMode": "",
        "PortBindings": None,
        "Runtime": "runc",
        "CgroupnsMode": "host",
        "CpuShares": 0,
        "MaskedPaths": ["/proc/asound", "/proc/kcore", "/proc/keys", "/proc/timer_list", "/sys/firmware"],
        "ReadonlyPaths": ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"],
    }
    mounts = [
        {
            "Type": "bind",
            "Source": str(mount.source),
            "Destination": mount.target,
            "RW": not mount.read_only,
            "Propagation": "rprivate",
        }
        for mount in _SPEC.mounts
    ]
    mounts += [
        {
            "Type": "volume",
            "Name": volume.name,
            "Source": f"/var/lib/engine/volumes/{volume.name}/_data",
            "Destination": volume.target,
            "Driver": "local",
            "Mode": "z",
            "RW": True,
            "Propagation": "",
        }
        for volume in _SPEC.volumes
    ]
    config = {**body, "Env": [*body["Env"], "PATH=/bin"], "Volumes": None}
    made = {"Image": _IMAGE, "HostConfig": host, "Config": config, "Mounts": mounts}
    return {**made, "NetworkSettings": {"Networks": {"none": {}}}}


def test_a_container_as_asked_shows_no_difference() -> None:
    assert differences(_SPEC, _IMAGE, as_asked()) == ()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("Privileged", True),
        ("CapAdd", ["SYS_ADMIN"]),
        ("CapDrop", None),
        ("SecurityOpt", ["no-new-privileges:true", "seccomp=unconfined"]),
        ("SecurityOpt", None),
        ("NetworkMode", "bridge"),
        ("PidMode", "host"),
        ("IpcMode", "host"),
        ("UTSMode", "host"),
        ("UsernsMode", "host"),
        ("ReadonlyRootfs", False),
        ("PidsLimit", None),
        ("PidsLimit", -1),
        ("Memory", 0),
        ("MemorySwap", -1),
        ("NanoCpus", 0),
        ("Devices", [{"PathOnHost": "/dev/kmsg"}]),
        ("DeviceRequests", [{"Driver": "nvidia"}]),
        ("DeviceCgroupRules", ["a *:* rwm"]),
        ("Binds", ["/:/host"]),
        ("VolumesFrom", ["other"]),
        ("GroupAdd", ["docker"]),
        ("Sysctls", {"net.ipv4.ip_forward": "1"}),
        ("PortBindings", {"80/tcp": [{"HostIp": "0.0.0.0", "HostPort": "80"}]}),
        ("PublishAllPorts", True),
        ("ExtraHosts", ["host:127.0.0.1"]),
        ("RestartPolicy", {"Name": "always", "MaximumRetryCount": 0}),
        ("OomKillDisable", True),
        ("OomScoreAdj", -1000),
        ("Tmpfs", {"/tmp": ""}),
        ("Ulimits", None),
        ("Init", False),
        ("LogConfig", {"Type": "json-file", "Config": {}}),
        ("MaskedPaths", []),
        ("ReadonlyPaths", []),
        ("PowerOfTomorrow", "anything"),
    ],
)
def test_a_weaker_wall_is_a_difference(field: str, value: object) -> None:
    container = as_asked()
    container["HostConfig"][field] = value

    assert any(field in difference for difference in differences(_SPEC, _IMAGE, container))


@pytest.mark.parametrize("field", sorted(create_body(_SPEC, _IMAGE)["HostConfig"].keys() - {"Mounts"}))
def test_an_option_the_engine_dropped_is_a_difference(field: str) -> None:
    container = as_asked()
    del container["HostConfig"][field]

    assert any(field in difference for difference in differences(_SPEC, _IMAGE, container))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("User", ""),
        ("User", "0:0"),
        ("Entrypoint", ["/entry"]),
        ("Cmd", ["bash"]),
        ("WorkingDir", "/"),
        ("Healthcheck", {"Test": ["CMD", "x"]}),
        ("Healthcheck", None),
        ("Volumes", {"/sneaked": {}}),
        ("Env", ["PATH=/bin"]),
        ("Labels", None),
    ],
)
def test_what_an_image_brings_along_is_a_difference(field: str, value: object) -> None:
    container = as_asked()
    container["Config"][field] = value

    assert any(field in difference for difference in differences(_SPEC, _IMAGE, container))


@pytest.mark.parametrize("change", [{"RW": False}, {"Source": "/"}, {"Propagation": "rshared"}, {"Type": "volume"}])
def test_a_mount_that_is_not_as_asked_is_a_difference(change: dict[str, object]) -> None:
    container = as_asked()
    container["Mounts"][0].update(change)

    assert any("Mounts" in difference for difference in differences(_SPEC, _IMAGE, container))


@pytest.mark.parametrize("change", [{"RW": False}, {"Name": "theirs"}, {"Driver": "nfs"}, {"Type": "bind"}])
def test_a_volume_that_is_not_as_asked_is_a_difference(change: dict[str, object]) -> None:
    container = as_asked()
    container["Mounts"][-1].update(change)

    assert any("Mounts" in difference for difference in differences(_SPEC, _IMAGE, container))


def test_one_mount_more_or_less_is_a_difference() -> None:
    more, less = as_asked(), as_asked()
    more["Mounts"].append({**copy.deepcopy(more["Mounts"][0]), "Destination": "/more"})
    less["Mounts"].pop()

    assert differences(_SPEC, _IMAGE, more)
    assert differences(_SPEC, _IMAGE, less)


def test_a_second_network_is_a_difference() -> None:
    container = as_asked()
    container["NetworkSettings"]["Networks"]["bridge"] = {}

    assert any("Networks" in difference for difference in differences(_SPEC, _IMAGE, container))


@pytest.mark.parametrize("image", [f"sha256:{'2' * 64}", "studio-sandbox:1", "", None])
def test_another_image_is_seen(image: str | None) -> None:
    assert any("Image" in difference for difference in differences(_SPEC, _IMAGE, {**as_asked(), "Image": image}))


def test_an_image_is_known_by_the_digits_of_its_id() -> None:
    assert differences(_SPEC, _IMAGE, {**as_asked(), "Image": "1" * 64}) == ()


@pytest.mark.parametrize(
    "bounds", [{"cpus": 1e-10}, {"cpus": float("nan")}, {"cpus": float("inf")}, {"memory_bytes": 0}, {"pids": 0}]
)
def test_a_container_without_a_bound_is_not_asked_for(bounds: dict[str, Any]) -> None:
    with pytest.raises(PolicyRefused, match="has a bound"):
        create_body(replace(_SPEC, **bounds), _IMAGE)


def test_an_engine_that_bounds_nothing_is_no_matter_of_the_image() -> None:
    got = as_asked()
    got["HostConfig"].update(Memory=0, PidsLimit=0)

    assert "control groups of version 2" in refusal_action(differences(_SPEC, _IMAGE, got), rootless_podman=False)
