"""The walls of a sandbox of bubblewrap: what it is shown of this machine, and what it is not."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path

from studio.contracts.containers import ContainerSpec
from studio.domain.errors import PolicyRefused

TEMPORARY_BYTES = 256 << 20
SHARED_BYTES = 64 << 20
RUN_BYTES = 16 << 20
GIVEN_BYTES = 64 << 20
"""What the supervisor gives to programs lies apart, so that whoever fills the usual places keeps it from nothing."""

FILE_BYTES = 4 << 30
"""The largest single file: no wall round the disk, which a shared file system lacks, but one against accidents."""

CORE_BYTES = 1
"""Of a crashed program; with any other limit the kernel hands it to the host's own crash handler, which is root."""

_MERGED = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")
_SHOWN_OF_ETC = (
    *(
        "alternatives",
        "ca-certificates",
        "ca-certificates.conf",
        "debian_version",
        "java-11-openjdk",
        "java-17-openjdk",
    ),
    *("ld.so.cache", "ld.so.conf", "ld.so.conf.d", "localtime", "magic", "mime.types", "nodejs", "os-release"),
    *("perl", "pki/tls", "protocols", "python3", "python3.9", "python3.10", "python3.11", "python3.12", "python3.13"),
    *("python3.14", "rpc", "services", "shells", "ssl/certs", "ssl/openssl.cnf", "timezone"),
)
"""What programs look up there and what holds no secret; passwords, keys and the person's own settings stay outside."""
_MASKED = ("kcore", "keys", "timer_list", "latency_stats", "sched_debug", "acpi", "asound", "scsi")
"""What of /proc tells of the whole machine: container engines hide the same."""
_SYSTEM = ("usr", "proc", "dev", "sys", *_MERGED)
_PLACE = re.compile(r"(/[^/\0]+)+")
_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9_.-]{0,251}[A-Za-z0-9])?")
_PATH = "/usr/local/bin:/usr/bin:/bin"


def arguments(
    spec: ContainerSpec, sources: Mapping[str, str], etc: Mapping[str, int], options: frozenset[str]
) -> tuple[str, ...]:
    """The options of bwrap for `spec`; `sources` says where each mount's source is found, by its target.

    `etc` are descriptors that hold made files of /etc, by name. The root is made read-only as the last thing.
    """
    uid, gid = spec.user.split(":")
    limited = ("--disable-userns",) if "--disable-userns" in options else ()
    return (
        *("--unshare-all", "--unshare-user", "--uid", uid, "--gid", gid, *limited),
        *("--hostname", "sandbox", "--new-session", "--as-pid-1", "--clearenv"),
        *_environment(spec),
        *_system(),
        *_etc(etc),
        *("--proc", "/proc", *_masked(), "--dev", "/dev"),
        *("--size", str(SHARED_BYTES), "--tmpfs", "/dev/shm"),
        *("--perms", "0700", "--size", str(GIVEN_BYTES), "--tmpfs", "/dev/given", "--remount-ro", "/dev"),
        *("--perms", "1777", "--size", str(TEMPORARY_BYTES), "--tmpfs", "/tmp"),
        *("--perms", "0755", "--size", str(RUN_BYTES), "--tmpfs", "/run"),
        *_writable(spec),
        *("--dir", "/var", "--symlink", "/tmp", "/var/tmp", "--symlink", "/run", "/var/run"),
        *(
            word
            for mount in sorted(spec.mounts, key=lambda mount: mount.target.count("/"))
            for word in ("--ro-bind" if mount.read_only else "--bind", sources[mount.target], mount.target)
        ),
        *("--remount-ro", "/", "--chdir", spec.workdir),
    )


def made_files(spec: ContainerSpec) -> dict[str, str]:
    """The files of /etc that are made for the sandbox, in place of this machine's."""
    uid, gid = spec.user.split(":")
    home = spec.env.get("HOME", "/tmp")
    names = "".join(f"{address} {name}\n" for name, address in spec.hosts.items())
    return {
        "passwd": f"root:x:0:0:root:/:/usr/sbin/nologin\nstudio:x:{uid}:{gid}:studio:{home}:/bin/bash\n",
        "group": f"root:x:0:\nstudio:x:{gid}:\n",
        "hosts": "127.0.0.1 localhost sandbox\n::1 localhost\n" + names,
        "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\nservices: files\nprotocols: files\n",
        "resolv.conf": "",
    }


def require_possible(spec: ContainerSpec, user: tuple[int, int]) -> None:
    """Raises PolicyRefused for a sandbox that bubblewrap cannot make as asked."""
    if spec.user != f"{user[0]}:{user[1]}":
        raise PolicyRefused(f"A sandbox of bubblewrap runs as {user[0]}:{user[1]}, not as {spec.user}.")
    if spec.network != "none" or spec.argv:
        raise PolicyRefused(
            "Services beside a sandbox need a container engine, which runs their images.", "Install Docker or Podman."
        )
    for target in (*(mount.target for mount in spec.mounts), *spec.writable):
        if not _PLACE.fullmatch(target) or {".", ".."} & set(target.split("/")) or target.split("/")[1] in _SYSTEM:
            raise PolicyRefused(f"A sandbox of bubblewrap can be given nothing at {target}.")
    for name, address in spec.hosts.items():
        if not _NAME.fullmatch(name) or not _is_loopback(address):
            raise PolicyRefused(f"Names in a sandbox lead to its own loopback address; {name} → {address} does not.")


def _environment(spec: ContainerSpec) -> tuple[str, ...]:
    values = {"PATH": _PATH, **spec.env}
    return tuple(word for name, value in values.items() for word in ("--setenv", name, value))


def _system() -> tuple[str, ...]:
    """The system's programs, and on systems of the older kind the folders beside /usr that hold some."""
    words = ["--ro-bind", "/usr", "/usr"]
    for name in _MERGED:
        path = Path("/", name)
        if path.is_symlink():
            words += ["--symlink", os.readlink(path), f"/{name}"]
        elif path.is_dir():
            words += ["--ro-bind", f"/{name}", f"/{name}"]
    return tuple(words)


def _writable(spec: ContainerSpec) -> tuple[str, ...]:
    """The folders in memory that a sandbox has besides the usual ones."""
    return tuple(
        word for folder in spec.writable for word in ("--perms", "0755", "--size", str(SHARED_BYTES), "--tmpfs", folder)
    )


def _is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


def _masked() -> tuple[str, ...]:
    words: list[str] = []
    for place in (f"/proc/{name}" for name in _MASKED):
        if os.path.isdir(place):
            words += ["--tmpfs", place, "--remount-ro", place]
        elif os.path.exists(place):
            words += ["--ro-bind", "/dev/null", place]
    return tuple(words)


def _etc(made: Mapping[str, int]) -> tuple[str, ...]:
    words = ["--dir", "/etc"]
    for name in _SHOWN_OF_ETC:
        words += ["--ro-bind-try", f"/etc/{name}", f"/etc/{name}"]
    for name, fd in made.items():
        words += ["--perms", "0444", "--ro-bind-data", str(fd), f"/etc/{name}"]
    return tuple(words)
