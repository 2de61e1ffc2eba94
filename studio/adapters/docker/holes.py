"""Holes: versions of engines and their parts out of which a container is known to get.

What let a container reach the host, or the engine, and matters to containers without rights, as sandboxes are. Each row
says from which version on of each line it is mended; a line that is older than all of them is not, a newer one is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

_DISTRIBUTIONS = re.compile(r"\+ds|~ds|dfsg|deb|ubuntu|\.el\d|\.fc\d|\.amzn|suse", re.IGNORECASE)
_VERSION = re.compile(r"\d+(?:\.\d+)*(?:[-~]?rc\.?\d+)?")

Version = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Hole:
    """What is wrong with a part in versions from `since` up to those of `mended`, the first good one of each line."""

    part: str
    names: str
    what: str
    mended: tuple[str, ...]
    source: str
    since: str = "0"


HOLES = (
    Hole(
        *("runc", "CVE-2019-5736", "a container can replace runc itself on the host", ("1.0.0-rc7",)),
        "github.com/opencontainers/runc/security/advisories/GHSA-gxmr-w5mj-v8hh",
    ),
    Hole(
        *("runc", "CVE-2021-30465", "a mount can be led out of the container by a symbolic link", ("1.0.0-rc95",)),
        "github.com/opencontainers/runc/security/advisories/GHSA-c3xm-pvg7-gh7r",
    ),
    Hole(
        *("runc", "CVE-2024-21626", "a working directory can lead into the host's files", ("1.1.12",)),
        "github.com/opencontainers/runc/security/advisories/GHSA-xr7r-f8xq-vfvv",
        since="1.0.0-rc93",
    ),
    Hole(
        "runc",
        "CVE-2025-31133, CVE-2025-52565 and CVE-2025-52881",
        "masked paths and mounts can be led into the host's /proc",
        ("1.2.8", "1.3.3", "1.4.0-rc3"),
        "github.com/opencontainers/runc/security/advisories/GHSA-9493-h29p-rfm2",
    ),
    Hole(
        *("containerd", "CVE-2022-23648", "an image can show files of the host", ("1.4.13", "1.5.10", "1.6.1")),
        "github.com/containerd/containerd/security/advisories/GHSA-crp2-qrr5-8pq7",
    ),
    Hole(
        *("docker desktop", "CVE-2025-9074", "a container can reach the engine's API over the network", ("4.44.3",)),
        "docs.docker.com/security/security-announcements",
    ),
    Hole(
        *("podman", "CVE-2026-55686", "an image's working directory can lead to files of the host", ("5.7.1",)),
        "github.com/podman-container-tools/podman/security/advisories/GHSA-q6r4-3wmg-fwcq",
        since="3.0.0",
    ),
)


def parts_of(version: Mapping[str, Any]) -> dict[str, str]:
    """The versions of an engine's parts, by names in small letters, as its API tells them."""
    parts: dict[str, str] = {}
    for part in version.get("Components") or ():
        name = str(part.get("Name", "")).lower().removesuffix(" engine").removesuffix("-engine")
        # A distribution puts its own number into the commit only.
        commit = str((part.get("Details") or {}).get("GitCommit", ""))
        told = str(part.get("Version", ""))
        parts[name] = commit if _DISTRIBUTIONS.search(commit) and commit.startswith(told) else told
    if found := re.search(r"Docker Desktop ([\d.]+)", str((version.get("Platform") or {}).get("Name", ""))):
        parts["docker desktop"] = found[1]
    return parts


def known_holes(parts: Mapping[str, str]) -> tuple[str, ...]:
    """A sentence for each hole that one of the parts has, by its version."""
    return tuple(_told(hole, parts[hole.part]) for hole in HOLES if _has(hole, parts.get(hole.part, "")))


def _told(hole: Hole, version: str) -> str:
    mended = " or ".join(hole.mended)
    perhaps = ", unless your distribution mended it under this number" if _DISTRIBUTIONS.search(version) else ""
    return f"{hole.part} {version} has {hole.names} ({hole.what}){perhaps}; mended in {mended}."


def _has(hole: Hole, version: str) -> bool:
    if (found := _parsed(version)) is None or found < _required(hole.since):
        return False
    mended = sorted(_required(each) for each in hole.mended)
    if found >= mended[-1]:
        return False
    # Within a line, by its first two numbers, the first good one counts.
    return not any(found[:2] == good[:2] and found >= good for good in mended)


def _parsed(version: str) -> Version | None:
    """Three numbers and that of the release candidate, one without sorting after all candidates; None if unreadable."""
    found = _VERSION.search(version)
    if found is None:
        return None
    plain, _, candidate = re.sub(r"[-~]?rc\.?", "rc", found[0]).partition("rc")
    numbers = [int(number) for number in plain.split(".")]
    three = [number for number, _ in zip_longest(numbers[:3], range(3), fillvalue=0)]
    return (*three, int(candidate) if candidate else 1_000_000)


def _required(version: str) -> Version:
    parsed = _parsed(version)
    assert parsed is not None, version
    return parsed
