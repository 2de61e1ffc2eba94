"""The providers that people declare: their names, what is said of them is in their file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class ProviderSet:
    """A person added a provider, or changed how one is reached."""

    kind: ClassVar[str] = "provider_set"
    name: str
    by: str = ""


@dataclass(frozen=True, slots=True)
class ProviderRemoved:
    """A person took out what was said of a provider; a declared one is there no more."""

    kind: ClassVar[str] = "provider_removed"
    name: str
    by: str = ""
