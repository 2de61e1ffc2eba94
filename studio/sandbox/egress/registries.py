"""Registries: whether the container engine may fetch an image that a project's files name, and the note of it.

The engine fetches from this machine's own network, past every wall of a sandbox. What is asked there is in a file that
anybody may have written, so that a person is asked first.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from studio.contracts.outside import Address, Outside
from studio.domain.errors import PolicyRefused, StoreError, UserError
from studio.domain.ids import ProjectId, RunId
from studio.domain.network import Destination, Passed
from studio.sandbox.egress.addresses import THIS_MACHINE, trouble_with
from studio.sandbox.egress.judging import Judge, Judged
from studio.sandbox.egress.ledger import ConnectionLedger
from studio.sandbox.spec.names import registry_of

IMAGE = "image"

_USUAL = "docker.io"
"""What names without a registry begin with when they are written out; the engine's own configuration says where it is.
"""
_RESOLVE_SECONDS = 15.0
_NOT_REACHED = "it may not be reached"


@dataclass(frozen=True, slots=True)
class Fetch:
    """For whom an image is fetched."""

    project: ProjectId
    run: RunId


@dataclass(slots=True)
class _Round:
    """What is asked for one sandbox; `in_vain` once nobody answered in time."""

    in_vain: bool = False


class Registries:
    """Asks for each registry once, notes each fetch in the ledger before it begins, and each that may not be."""

    def __init__(self, judge: Judge, ledger: ConnectionLedger, outside: Outside) -> None:
        self._judge = judge
        self._ledger = ledger
        self._outside = outside
        self._rounds: dict[Fetch, _Round] = {}

    @asynccontextmanager
    async def asking(self, whose: Fetch, images: Iterable[str]) -> AsyncIterator[None]:
        """Asks a person about all of these side by side; of a run, one block at a time.

        Who did not answer is not waited for again within the block: what is asked there counts when it is answered.
        """
        self._rounds[whose] = _Round()
        try:
            await asyncio.gather(*(self._asked(whose, host, named) for host, named in _by_registry(images).items()))
            yield
        finally:
            self._rounds.pop(whose, None)

    async def refused(self, whose: Fetch, images: Iterable[str]) -> Mapping[str, PolicyRefused]:
        """What may not be fetched of these images, with the reason; takes as long as a person is asked."""
        by_registry = _by_registry(images)
        judged = await asyncio.gather(*(self._judged(whose, host, named) for host, named in by_registry.items()))
        return {
            image: _refusal(image, host, one)
            for (host, named), (one, _) in zip(by_registry.items(), judged, strict=True)
            if not one.passed
            for image in named
        }

    @asynccontextmanager
    async def fetching(self, whose: Fetch, image: str) -> AsyncIterator[None]:
        """For the time in which the engine fetches an image. Raises PolicyRefused before it begins where it may not."""
        host = host_of(image)
        judged, address = await self._judged(whose, host, (image,))
        if not judged.passed:
            raise _refusal(image, host, judged)
        reason = f"{image}: {judged.reason}"
        try:
            number = await self._ledger.begin(whose.project, whose.run, _registry(host), IMAGE, reason, address)
        except StoreError as error:
            unwritten = Judged(False, "Studio's ledger of connections cannot be written")
            raise _refusal(image, host, unwritten) from error
        ending = "it did not come"
        try:
            yield
            ending = "fetched"
        finally:
            await self._ledger.end(number, f"{reason}; {ending}", 0, 0)

    async def _judged(self, whose: Fetch, host: str, images: tuple[str, ...]) -> tuple[Judged, str]:
        """What may be done, and the address that the registry's name leads to where its name is of the file's choice.

        What is refused is in the ledger then.
        """
        if (judged := await self._asked(whose, host, images)) is None:
            return Judged(False, "its registry is no host that can be allowed"), ""
        registry, address = _registry(host), ""
        if judged.passed and host != _USUAL:
            # Not before: to look a name up is to tell it.
            trouble, address = await self._trouble(registry, judged.is_named)
            judged = Judged(False, f"{_NOT_REACHED}: {trouble}") if trouble else judged
        if not judged.passed:
            reason = f"{', '.join(images)}: {judged.reason}"
            await self._ledger.refuse(whose.project, whose.run, registry, IMAGE, Passed.REFUSED, reason)
        return judged, address

    async def _asked(self, whose: Fetch, host: str, images: tuple[str, ...]) -> Judged | None:
        """What a person says; None for a registry that nobody can be asked about."""
        try:
            registry = _registry(host)
        except UserError:
            return None
        now = self._rounds.get(whose, _Round())
        judged = await self._judge.judge_images(whose.project, whose.run, registry, images, waits=not now.in_vain)
        now.in_vain = now.in_vain or judged.is_unanswered
        return judged

    async def _trouble(self, registry: Destination, is_named: bool) -> tuple[str, str]:
        """Why an allowed registry may not be asked all the same, and the first of its addresses.

        One that a person named may be known to the engine alone, behind a proxy or on another machine.
        """
        try:
            async with asyncio.timeout(_RESOLVE_SECONDS):
                addresses: tuple[Address, ...] = await self._outside.resolve(registry.host)
        except (OSError, UnicodeError):  # also TimeoutError
            return ("" if is_named else "its name is not known on this machine"), ""
        for address in addresses:
            trouble = trouble_with(address, is_own=False) or (THIS_MACHINE if self._outside.is_here(address) else "")
            if trouble:
                return trouble, ""
        return "", str(addresses[0])


def host_of(image: str) -> str:
    """The registry of an image, as a name or with its port."""
    return registry_of(image) or _USUAL


def _by_registry(images: Iterable[str]) -> dict[str, tuple[str, ...]]:
    by_registry: dict[str, tuple[str, ...]] = {}
    for image in dict.fromkeys(images):
        by_registry[host_of(image)] = (*by_registry.get(host_of(image), ()), image)
    return by_registry


def _registry(host: str) -> Destination:
    return Destination.parse(host)


def _refusal(image: str, host: str, judged: Judged) -> PolicyRefused:
    allow = f"{judged.action}, or " if judged.action else ""
    by_hand = f"{'fetch' if allow else 'Fetch'} it by hand (docker pull {image}): the next sandbox has it then."
    return PolicyRefused(
        f"The image {image} is not on this machine, and the container engine may not fetch it from {host}: "
        f"{judged.reason}.",
        f"{allow}{by_hand}",
    )
