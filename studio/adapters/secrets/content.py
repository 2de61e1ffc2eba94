"""What the vault's two files say: the sealed values, and the names of those that the system's keyring has."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studio.adapters.secrets import files
from studio.domain.errors import VaultError
from studio.domain.secrets import SecretName

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Entry:
    """One sealed value; `version` grows with each that was set in its place."""

    version: int
    sealed: str


@dataclass(frozen=True, slots=True)
class Sealed:
    """The sealed file: how it is locked, empty for one that is not there, and what it holds."""

    header: dict[str, Any]
    entries: dict[SecretName, Entry]


@dataclass(frozen=True, slots=True)
class Listed:
    """What this data folder is called in the keyring, empty until it has anything there, and what it has there."""

    service: str
    names: tuple[SecretName, ...]


def read_sealed(path: Path) -> Sealed:
    """What the sealed file says. Raises VaultError."""
    data = files.read(path)
    if data is None:
        return Sealed({}, {})
    try:
        said = json.loads(data)
        if said["format"] != FORMAT:
            raise VaultError(f"{path} was written by a newer Studio.", "Use that one.")
        return Sealed(said["lock"], {_name(row): Entry(row["version"], row["sealed"]) for row in said["secrets"]})
    except (ValueError, KeyError, TypeError) as error:
        raise _damaged(path) from error


def write_sealed(path: Path, content: Sealed) -> None:
    """Writes the sealed file whole. Raises VaultError."""
    rows = [
        {"name": secret.name, "project": secret.project, "version": entry.version, "sealed": entry.sealed}
        for secret, entry in sorted(content.entries.items())
    ]
    _write(path, {"format": FORMAT, "lock": content.header, "secrets": rows})


def read_listed(path: Path) -> Listed:
    """What the keyring has, by name. Raises VaultError."""
    data = files.read(path)
    if data is None:
        return Listed("", ())
    try:
        said = json.loads(data)
        return Listed(said["service"], tuple(_name(row) for row in said["secrets"]))
    except (ValueError, KeyError, TypeError) as error:
        raise _damaged(path) from error


def write_listed(path: Path, listed: Listed) -> None:
    """Writes down what the keyring has. Raises VaultError."""
    rows = [{"name": secret.name, "project": secret.project} for secret in sorted(listed.names)]
    _write(path, {"service": listed.service, "secrets": rows})


def _name(row: dict[str, Any]) -> SecretName:
    return SecretName(row["name"], row["project"])


def _write(path: Path, said: dict[str, Any]) -> None:
    files.write(path, json.dumps(said, indent=1).encode("ascii"))


def _damaged(path: Path) -> VaultError:
    return VaultError(f"{path} is damaged.", "Bring it back from a copy, or delete it and set the secrets again.")
