"""Changes to the file of providers, made to its tomlkit document; what is not changed stays as it is written."""

from __future__ import annotations

import dataclasses
import importlib
from collections.abc import Mapping
from typing import Any

from studio.base.toml import read_foreign_toml
from studio.domain.providers import Declaration, Provider
from studio.router.provider_file import provider_of


def put_provider(document: Any, name: str, said: Declaration) -> None:
    """Says of a provider what is `said`, and takes back what is empty there."""
    if name not in document:
        document[name] = _tomlkit().table()
    table = document[name]
    for field in dataclasses.fields(said):
        value = getattr(said, field.name)
        if value is None:
            continue
        if value in ("", {}) or (value == 0 and not isinstance(value, bool)):
            table.pop(field.name, None)
        else:
            table[field.name] = _written(value)
    if not table:
        document.remove(name)


def take_out(document: Any, name: str) -> None:
    """Takes a provider out of the file, if it is there."""
    if name in document:
        document.remove(name)


def declared_as(name: str, said: Declaration) -> Provider:
    """The provider of which exactly this is said; raises UserError."""
    document = _tomlkit().document()
    put_provider(document, name, said)
    return provider_of(name, read_foreign_toml(_tomlkit().dumps(document)).get(name, {}))


def _written(value: Any) -> Any:
    if isinstance(value, Mapping):
        inline = _tomlkit().inline_table()
        inline.update(value)
        return inline
    return str(value) if isinstance(value, str) else value


def _tomlkit() -> Any:
    # Only who changes something needs it, and it takes a while to load.
    return importlib.import_module("tomlkit")
