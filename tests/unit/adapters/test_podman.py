"""Podman answers in words of its own; what it made is compared with the one policy all the same."""

from __future__ import annotations

import copy
import json
import platform
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from studio.adapters.docker.find import Endpoint
from studio.adapters.docker.podman import Podman, podman_of
from studio.adapters.docker.podman_calls import filter_file
from studio.adapters.docker.policy import create_body, differences, refusal_action
from studio.adapters.docker.readings import engine_info
from studio.contracts.containers import ContainerSpec, Mount, Volume

IMAGE = "sha256:1"
SPEC = ContainerSpec(
    name="studio-r1",
    image="studio-sandbox",
    user="10001:10001",
    mounts=(Mount(Path("/data/files"), "/workspace"),),
    labels={"studio.run": "r1"},
    env={"A": "1"},
    volumes=(Volume("cache", "/studio/cache"),),
    writable=("/var/run/db",),
    argv=("db",),
)
PODMAN = Podman(Path("/cache/calls.json"))
OWN: dict[str, Any] = {"EffectiveCaps": None, "BoundingCaps": None, "HostConfig": {"LogConfig": {"Size": "5MB"}}}
"""What the real one (4.3.1) says on its own API of such a container, and below on Docker's."""


def inspected() -> dict[str, Any]:
    """As Podman 4.3.1 says it of a container that was made as `PODMAN.asked` asks for."""
    asked = PODMAN.asked(create_body(SPEC, IMAGE))
    host = asked["HostConfig"]
    return {
        "Image": IMAGE,
        "Config": {**asked, "Env": [*asked["Env"], "container=podman"], "Volumes": None},
        "HostConfig": {
            **{name: value for name, value in host.items() if name != "Mounts"},
            "Binds": ["/data/files:/workspace:rprivate,bind,rw", "cache:/studio/cache:rw,rprivate,nosuid,nodev,rbind"],
            "CapDrop": ["CHOWN", "KILL", "MKNOD"],
            "CapAdd": [],
            "IpcMode": "shareable",
            "PidMode": "private",
            "UTSMode": "private",
            "SecurityOpt": ["no-new-privileges", "seccomp=/cache/calls.json"],
            "Tmpfs": {path: f"{options},rprivate,tmpcopyup" for path, options in host["Tmpfs"].items()},
            "Ulimits": [{**one, "Name": f"RLIMIT_{one['Name'].upper()}"} for one in host["Ulimits"]],
            "CpuPeriod": 100_000,
            "CpuQuota": 150_000,
            "MemorySwappiness": -1,
            "LogConfig": {"Type": "json-file", "Config": None},
            "MaskedPaths": None,
            "ReadonlyPaths": None,
        },
        "Mounts": [
            {"Type": "volume", "Name": "cache", "Destination": "/studio/cache", "RW": True, "Driver": "local"},
            {
                "Type": "bind",
                "Source": "/data/files",
                "Destination": "/workspace",
                "RW": True,
                "Propagation": "rprivate",
            },
        ],
        "NetworkSettings": {"Networks": {}},
    }


def found(said: dict[str, Any], own: dict[str, Any] = OWN) -> tuple[str, ...]:
    return differences(SPEC, IMAGE, PODMAN.told(create_body(SPEC, IMAGE), said, own))


def test_a_container_that_is_as_it_was_asked_for_is_no_different() -> None:
    assert found(inspected()) == ()


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("SecurityOpt", lambda host: host["SecurityOpt"].remove("seccomp=/cache/calls.json")),
        ("SecurityOpt", lambda host: host["SecurityOpt"].append("unmask=ALL")),
        ("SecurityOpt", lambda host: host["SecurityOpt"].remove("no-new-privileges")),
        ("Tmpfs", lambda host: host["Tmpfs"].update({"/tmp": "rw,exec,nosuid,nodev"})),
        ("Tmpfs", lambda host: host["Tmpfs"].update({"/var/tmp": "rw,nosuid,nodev"})),
        ("Tmpfs", lambda host: host["Tmpfs"].update({"/more": "rw,size=1g"})),
        ("Ulimits", lambda host: host["Ulimits"].pop(0)),
        ("Binds", lambda host: host["Binds"].append("/:/host")),
        ("CpuQuota", lambda host: host.update(CpuQuota=400_000)),
        ("IpcMode", lambda host: host.update(IpcMode="host")),
        ("PidMode", lambda host: host.update(PidMode="host")),
        ("UTSMode", lambda host: host.update(UTSMode="host")),
        ("Privileged", lambda host: host.update(Privileged=True)),
        ("Memory", lambda host: host.update(Memory=0)),
        ("NetworkMode", lambda host: host.update(NetworkMode="bridge")),
        ("ReadonlyPaths", lambda host: host.update(ReadonlyPaths=[])),
        ("Devices", lambda host: host.update(Devices=["/dev/kvm"])),
    ],
)
def test_whatever_is_weaker_than_it_was_asked_for_is_a_difference(
    name: str, change: Callable[[dict[str, Any]], None]
) -> None:
    said = copy.deepcopy(inspected())
    change(said["HostConfig"])

    assert any(one.startswith(name) for one in found(said)), found(said)


@pytest.mark.parametrize(
    "own",
    [
        {"EffectiveCaps": ["CAP_CHOWN"]},
        {"BoundingCaps": ["CAP_SYS_ADMIN"]},
        {"HostConfig": {**OWN["HostConfig"], "CapAdd": ["CAP_NET_RAW"]}},
    ],
)
def test_a_capability_that_is_left_is_a_difference(own: dict[str, Any]) -> None:
    assert any(one.startswith("CapDrop") for one in found(inspected(), {**OWN, **own}))


def test_a_log_without_its_bound_is_a_difference() -> None:
    own = {**OWN, "HostConfig": {"LogConfig": {"Size": "0B"}}}

    assert any(one.startswith("LogConfig") for one in found(inspected(), own))


def test_its_own_filter_is_narrowed_by_what_makes_namespaces(tmp_path: Path) -> None:
    own = tmp_path / "seccomp.json"
    allowed = {"action": "SCMP_ACT_ALLOW", "names": ["read", "clone", "clone3", "unshare", "mount"], "args": []}
    refused = {"action": "SCMP_ACT_ERRNO", "names": ["setns"], "errnoRet": 1}
    own.write_text(json.dumps({"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [allowed, refused]}))

    made = filter_file(tmp_path / "cache", (tmp_path / "nowhere", own))

    assert made is not None
    first, second, clone = json.loads(made.read_text())["syscalls"]
    assert (first["names"], second) == (["read"], refused)
    assert (clone["names"], clone["args"][0]["op"]) == (["clone"], "SCMP_CMP_MASKED_EQ")
    assert filter_file(tmp_path / "cache", (own,)) == made


def test_a_filter_that_lets_everything_pass_is_not_built_on(tmp_path: Path) -> None:
    own = tmp_path / "seccomp.json"
    own.write_text(json.dumps({"defaultAction": "SCMP_ACT_ALLOW", "syscalls": []}))

    assert filter_file(tmp_path / "cache", (own,)) is None


PODMAN_SAYS = {"Components": [{"Name": "Podman Engine"}]}
SOCKET = "unix:///run/podman/podman.sock"


@pytest.fixture
def own(tmp_path: Path) -> tuple[Path, ...]:
    """The filter of a Podman that is installed on this machine."""
    file = tmp_path / "seccomp.json"
    file.write_text(json.dumps({"defaultAction": "SCMP_ACT_ERRNO", "syscalls": []}))
    return (file,)


@pytest.mark.parametrize(
    ("endpoint", "machine"),
    [
        (Endpoint("unix:///run/user/7/studio-ssh-x/s", shown="ssh://ada@far"), platform.node()),
        (Endpoint(SOCKET), "podman-machine-default"),
        (Endpoint("tcp://far:2376"), platform.node()),
    ],
    ids=["behind ssh", "in a machine of Podman's own", "over the network"],
)
def test_podman_elsewhere_gets_no_file_of_this_machine_and_is_told_to_have_the_wider_filter(
    endpoint: Endpoint, machine: str, own: tuple[Path, ...], tmp_path: Path
) -> None:
    far = podman_of(PODMAN_SAYS, lambda: {"Name": machine}, endpoint, tmp_path, own)

    assert far is not None
    assert far.calls is None
    assert "namespaces" in far.holes[0]


def test_podman_on_this_machine_gets_the_narrowed_filter(own: tuple[Path, ...], tmp_path: Path) -> None:
    here = podman_of(PODMAN_SAYS, lambda: {"Name": platform.node()}, Endpoint(SOCKET), tmp_path, own)

    assert here is not None
    assert here.calls is not None
    assert here.holes == ()


def test_podman_says_that_nobody_counts_the_processes_of_a_build(own: tuple[Path, ...], tmp_path: Path) -> None:
    here = podman_of(PODMAN_SAYS, lambda: {"Name": platform.node()}, Endpoint(SOCKET), tmp_path, own)

    assert "nobody counts the processes" in engine_info(PODMAN_SAYS, {}, here).unbounded


def test_podman_says_in_words_of_its_own_that_it_is_not_root(own: tuple[Path, ...], tmp_path: Path) -> None:
    says = {"Name": platform.node(), "Rootless": True, "SecurityOptions": ["name=seccomp,profile=default"]}
    here = podman_of(PODMAN_SAYS, lambda: says, Endpoint(SOCKET), tmp_path, own)

    assert here is not None
    assert here.rootless
    assert engine_info(PODMAN_SAYS, says, here).isolation == "rootless"


@pytest.mark.parametrize(("rootless", "differs"), [(True, False), (False, True)])
def test_only_a_podman_without_root_puts_containers_beside_what_people_start(rootless: bool, differs: bool) -> None:
    told = inspected()
    told["HostConfig"]["CgroupParent"] = "user.slice"
    engine = Podman(PODMAN.calls, rootless=rootless)

    assert bool(differences(SPEC, IMAGE, engine.told(create_body(SPEC, IMAGE), told, OWN))) is differs


def test_a_podman_without_root_that_hears_no_limits_is_too_old() -> None:
    told = inspected()
    told["HostConfig"]["Ulimits"] = []
    found = differences(SPEC, IMAGE, PODMAN.told(create_body(SPEC, IMAGE), told, OWN))

    assert [one.partition(":")[0] for one in found] == ["Ulimits"]
    assert "before 5.5" in refusal_action(found, rootless_podman=True)
    assert "before 5.5" not in refusal_action(found, rootless_podman=False)


def test_what_is_no_podman_is_asked_nothing_more(tmp_path: Path) -> None:
    def nothing() -> dict[str, str]:
        raise AssertionError("nobody wants to know")

    assert podman_of({"Components": [{"Name": "Engine"}]}, nothing, Endpoint(SOCKET), tmp_path) is None
