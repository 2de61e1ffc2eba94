"""Keys: what a provider is called with, from the environment or from where secrets rest."""

from __future__ import annotations

from collections.abc import Mapping

from studio.base.log import logger
from studio.base.redact import Redactor
from studio.contracts.secrets import Secrets
from studio.domain.errors import VaultError
from studio.domain.providers import Provider, key_variable_of
from studio.domain.secrets import SecretName, key_of
from studio.router.registry import Registry

log = logger("keys")


class Keys:
    """Looks a key up in the environment, else among the secrets. What it gives out is kept out of all texts."""

    def __init__(
        self, environment: Mapping[str, str], secrets: Secrets, redactor: Redactor, registry: Registry
    ) -> None:
        self._environment = environment
        self._secrets = secrets
        self._redactor = redactor
        self._registry = registry
        self._known: frozenset[SecretName] = frozenset()

    def refresh(self) -> None:
        """Looks again which secrets there are; blocks for a moment, on two small files."""
        try:
            self._known = frozenset(self._secrets.names())
        except VaultError as error:
            # Whoever needs a value meets the same fault and says it; all else works without.
            log.warning("secrets_not_listed", error=str(error))
            self._known = frozenset()

    def has(self, provider: str) -> bool:
        """Whether there is a key for a provider; reaches for no value."""
        return self.from_environment(provider) or self.kept(provider)

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
        """The key of a provider, empty when there is none; may block. Raises VaultError."""
        return self.value(self.variable_of(provider)) or self.secret(key_of(provider))

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
