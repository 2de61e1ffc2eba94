"""Key states: which providers can be called, and where their keys come from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from studio.app.keys import Keys, variable_of
from studio.domain.models import PROVIDERS

LABELS = {"ollama": "Ollama", "anthropic": "Anthropic", "openai": "OpenAI", "groq": "Groq", "gemini": "Gemini"}


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

    def __init__(self, keys: Keys, configured: Callable[[str], bool]) -> None:
        self._keys = keys
        self._configured = configured

    async def list(self) -> tuple[KeyState, ...]:
        """Each provider with the state of its key."""
        return tuple(
            KeyState(
                name,
                LABELS.get(name, name),
                variable_of(name),
                self._keys.from_environment(name),
                self._keys.kept(name),
                self._configured(name),
            )
            for name in PROVIDERS
            if name != "scripted"
        )
