"""The providers door: who serves models, and how each is reached; what is changed counts from the next call."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from studio.app.choices import Choices
from studio.app.decisions import OPERATOR
from studio.app.keys import Keys
from studio.app.vault import Vault
from studio.base.aio import in_thread
from studio.base.certificates import trusting
from studio.base.toml import read_foreign_toml
from studio.base.toml_file import changed_toml
from studio.domain import provider_rules as rules
from studio.domain.errors import NotFound, StoreError, UserError
from studio.domain.events import ProviderRemoved, ProviderSet, Recorded
from studio.domain.providers import Declaration, Provider
from studio.domain.secrets import key_of
from studio.events.hub import Gap, Hub
from studio.events.recorder import Recorder
from studio.router.current_providers import CurrentProviders
from studio.router.current_table import CurrentTable
from studio.router.price_lists import price_list_at, require_price_list
from studio.router.provider_edit import declared_as, put_provider, take_out
from studio.router.provider_file import provider_of
from studio.workflow.acts import Acts, act

Forget = Callable[[str], Awaitable[None]]
"""Lets go of what was made to reach a provider."""


@dataclass(frozen=True, slots=True)
class ProviderState:
    """A provider at the address that counts, whether it has all that it is called with, and its key.

    Of one of its `own` the person's file says something. `key_given_for` is the server that the kept key was given for
    where the provider is at another one, to which it does not go; else empty.
    """

    provider: Provider
    usable: bool
    key_from_environment: bool
    key_kept: bool
    own: bool
    key_given_for: str = ""


class Providers:
    """Changes providers.toml in the data folder and leaves all else in it as it is."""

    def __init__(
        self,
        acts: Acts,
        current: CurrentProviders,
        recorder: Recorder,
        keys: Keys,
        configured: Callable[[str], bool],
        address: Callable[[str], str],
        forget: Forget,
        routing: CurrentTable,
        choices: Choices,
        vault: Vault,
    ) -> None:
        self.acts = acts
        self._current = current
        self._recorder = recorder
        self._keys = keys
        self._configured = configured
        self._address = address
        self._forget = forget
        self._routing = routing
        self._choices = choices
        self._vault = vault
        self._writing = asyncio.Lock()

    async def list(self) -> tuple[ProviderState, ...]:
        """Every provider that can be asked, built-in ones first; raises UserError for a file with a mistake."""
        await self._look_right()
        registry = self._current.registry
        return tuple(
            ProviderState(
                replace(each, base_url=self._address(each.name)),
                self._configured(each.name),
                self._keys.from_environment(each.name),
                self._keys.kept(each.name),
                each.name in registry.own,
                self._keys.withheld(each.name),
            )
            for each in registry.all
        )

    async def add(self, name: str, said: Declaration) -> None:
        """Declares a provider. Raises UserError for a name that is taken, and for whatever of it cannot be.

        Where no part of the price list is named, the one for its address counts, if there is one.
        """
        await self._look_right()
        rules.checked_name(name)
        if self._current.registry.find(name) is not None:
            raise _taken(name)
        await self._put(name, said, new=True)

    async def change(self, name: str, said: Declaration, *, keep_key: bool = False) -> None:
        """Says something else of a provider; of a built-in one only how it is reached. Raises UserError.

        A kept key does not go to another server than before, unless the person says so with `keep_key`.
        """
        await self._look_right()
        provider = self._current.registry.get(name)
        if keep_key and not self._keys.kept(name):
            raise UserError(f"No key is kept for {name}.", f"Give it: studio secret set {key_of(name)}")
        await self._put(provider.name, said, keep_key=keep_key)

    async def remove(self, name: str) -> None:
        """Takes a declared provider out, and forgets the key that is kept for it; raises UserError, and VaultError.

        A built-in one is reached as usual again, and its key stays.
        """
        await self._look_right()
        provider = self._current.registry.get(name)
        if name not in self._current.registry.own:
            raise NotFound(
                f"{provider.label} is built in, and nothing of it is changed.",
                "See how each is reached: studio providers list",
            )
        if provider.declared:
            await self._require_unused(name)
            await self._forget_key(name)
        await self._take_out(name)
        await self.look()

    async def look(self) -> None:
        """Goes by the file as it is now, and by the keys that are kept now."""
        await self._current.look()
        await in_thread(self._keys.refresh)

    async def follow(self, hub: Hub) -> None:
        """Looks, for as long as it runs, after other processes changed the file."""
        with hub.subscribe(deltas=False) as heard:
            async for item in heard:
                is_news = isinstance(item, Recorded) and isinstance(item.event, ProviderSet | ProviderRemoved)
                if is_news or isinstance(item, Gap):
                    await self.look()

    async def _look_right(self) -> None:
        """Looks; raises UserError for a file with a mistake, which is the person's to mend."""
        await self.look()
        if self._current.mistake is not None:
            raise self._current.mistake

    async def _forget_key(self, name: str) -> None:
        if self._keys.kept(name):
            with suppress(NotFound):  # removed by somebody else meanwhile
                await self._vault.remove(str(key_of(name)))

    async def _put(self, name: str, said: Declaration, *, keep_key: bool = False, new: bool = False) -> None:
        await self._save(name, await in_thread(self._checked, name, said), keep_key, new)
        await self.look()

    @act
    async def _save(self, name: str, said: Declaration, keep_key: bool, new: bool) -> None:
        async with self._writing:
            await self._look_right()
            if not new:
                self._current.registry.get(name)
            elif (there := self._current.registry.own.get(name)) and there != await in_thread(declared_as, name, said):
                raise _taken(name)
            await self._write(lambda document: put_provider(document, name, said))
            if keep_key:
                await in_thread(self._keys.give, name)
                await self._forget(name)
            await self._recorder.record(None, None, ProviderSet(name, OPERATOR))

    @act
    async def _take_out(self, name: str) -> None:
        async with self._writing:
            await self._look_right()
            if name in self._current.registry.own:
                await self._write(lambda document: take_out(document, name))
                await self._recorder.record(None, None, ProviderRemoved(name, OPERATOR))

    async def _write(self, change: Callable[[Any], None]) -> None:
        path = self._current.path
        try:
            await in_thread(lambda: self._current.write(changed_toml(path, change)))
        except ValueError as error:
            raise UserError(f"The provider file {path} cannot be read: {error}.", "Correct it first.") from error
        except OSError as error:
            raise StoreError(f"The providers cannot be saved: {error.strerror}.", f"See {path}.") from error
        await self.look()

    def _checked(self, name: str, said: Declaration) -> Declaration:
        """What is said, if the provider can be so; blocks on files, and on the price list."""
        text = changed_toml(self._current.path, lambda document: put_provider(document, name, said))
        provider = provider_of(name, read_foreign_toml(text).get(name, {}))
        if said.ca_file:
            _require_certificates(said.ca_file)
        if said.prices:
            require_price_list(said.prices)
        unpriced = provider.declared and not provider.is_free and not provider.price_list
        is_new = name not in self._current.registry.own
        if unpriced and is_new and (found := price_list_at(provider.base_url)):
            return replace(said, prices=found)
        return said

    async def _require_unused(self, name: str) -> None:
        table = await self._routing.look()
        if model := next((each for each in table.models if each.provider == name), None):
            raise UserError(
                f"The routing table models.toml names {model}.", "Take the provider's models out of it first."
            )
        if (default := self._choices.default() or "").startswith(f"{name}/"):
            raise UserError(f"{default} is the model of new runs.", "Choose another default model first.")


def _taken(name: str) -> UserError:
    return UserError(
        f"There is a provider {name} already.", f"Change it: studio providers change {name} --base-url URL"
    )


def _require_certificates(file: str) -> None:
    try:
        trusting(file)
    except ValueError as error:
        raise UserError(
            f"The certificates cannot be read from {file}: {error}.", "Name a file of certificates in PEM form."
        ) from error
