"""Key states: which providers can be called, and where their keys come from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from studio.app.keys import Keys
from studio.router.registry import Registry


@dataclass(frozen=True, slots=True)
class KeyState:
    """A provider and its key: `variable` of the environment counts before one that is `kept`.

    One that is `usable` without either needs none.
    """

    provider: str
    label: str
    variable: str
    from_environment: bool
    kept: bool
    usable: bool


class KeyStates:
    """The keys of all providers, without any value."""

    def __init__(self, registry: Registry, keys: Keys, configured: Callable[[str], bool]) -> None:
        self._registry = registry
        self._keys = keys
        self._configured = configured

    async def list(self) -> tuple[KeyState, ...]:
        """Each provider with the state of its key."""
        return tuple(
            KeyState(
                each.name,
                each.label,
                self._keys.variable_of(each.name),
                self._keys.from_environment(each.name),
                self._keys.kept(each.name),
                self._configured(each.name),
            )
            for each in self._registry.all
        )
