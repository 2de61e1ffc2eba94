"""How far a project's sandboxes reach, and what became of each attempt."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from studio.domain.errors import UserError
from studio.domain.ids import ProjectId, RunId

HTTPS = 443
"""The port that is meant where a person names a host alone."""

_LABEL = r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?"
# The last label has a letter first: whatever else a resolver would take for an address in disguise (127.1, 0x7f.1).
_NAME = re.compile(rf"({_LABEL}\.)*[a-z]([a-z0-9-]{{0,61}}[a-z0-9])?")
_LONGEST = 253


_IMAGES = "fetching images of "


class NetworkMode(StrEnum):
    """What the programs in a project's sandboxes may reach."""

    NONE = "none"  # nothing
    ALLOW = "allow"  # hosts of a list; any other is asked about
    OPEN = "open"  # every public host


@dataclass(frozen=True, slots=True)
class Destination:
    """One port of one host, by its name in lower case; only in the ledger of what was refused it may be an address."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"

    @property
    def in_short(self) -> str:
        """As people write it: the port only where it is not the one that is meant anyway."""
        return self.host if self.port == HTTPS else str(self)

    @classmethod
    def parse(cls, text: str) -> Destination:
        """What a person writes as `HOST` or `HOST:PORT`. Raises UserError for anything else."""
        host, colon, port = text.strip().rpartition(":")
        if not colon:
            host, port = port, str(HTTPS)
        if "*" in host:
            raise UserError(
                f"“{text[:80]}” stands for many hosts, and a list holds single ones.",
                "Allow each host by its whole name.",
            )
        if not host.isascii() and (written := _in_ascii(host)):
            port = "" if port == str(HTTPS) else f":{port}"
            raise UserError(
                f"“{text[:80]}” is not how programs write the name of that host.",
                f"Write it in plain letters: {written}{port}",
            )
        if (name := host_name(host)) is None or not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
            raise UserError(
                f"“{text[:80]}” is no host that can be allowed.",
                "Write its name, with a port where that is not 443, as in files.example.org:8443; no address, no URL.",
            )
        return cls(name, int(port))


def image_act(registry: Destination) -> str:
    """What is asked where the engine is to fetch images of a registry; no program may reach it by a yes to that."""
    return f"{_IMAGES}{registry.in_short}"


def is_of_images(act: str) -> bool:
    """Whether it is the container engine for which a person is asked, not a program."""
    return act.startswith(_IMAGES)


def is_same_act(act: str, other: str) -> bool:
    """Whether two questions are about the same; a registry may be written with the port that is meant anyway."""
    return act == other or (is_of_images(act) and is_of_images(other) and asked_of(act) == asked_of(other))


def asked_of(act: str) -> Destination:
    """The host that a person is asked about, be it for programs or for images. Raises UserError for what names none."""
    return Destination.parse(act.removeprefix(_IMAGES))


def host_name(text: str) -> str | None:
    """A host's name as it is compared, without the dot at its end; None for what is no name, an address for example."""
    name = text.removesuffix(".").lower()
    return name if len(name) <= _LONGEST and _NAME.fullmatch(name) else None


def _in_ascii(host: str) -> str:
    """The name that stands for one with other letters, as in xn--bcher-kva.example; empty for what is none."""
    try:
        return host_name(host.encode("idna").decode("ascii")) or ""
    except UnicodeError:
        return ""


@dataclass(frozen=True, slots=True)
class Network:
    """What a person lets a project's sandboxes reach.

    `packages` says that the hosts count as listed which this machine's own package clients are set up for.
    """

    mode: NetworkMode = NetworkMode.NONE
    packages: bool = True


class Passed(StrEnum):
    """What became of an attempt to reach a host."""

    ALLOWED = "allowed"
    REFUSED = "refused"
    FAILED = "failed"  # it was allowed, and the host could not be reached


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to reach a host, as the ledger keeps it.

    `how` is the way it was asked for (`connect`, `http` or `socks`; `image` is the container engine, which
    fetches one for the run and counts no bytes), `reason` why it was let through or not, `address` where it
    led. `sent` and `received` count bytes as the sandbox sees them; `ended` is None while it lasts, and stays
    so when Studio was killed in the meantime.
    """

    id: int
    project: ProjectId
    run: RunId
    time: datetime
    destination: Destination
    how: str
    passed: Passed
    reason: str
    address: str = ""
    sent: int = 0
    received: int = 0
    ended: datetime | None = None
