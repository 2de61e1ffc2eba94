"""What a person lets the sandboxes of a project reach."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class NetworkSet:
    """A project's sandboxes reach nothing (`none`), hosts of a list (`allow`) or every public host (`open`).

    `packages` says that the hosts of this machine's own package clients count as listed.
    """

    kind: ClassVar[str] = "network_set"
    mode: str
    packages: bool
    by: str = ""


@dataclass(frozen=True, slots=True)
class HostAllowed:
    """A host was put on the project's list; `checkpoint` names the question that it came from.

    With `images` it is a registry, of which the container engine may fetch images: no program reaches it by that.
    """

    kind: ClassVar[str] = "host_allowed"
    host: str
    port: int
    checkpoint: str = ""
    by: str = ""
    images: bool = False


@dataclass(frozen=True, slots=True)
class HostRemoved:
    """A host was taken off the project's list; with `images` as a registry of which images may be fetched."""

    kind: ClassVar[str] = "host_removed"
    host: str
    port: int
    by: str = ""
    images: bool = False
