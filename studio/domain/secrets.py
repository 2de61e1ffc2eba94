"""Secrets by name: what one may show of them, never a value."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

from studio.domain.errors import UserError

PROVIDER = "provider:"
"""A secret whose name begins so is the key of the provider whose name follows."""

LONGEST = 16_384
"""Characters of the longest value that is kept: more than any key or certificate has."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,99}")


@dataclass(frozen=True, slots=True, order=True)
class SecretName:
    """What a secret is called; `project` is the id of the project that it is for, empty for all."""

    name: str
    project: str = ""

    @classmethod
    def parse(cls, name: str, project: str = "") -> Self:
        """Checks a name that a person gave; raises UserError, which does not repeat it: it may be the value."""
        if not _NAME.fullmatch(name):
            raise UserError(
                "That is no name for a secret.",
                "Use letters, digits, “.”, “_”, “:” and “-”, at most 100, as in provider:anthropic.",
            )
        return cls(name, project)

    @property
    def provider(self) -> str:
        """The provider whose key this is; empty when it is none."""
        return self.name.removeprefix(PROVIDER) if not self.project and self.name.startswith(PROVIDER) else ""

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class RestingPlace:
    """Where values rest, as a sentence; a `weaker` one is within reach of whoever reads the data folder."""

    sentence: str
    weaker: bool = False


def key_of(provider: str) -> SecretName:
    """What the key of a provider is called."""
    return SecretName(f"{PROVIDER}{provider}")


def checked(secret: SecretName, value: str) -> str:
    """A value as it is kept: without line ends after it, a provider's key without blanks around it.

    Raises UserError, which never shows the value.
    """
    value = value.strip() if secret.provider else value.rstrip("\r\n")
    if not value:
        raise UserError("There is no value to keep.", "Give it on standard input, or paste it.")
    if len(value) > LONGEST:
        raise UserError(f"The value has more than {LONGEST:,} characters.", "Keep long data in a file instead.")
    if secret.provider and not (value.isascii() and value.isprintable() and " " not in value):
        raise UserError(
            "That is no key: it holds blanks, line ends or letters that no key has.",
            "Copy the key once more, and nothing around it.",
        )
    return value
