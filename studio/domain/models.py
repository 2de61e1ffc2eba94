"""Language models by name, and what they can do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from studio.domain.errors import UserError
from studio.domain.providers import BUILT_IN, NAME, SCRIPTED

AUTO = "auto"
"""Stands before `role` or the name of a tier instead of a provider: the routing table says which model is meant."""

AUTO_NAMES = ("role", "fast", "standard", "strong")

_WRITTEN = tuple(name for name in BUILT_IN if name != SCRIPTED.name)


@dataclass(frozen=True, slots=True)
class ModelRef:
    """One model of one provider, written `provider/name`; the name may itself hold slashes.

    With the provider `AUTO` it stands for the models of the routing table.
    """

    provider: str
    name: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads `provider/name`; raises UserError for what is not written so.

        Whether there is such a provider is asked where the model is used.
        """
        provider, slash, name = text.partition("/")
        if provider == AUTO:
            if name not in AUTO_NAMES:
                known = ", ".join(f"{AUTO}/{each}" for each in AUTO_NAMES)
                raise UserError(f"“{text}” is no automatic model.", f"Write one of: {known}.")
            return cls(provider, name)
        if not slash or not name or not NAME.fullmatch(provider):
            raise UserError(
                f"“{text}” is not a model name.",
                f"Write it as provider/name, as with one of: {', '.join(_WRITTEN)}. Example: ollama/qwen3.",
            )
        return cls(provider, name)

    def __str__(self) -> str:
        return f"{self.provider}/{self.name}"


@dataclass(frozen=True, slots=True)
class ModelCard:
    """One model a provider offers; what its provider does not say is None.

    `context_tokens` is the longest text that it was made for, `given_tokens` how much of that its server gives it here.
    """

    ref: ModelRef
    context_tokens: int | None = None
    tools: bool | None = None
    given_tokens: int | None = None

    @property
    def context_in_words(self) -> str:
        """How long a text it takes here, and was made for where that is more; empty when its provider says neither."""
        made_for, given = self.context_tokens, self.given_tokens
        if made_for and given and given < made_for:
            return f"{given:,} of {made_for:,}"
        return f"{made_for or given:,}" if made_for or given else ""
