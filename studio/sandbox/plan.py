"""A plan: what a project wants of its sandboxes, after everything that would weaken one was left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from studio.contracts.containers import Volume
from studio.domain.service_data import ServiceData
from studio.sandbox.spec.service import NO_SERVICES, Services


@dataclass(frozen=True, slots=True)
class Refused:
    """Something a project's file asked for and does not get: a sentence, and what to do about it."""

    sentence: str
    action: str = ""


@dataclass(frozen=True, slots=True)
class SetupCommand:
    """A command that makes a workspace ready; `at_every_start` for one that each new container needs.

    `words` are what people read of it, if that is not the command itself.
    """

    argv: tuple[str, ...]
    at_every_start: bool = False
    words: str = ""


@dataclass(frozen=True, slots=True)
class SandboxPlan:
    """What a sandbox is made of. `image` empty is Studio's standard one; `origin` says what the plan was made from.

    `expects` are programs that a project's file relies on, whatever the image is; `has_network` says whether its
    sandboxes may reach anything. `data` is what volumes of its services begin with that are made for it.
    """

    image: str = ""
    env: Mapping[str, str] = field(default_factory=dict)
    volumes: tuple[Volume, ...] = ()
    setup: tuple[SetupCommand, ...] = ()
    forward_ports: tuple[int, ...] = ()
    expects: tuple[str, ...] = ()
    has_network: bool = False
    origin: str = "Studio's own image"
    refused: tuple[Refused, ...] = ()
    services: Services = NO_SERVICES
    data: ServiceData | None = None


STANDARD_PLAN = SandboxPlan()
