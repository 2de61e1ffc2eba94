"""What Studio asks of a place that keeps secrets."""

from __future__ import annotations

from typing import Protocol


class Secrets(Protocol):
    """Keeps secret values by name. Values are returned to adapters only, never shown."""

    def get(self, name: str) -> str | None:
        """The value, or None when there is none."""
        ...

    def set(self, name: str, value: str) -> None:
        """Keeps `value` under `name`, replacing an earlier one. Raises StoreError."""
        ...

    def remove(self, name: str) -> None:
        """Forgets `name`; an unknown one is no error."""
        ...
