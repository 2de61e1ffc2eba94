"""What Studio asks of the place where secret values rest."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from studio.domain.secrets import RestingPlace, SecretName


class Secrets(Protocol):
    """Keeps values by name. Every method may block, on a file or a question of the system: call it in a thread.

    Each raises VaultError when the place cannot be reached or opened; no error holds a value.
    """

    def names(self) -> tuple[SecretName, ...]:
        """The names of all that are kept, sorted; reaches for no value."""
        ...

    def get(self, secret: SecretName) -> str | None:
        """The value, None when there is none."""
        ...

    def set(self, secret: SecretName, value: str) -> RestingPlace:
        """Keeps a value, in place of the one before, and says where it rests now."""
        ...

    def remove(self, secret: SecretName) -> bool:
        """Forgets a value; False when there was none."""
        ...

    def place(self) -> RestingPlace:
        """Where a value would rest that were set now."""
        ...


class KeyAddresses(Protocol):
    """Keeps for which address the key of each provider was given. Every method may block, and raises VaultError."""

    def read(self) -> dict[str, str]:
        """The address of each provider's key."""
        ...

    def change(self, change: Callable[[dict[str, str]], Mapping[str, str]]) -> dict[str, str]:
        """Keeps what `change` makes of the entries, and gives it; no other writer comes between."""
        ...
