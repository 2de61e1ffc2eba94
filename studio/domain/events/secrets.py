"""The secrets that people give: their names, never a value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class SecretSaved:
    """A person set a secret, for the whole company or for the project that the event belongs to."""

    kind: ClassVar[str] = "secret_saved"
    name: str
    by: str = ""


@dataclass(frozen=True, slots=True)
class SecretRemoved:
    """A person removed a secret; what was kept under the name is forgotten."""

    kind: ClassVar[str] = "secret_removed"
    name: str
    by: str = ""
