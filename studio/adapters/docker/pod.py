"""What a container may have of another one of its pod, and what runs in it, in the engine API's words."""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import Any

from docker import APIClient

from studio.contracts.containers import ContainerSpec
from studio.domain.errors import PolicyRefused

_SLEEP = ("/bin/sleep", "infinity")
_JOINED = re.compile(r"container:[0-9a-f]{64}")
_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9_.-]{0,251}[A-Za-z0-9])?")
_FOLDER = re.compile(r"/[A-Za-z0-9._+@-]+(/[A-Za-z0-9._+@-]+)*")
_SYSTEM = ("/proc", "/sys", "/dev", "/etc")
_ROOM = "64m"
_SAME = ("studio.home", "studio.project", "studio.run")
_SLOT = "studio.slot"


def program_of(spec: ContainerSpec) -> tuple[str, ...]:
    """What runs as the container's first process."""
    return spec.argv or _SLEEP


def networks_of(spec: ContainerSpec) -> set[str]:
    """The networks that a container of `spec` may be listed with; one that joins another has none of its own."""
    return {"none"} if spec.network == "none" else set()


def require_own_pod(api: APIClient, spec: ContainerSpec) -> None:
    """Raises PolicyRefused when `spec` joins a container that is not of its own data folder, project and run.

    One that was taken out of the pool was made before there was the run, and carries its slot instead. Blocks.
    """
    if spec.network == "none":
        return
    joined = api.inspect_container(spec.network.removeprefix("container:"))
    labels = joined["Config"].get("Labels") or {}
    same = _SAME[:-1] if _SLOT in labels and _SAME[-1] not in labels else _SAME
    if any(not spec.labels.get(name) or spec.labels[name] != labels.get(name) for name in same):
        raise PolicyRefused("A container may only join the sandbox of its own run.")
    if joined["HostConfig"].get("NetworkMode") != "none":
        raise PolicyRefused("A container may only join a sandbox that has no network.")


def extra_hosts(spec: ContainerSpec) -> dict[str, Any]:
    """The field for names of loopback addresses, absent without any. Raises PolicyRefused for any other network."""
    if spec.network != "none" and not _JOINED.fullmatch(spec.network):
        raise PolicyRefused(f"A sandbox has no network, so it cannot be given “{spec.network}”.")
    if spec.hosts and spec.network != "none":
        raise PolicyRefused("A container that joins another has the names of that one, and no others.")
    for name, address in spec.hosts.items():
        if not _NAME.fullmatch(name) or not _is_loopback(address):
            raise PolicyRefused(f"Names in a sandbox lead to its own loopback address; {name} → {address} does not.")
    return {"ExtraHosts": [f"{name}:{address}" for name, address in spec.hosts.items()]} if spec.hosts else {}


def writable_folders(spec: ContainerSpec) -> dict[str, str]:
    """Folders in memory that belong to the container's user. Raises PolicyRefused for one of the system's own."""
    uid, _, gid = spec.user.partition(":")
    for folder in spec.writable:
        parts = folder.split("/")
        if not _FOLDER.fullmatch(folder) or {".", ".."} & set(parts) or f"/{parts[1]}" in _SYSTEM:
            raise PolicyRefused(f"A sandbox cannot be given a folder in memory at {folder}.")
    options = f"rw,exec,nosuid,nodev,size={_ROOM},uid={uid},gid={gid},mode=0755"
    return dict.fromkeys(spec.writable, options)


def _is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False
