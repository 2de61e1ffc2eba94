"""The hardened container policy: what is asked for, and every way in which the engine's answer differs from it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from studio.adapters.docker.pod import extra_hosts, networks_of, program_of, writable_folders
from studio.contracts.containers import ContainerSpec, Mount, Volume
from studio.domain.errors import PolicyRefused

_TMPFS = {
    # The engine adds noexec unless told otherwise, and test suites run programs they wrote to /tmp.
    "/tmp": "rw,exec,nosuid,nodev,size=256m,nr_inodes=50000",
    "/run": "rw,nosuid,nodev,size=16m",
}
_LEAST_CORES = 0.01
_LOGGED = {"Type": "json-file", "Config": {"max-size": "5m", "max-file": "2"}}
# A sleep says nothing, but whatever runs beside it may write to its output: each short line so written costs the engine
# processor time that no limit of the container covers.
_UNLOGGED: dict[str, Any] = {"Type": "none", "Config": {}}
# One byte, because the kernel hands the memory of a crashed program to the host's own crash handler (which is root, and
# outside) whatever the limit is, but for this one.
_ULIMITS = [{"Name": "nofile", "Soft": 4096, "Hard": 4096}, {"Name": "core", "Soft": 1, "Hard": 1}]
_MASKED = {"/proc/kcore", "/proc/keys", "/proc/timer_list", "/sys/firmware"}
_READ_ONLY = {"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"}
_EMPTY: tuple[object, ...] = (None, "", 0, False, [], {}, [0, 0])

_DAEMON_SETTINGS = frozenset({"Runtime", "CgroupnsMode", "ConsoleSize", "MaskedPaths", "ReadonlyPaths"})
"""Fields that the engine fills by its own configuration; the last two are compared apart."""


def create_body(spec: ContainerSpec, image: str) -> dict[str, Any]:
    """The engine API's body for creating `spec` from the image with that id.

    The image's own entry point, volumes and checks get no say. Raises PolicyRefused for a `spec` that asks for a
    network, a name or a folder that no sandbox may have, or that leaves a bound out.
    """
    _require_bounds(spec)
    entry, *arguments = program_of(spec)
    return {
        "Image": image,
        "User": spec.user,
        "WorkingDir": spec.workdir,
        "Entrypoint": [entry],
        "Cmd": arguments,
        "Env": [f"{name}={value}" for name, value in spec.env.items()],
        "Labels": dict(spec.labels),
        "Healthcheck": {"Test": ["NONE"]},
        "HostConfig": {**_host_config(spec), "Mounts": _mounts(spec)},
    }


def differences(spec: ContainerSpec, image: str, inspected: Mapping[str, Any]) -> tuple[str, ...]:
    """Each option, as `name: wanted …, got …`, in which a created container is not what was asked for.

    A field this table does not know must be empty, so that an engine's new power is refused until it is known.
    """
    return (
        *_differing("Image", _digits(image), _digits(str(inspected.get("Image")))),
        *_host_differences(spec, inspected["HostConfig"]),
        *_config_differences(spec, inspected["Config"]),
        *_differing("Mounts", _wanted_mounts(spec), _mounted(inspected)),
        *_networks(spec, set(inspected["NetworkSettings"].get("Networks") or {})),
    )


def _require_bounds(spec: ContainerSpec) -> None:
    """To an engine nothing is no bound at all."""
    if not (spec.cpus >= _LEAST_CORES and math.isfinite(spec.cpus) and spec.memory_bytes > 0 and spec.pids > 0):
        raise PolicyRefused("Every container has a bound of processor time, of memory and of processes; this has not.")


def refusal_action(found: tuple[str, ...], *, rootless_podman: bool) -> str:
    """What helps against these `differences`."""
    lacking = {one.partition(":")[0] for one in found}
    if lacking & {"Memory", "PidsLimit", "NanoCpus"}:
        return (
            "An engine without root bounds memory, processes and processors only where systemd hands it control "
            "groups of version 2: see docker info or podman info, or use an engine that runs as root."
        )
    if rootless_podman and lacking == {"Ulimits"}:
        return (
            "Podman before 5.5 hears no such limits where it runs without root: update it, or use an engine that runs "
            "as root (setting container_engine)."
        )
    return "Use an image without volumes of its own, and an engine with its default settings."


def _networks(spec: ContainerSpec, got: set[str]) -> tuple[str, ...]:
    return _differing("Networks", networks_of(spec), got | networks_of(spec))


def _host_config(spec: ContainerSpec) -> dict[str, Any]:
    return {
        "NetworkMode": spec.network,
        **extra_hosts(spec),
        "CapDrop": ["ALL"],
        "SecurityOpt": ["no-new-privileges:true"],
        "ReadonlyRootfs": True,
        "Tmpfs": {**_TMPFS, **writable_folders(spec)},
        "PidsLimit": spec.pids,
        "Memory": spec.memory_bytes,
        "MemorySwap": spec.memory_bytes,
        "NanoCpus": int(spec.cpus * 1_000_000_000),
        "OomScoreAdj": 500,
        "ShmSize": 64 * 1024**2,
        "Ulimits": _ULIMITS,
        "IpcMode": "private",
        "RestartPolicy": {"Name": "no", "MaximumRetryCount": 0},
        "LogConfig": _LOGGED if spec.argv else _UNLOGGED,
        "Init": True,
    }


def _host_differences(spec: ContainerSpec, got: Mapping[str, Any]) -> tuple[str, ...]:
    wanted = _host_config(spec)
    found: list[str] = []
    for name, value in got.items():
        if name == "Mounts" or name in _DAEMON_SETTINGS:
            continue
        if name in wanted:
            found += _differing(name, _comparable(wanted[name]), _comparable(value))
        elif value not in _EMPTY and not (name == "UsernsMode" and value != "host"):
            found.append(f"{name}: wanted nothing, got {value!r}")
    found += [f"{name}: wanted {value!r}, got nothing" for name, value in wanted.items() if name not in got]
    # An absent list means that the engine is too old to say, an empty one that masking was switched off.
    found += [f"MaskedPaths: lacks {path}" for path in sorted(_MASKED - set(got.get("MaskedPaths", _MASKED) or ()))]
    found += [f"ReadonlyPaths: lacks {p}" for p in sorted(_READ_ONLY - set(got.get("ReadonlyPaths", _READ_ONLY) or ()))]
    return tuple(found)


def _config_differences(spec: ContainerSpec, got: Mapping[str, Any]) -> tuple[str, ...]:
    env = set(got.get("Env") or ())
    labels = (got.get("Labels") or {}).items()
    entry, *arguments = program_of(spec)
    return (
        *_differing("User", spec.user, got.get("User")),
        *_differing("Entrypoint", [entry], got.get("Entrypoint")),
        *_differing("Cmd", arguments, got.get("Cmd") or []),
        *_differing("WorkingDir", spec.workdir, got.get("WorkingDir")),
        *_differing("Healthcheck", ["NONE"], (got.get("Healthcheck") or {}).get("Test")),
        *_differing("Volumes", set(), set(got.get("Volumes") or {}) - {volume.target for volume in spec.volumes}),
        *(f"Env: lacks {name}" for name, value in spec.env.items() if f"{name}={value}" not in env),
        *(f"Labels: lacks {item[0]}" for item in spec.labels.items() if item not in labels),
    )


def _digits(image: str) -> str:
    """An image's id without the name of its hash, which not every engine writes."""
    return image.removeprefix("sha256:")


def _differing(name: str, wanted: object, got: object) -> tuple[str, ...]:
    return () if wanted == got else (f"{name}: wanted {wanted!r}, got {got!r}",)


def _comparable(value: Any) -> Any:
    return sorted(value, key=str) if isinstance(value, list) and value and isinstance(value[0], dict) else value


def _mounts(spec: ContainerSpec) -> list[dict[str, Any]]:
    return [*(_bind(mount) for mount in spec.mounts), *(_named(volume) for volume in spec.volumes)]


def _bind(mount: Mount) -> dict[str, Any]:
    return {
        "Type": "bind",
        "Source": str(mount.source),
        "Target": mount.target,
        "ReadOnly": mount.read_only,
        "BindOptions": {"Propagation": "rprivate"},
    }


def _named(volume: Volume) -> dict[str, Any]:
    named = {"Type": "volume", "Source": volume.name, "Target": volume.target, "ReadOnly": volume.read_only}
    return named if volume.filled else {**named, "VolumeOptions": {"NoCopy": True}}


def _wanted_mounts(spec: ContainerSpec) -> set[tuple[Any, ...]]:
    binds = {("bind", str(mount.source), mount.target, not mount.read_only, "rprivate") for mount in spec.mounts}
    return binds | {("volume", volume.name, volume.target, not volume.read_only, "local") for volume in spec.volumes}


def _mounted(inspected: Mapping[str, Any]) -> set[tuple[Any, ...]]:
    return {_found(one) for one in inspected.get("Mounts") or ()}


def _found(one: Mapping[str, Any]) -> tuple[Any, ...]:
    if one.get("Type") == "volume":
        return ("volume", one.get("Name"), one.get("Destination"), one.get("RW"), one.get("Driver"))
    return (one.get("Type"), one.get("Source"), one.get("Destination"), one.get("RW"), one.get("Propagation"))
