"""Keys: what a provider is called with, from the environment or from where secrets rest."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from studio.base.log import logger
from studio.base.redact import Redactor
from studio.contracts.secrets import KeyAddresses, Secrets
from studio.domain.errors import VaultError
from studio.domain.provider_rules import origin_of
from studio.domain.providers import Provider, key_variable_of
from studio.domain.secrets import SecretName, key_of
from studio.router.registry import Registry

log = logger("keys")

_NEXT = ""
"""Stands for the address that a provider will have which is not there yet."""
_ANOTHER = "another address"
"""Stands for an address that nobody knows any more."""


class Keys:
    """Looks a key up in the environment, else among the secrets. What it gives out is kept out of all texts.

    A key among the secrets is for the server that its provider had when it was given, and goes to no other one,
    whoever changes the provider's address and how. `address` tells where a provider is called at this moment.
    """

    def __init__(
        self,
        environment: Mapping[str, str],
        secrets: Secrets,
        redactor: Redactor,
        registry: Registry,
        addresses: KeyAddresses,
        address: Callable[[str], str],
    ) -> None:
        self._environment = environment
        self._secrets = secrets
        self._redactor = redactor
        self._registry = registry
        self._known: frozenset[SecretName] = frozenset()
        self._file = addresses
        self._address = address
        self._given_for: Mapping[str, str] = {}

    def refresh(self) -> None:
        """Looks again which secrets there are; blocks for a moment, on two small files."""
        try:
            self._known = frozenset(self._secrets.names())
        except VaultError as error:
            # Whoever needs a value meets the same fault and says it; all else works without.
            log.warning("secrets_not_listed", error=str(error))
            self._known = frozenset()
        try:
            self._given_for = self._file.read()
            if self._registry.mistake is None and (settled := self._settled(self._given_for)) != self._given_for:
                self._given_for = settled
                self._given_for = self._file.change(self._settled_now)
        except VaultError as error:
            log.warning("key_addresses_not_kept", error=str(error))

    @property
    def known(self) -> frozenset[SecretName]:
        """The secrets that there were at the last look."""
        return self._known

    def has(self, provider: str) -> bool:
        """Whether there is a key that a provider is called with; reaches for no value."""
        return self.from_environment(provider) or (self.kept(provider) and not self.withheld(provider))

    def withheld(self, provider: str) -> str:
        """The server that a provider's kept key was given for, where the provider is at another one; else empty."""
        if not self.kept(provider):
            return ""
        given_for = self._given_for.get(provider, _ANOTHER)
        return "" if given_for in (_NEXT, self._here(provider)) else given_for

    def give(self, provider: str) -> None:
        """Has the key of a provider be for the server that the provider is at now; blocks. Raises VaultError."""
        self._given_for = self._file.change(lambda entries: {**entries, provider: self._here(provider)})

    def missing(self, provider: Provider) -> tuple[str, str]:
        """Why a provider has no key that it is called with, and what to do then."""
        if not (given_for := self.withheld(provider.name)):
            return no_key(provider)
        name, here = provider.name, self._here(provider.name)
        return (
            f"The key that is kept for {name} was given for {given_for}, and {name} is at {here} now.",
            f"Paste its key again in Settings (or studio secret set {key_of(name)}); or, where one key is for both: "
            f"studio providers change {name} --keep-key",
        )

    def kept(self, provider: str) -> bool:
        """Whether the key of a provider is among the secrets."""
        return key_of(provider) in self._known

    def variable_of(self, provider: str) -> str:
        """The environment variable that the key of a provider is looked for in."""
        known = self._registry.find(provider)
        return (known.key_variable if known else "") or key_variable_of(provider)

    def from_environment(self, provider: str) -> bool:
        """Whether the environment holds the key, which then comes before a secret."""
        return bool(self._environment.get(self.variable_of(provider), "").strip())

    def get(self, provider: str) -> str:
        """The key of a provider, empty when there is none; may block. Raises VaultError.

        Raises it also for a key that was given for another server: the call that would be made without is not meant.
        """
        if value := self.value(self.variable_of(provider)):
            return value
        if self._given_for.get(provider) == _NEXT:
            self.refresh()
        if self.withheld(provider):
            raise VaultError(*self.missing(self._registry.get(provider)))
        return self.secret(key_of(provider))

    def value(self, variable: str) -> str:
        """What an environment variable holds, empty when it is not set."""
        return self._known_value(self._environment.get(variable, "").strip())

    def secret(self, secret: SecretName) -> str:
        """The value of a secret, empty when there is none; may block. Raises VaultError."""
        return self._known_value((self._secrets.get(secret) or "") if secret in self._known else "")

    def learn(self, secret: SecretName) -> None:
        """Keeps the value of a secret out of all texts from now on, where it can be reached; may block."""
        try:
            self.secret(secret)
        except VaultError as error:
            log.warning("secret_not_learned", error=str(error))

    def _here(self, provider: str) -> str:
        """The server that a provider is at, empty for a provider that is not there."""
        return _NEXT if self._registry.find(provider) is None else origin_of(self._address(provider))

    def _settled_now(self, entries: Mapping[str, str]) -> dict[str, str]:
        self._known = frozenset(self._secrets.names())
        return self._settled(entries)

    def _settled(self, entries: Mapping[str, str]) -> dict[str, str]:
        """An entry for each key that is kept.

        One without was kept before there were entries: it is for where its provider is, if there is that provider.
        """
        found = {}
        for name in (secret.provider for secret in self._known if secret.provider):
            here = self._here(name)
            found[name] = entries[name] or here if name in entries else here or _ANOTHER
        return found

    def _known_value(self, value: str) -> str:
        self._redactor.add(value)
        return value


def no_key(provider: Provider) -> tuple[str, str]:
    """What to say when there is no key for a provider, and what to do then."""
    action = (
        f"Paste one in Settings (or studio secret set {key_of(provider.name)}), or set {provider.key_variable} and "
        "start again."
    )
    return f"There is no key for {provider.name}.", action
