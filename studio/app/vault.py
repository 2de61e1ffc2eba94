"""The vault door: secrets that a person gives by name. It takes values and gives none back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from studio.app.decisions import OPERATOR
from studio.app.keys import Keys
from studio.base.aio import in_thread
from studio.base.redact import Redactor
from studio.contracts.secrets import Secrets
from studio.domain.errors import NotFound
from studio.domain.events import Recorded, SecretRemoved, SecretSaved
from studio.domain.ids import ProjectId
from studio.domain.secrets import RestingPlace, SecretName, checked
from studio.events.hub import Gap, Hub
from studio.events.recorder import Recorder
from studio.workflow.acts import Acts, act

Forget = Callable[[str], Awaitable[None]]
"""Lets go of what was made with the key of a provider."""


class Vault:
    """Secrets of the company and of projects.

    A value is written by the process that was given it: what processes ask of each other is saved, so only its name
    goes to the one that holds the engine.
    """

    def __init__(
        self, acts: Acts, recorder: Recorder, secrets: Secrets, keys: Keys, redactor: Redactor, forget: Forget
    ) -> None:
        self.acts = acts
        self._recorder = recorder
        self._secrets = secrets
        self._keys = keys
        self._redactor = redactor
        self._forget = forget

    async def list(self, project: ProjectId | None = None) -> tuple[SecretName, ...]:
        """The names of all secrets, or of those of one project."""
        return tuple(name for name in await in_thread(self._secrets.names) if project in (None, name.project))

    async def place(self) -> RestingPlace:
        """Where a value would rest that were set now."""
        return await in_thread(self._secrets.place)

    async def set(self, name: str, value: str, project: ProjectId | None = None) -> RestingPlace:
        """Keeps a value under a name, in place of the one before. Raises UserError and VaultError."""
        self._redactor.add(value)
        secret = SecretName.parse(name, project or "")
        place = await in_thread(self._secrets.set, secret, checked(secret, value))
        if secret.provider:
            # Only now: a kill in between leaves a key that goes nowhere, never one that goes to a wrong place.
            await in_thread(self._keys.give, secret.provider)
        await self.note_saved(name, project)
        await self.renew(secret)
        return place

    async def remove(self, name: str, project: ProjectId | None = None) -> None:
        """Forgets a secret; raises NotFound, and VaultError."""
        secret = SecretName.parse(name, project or "")
        if not await in_thread(self._secrets.remove, secret):
            raise NotFound(f"There is no secret {secret}.", "See which there are: studio secret list")
        await self.note_removed(name, project)
        await self.renew(secret)

    @act
    async def note_saved(self, name: str, project: ProjectId | None) -> None:
        """Records that a secret was set, and uses it from now on."""
        await self._recorder.record(project, None, SecretSaved(name, OPERATOR))
        await self.renew(SecretName(name, project or ""))

    @act
    async def note_removed(self, name: str, project: ProjectId | None) -> None:
        """Records that a secret was removed, and uses it no more."""
        await self._recorder.record(project, None, SecretRemoved(name, OPERATOR))
        await self.renew(SecretName(name, project or ""))

    async def renew(self, secret: SecretName) -> None:
        """Sees what is kept now; whoever was made with the old value is made anew."""
        await in_thread(self._keys.refresh)
        await in_thread(self._keys.learn, secret)
        if secret.provider:
            await self._forget(secret.provider)

    async def follow(self, hub: Hub) -> None:
        """Renews, for as long as it runs, what other processes set and remove."""
        with hub.subscribe(deltas=False) as heard:
            async for item in heard:
                if isinstance(item, Recorded) and isinstance(item.event, SecretSaved | SecretRemoved):
                    await self.renew(SecretName(item.event.name, item.project or ""))
                elif isinstance(item, Gap):
                    await self._renew_all()

    async def _renew_all(self) -> None:
        """Sees what is kept now, and reaches for no value: that may ask the person to open their keyring."""
        before = self._keys.known
        await in_thread(self._keys.refresh)
        for provider in {secret.provider for secret in before | self._keys.known if secret.provider}:
            await self._forget(provider)
