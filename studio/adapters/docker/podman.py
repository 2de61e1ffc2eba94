"""Podman: what it must be asked otherwise, and what it answers otherwise, so that one policy holds for both engines."""

from __future__ import annotations

import platform
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docker import APIClient

from studio.adapters.docker.find import Endpoint
from studio.adapters.docker.podman_calls import SYSTEM, filter_file

_PROCESSES = {"Name": "nproc", "Soft": 8192, "Hard": 8192}
"""Podman asks for a million of the whole user's, which a kernel refuses where the service may not raise limits."""

_SCRATCH = {"/var/tmp": "rw,nosuid,nodev,size=64m"}
"""Podman lays a folder in memory there below a root that cannot be written; unasked it has no size."""

_UNKNOWN = ("nr_inodes=", "uid=", "gid=")
_ADDED = {"rprivate", "tmpcopyup", "notmpcopyup"}
_OWN = {"IpcMode": ("shareable", "private"), "PidMode": ("private", ""), "UTSMode": ("private", "")}
"""How it calls namespaces of a container's own: what another container may join must name it, and none may."""

_USERS_SLICE = "user.slice"
"""Where systemd keeps what people start: there it puts containers unasked where it is not root, and says so."""

_MASKED_BY_ITSELF = ("MaskedPaths", "ReadonlyPaths")
"""It does not tell what it masks: the usual, unless one of the security options says `unmask`, and those it tells."""


def is_podman(version: Mapping[str, Any]) -> bool:
    """Whether that is what Podman answers about its version."""
    return any("podman" in str(part.get("Name", "")).lower() for part in version.get("Components") or ())


@dataclass(frozen=True, slots=True)
class Podman:
    """Podman as it is asked and heard; `calls` is the file with its filter of system calls, None for one elsewhere."""

    calls: Path | None
    rootless: bool = False

    @property
    def holes(self) -> tuple[str, ...]:
        """What is known to be weak, besides its version."""
        if self.calls is not None:
            return ()
        return (
            "Podman's own filter of system calls lets programs in a sandbox make namespaces of their own; only where "
            "Podman runs on this machine is it narrowed.",
        )

    @property
    def unbounded(self) -> str:
        """What nothing bounds: its builder takes no bound of processes, and does not say what it runs them in."""
        return (
            "While Podman builds an image of a project, nobody counts the processes of its steps; their memory, "
            "processors and time are bounded."
        )

    def asked(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """The body that makes Podman create what `body` makes Docker create."""
        host = body["HostConfig"]
        changed = {
            "Tmpfs": {**_SCRATCH, **{path: _known(options) for path, options in host["Tmpfs"].items()}},
            "Ulimits": [*host["Ulimits"], _PROCESSES],
            "SecurityOpt": [*host["SecurityOpt"], *self._filter],
        }
        return {**body, "HostConfig": {**host, **changed}}

    def told(self, body: Mapping[str, Any], inspected: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
        """What Podman says of a container that `body` describes, as Docker would say it; `own` is from `capabilities`.

        Whatever is not exactly as it was asked for stays as it was told, and is a difference then.
        """
        wanted, got = body["HostConfig"], dict(inspected["HostConfig"])
        for name, (theirs, ours) in _OWN.items():
            if got.get(name) == theirs:
                got[name] = ours
        if not own.get("EffectiveCaps") and not own.get("BoundingCaps") and not own["HostConfig"].get("CapAdd"):
            got["CapDrop"] = ["ALL"]
        options = [f"{one}:true" if one == "no-new-privileges" else one for one in got.get("SecurityOpt") or ()]
        lacking = [one for one in self._filter if one not in options]
        got["SecurityOpt"] = [*(one for one in options if one not in self._filter), *(f"not {one}" for one in lacking)]
        got["LogConfig"] = _log(
            wanted["LogConfig"], got.get("LogConfig") or {}, own["HostConfig"].get("LogConfig") or {}
        )
        got["Tmpfs"] = _folders(wanted["Tmpfs"], got.get("Tmpfs") or {})
        if self.rootless and got.get("CgroupParent") == _USERS_SLICE:
            got["CgroupParent"] = ""
        got["Ulimits"] = _limits(got.get("Ulimits") or ())
        if got.get("CpuPeriod") and got.get("CpuQuota") == got.get("NanoCpus", 0) * got["CpuPeriod"] // 1_000_000_000:
            got["CpuPeriod"] = got["CpuQuota"] = 0
        if got.get("MemorySwappiness") == -1:  # the system's own
            got["MemorySwappiness"] = None
        if len(got.get("Binds") or ()) == len(inspected.get("Mounts") or ()):  # the same told twice
            got["Binds"] = None
        for name in _MASKED_BY_ITSELF:
            if got.get(name) is None:
                got.pop(name, None)
        return {**inspected, "HostConfig": got}

    @property
    def _filter(self) -> list[str]:
        return [f"seccomp={self.calls}"] if self.calls is not None else []


def podman_of(
    version: Mapping[str, Any],
    info: Callable[[], Mapping[str, Any]],
    endpoint: Endpoint,
    cache: Path,
    system: tuple[Path, ...] = SYSTEM,
) -> Podman | None:
    """Podman, if that is what answers about its version at `endpoint`; `info` asks it about its machine. Blocks."""
    if not is_podman(version):
        return None
    told = info()
    here = _reads_files_of_here(told, endpoint)
    return Podman(filter_file(cache, system) if here else None, rootless=bool(told.get("Rootless")))


def capabilities(api: APIClient, container: str) -> dict[str, Any]:
    """What a container may do at all, which it tells on an API of its own only."""
    answer = api._get(f"{api.base_url}/v4.0.0/libpod/containers/{container}/json", timeout=api.timeout)
    return dict(api._result(answer, True))


def _reads_files_of_here(told: Mapping[str, Any], endpoint: Endpoint) -> bool:
    # A socket alone says little: ssh makes one of ours lead to another machine, and so does the machine that Podman
    # keeps for itself.
    if endpoint.socket is None or endpoint.shown:
        return False
    return bool(told.get("Name") == platform.node())


def _known(options: str) -> str:
    """Mount options that it knows: what belongs to the one user there is may as well be everybody's.

    Unless it is told not to, it begins such a folder as the image has it, with the owner and the mode of that.
    """
    options = f"{options},notmpcopyup"
    if "uid=" in options:
        options = options.replace("mode=0755", "mode=1777")
    return ",".join(option for option in options.split(",") if not option.startswith(_UNKNOWN))


def _folders(wanted: Mapping[str, str], got: Mapping[str, str]) -> dict[str, str]:
    found = {}
    for path, options in got.items():
        kept = _bare(options)
        if path in wanted and kept == _bare(_known(wanted[path])):
            found[path] = wanted[path]
        elif path in wanted or kept != _SCRATCH.get(path):
            found[path] = options
    return found


def _bare(options: str) -> str:
    return ",".join(option for option in options.split(",") if option not in _ADDED)


def _log(wanted: Mapping[str, Any], got: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """It keeps one file where Docker keeps several, and tells its size in words of its own."""
    most = wanted["Config"].get("max-size", "")
    same = got.get("Type") == wanted["Type"] and own.get("Size") == (f"{most[:-1]}MB" if most.endswith("m") else most)
    if same and not got.get("Config"):
        return dict(wanted)
    return {**got, "Config": got.get("Config") or {}}


def _limits(got: Any) -> list[dict[str, Any]]:
    named = [{**one, "Name": str(one.get("Name", "")).removeprefix("RLIMIT_").lower()} for one in got]
    return [one for one in named if one != _PROCESSES]
