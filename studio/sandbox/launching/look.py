"""A look at a workspace's files, as the readers of this folder need it."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from typing import Any, Protocol


class Look(Protocol):
    """What lies in a workspace; an agent may have written every word of it."""

    def names(self, folder: str) -> frozenset[str]:
        """The names in a folder (`""` is the root); none for what is no folder."""
        ...

    def text(self, path: str) -> str:
        """A file's text; empty for what is no file, or too long to be one that is read here."""
        ...


def inside(folder: str, name: str) -> str:
    """The path of `name` in `folder`."""
    return f"{folder}/{name}" if folder else name


def json_object(text: str) -> Mapping[str, Any]:
    """The object that a JSON text is; an empty one for anything else."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def toml_object(text: str) -> Mapping[str, Any]:
    """The tables of a TOML text; none for anything else."""
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError):
        return {}


def table(of: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """The table `name`; an empty one when there is none."""
    found = of.get(name)
    return found if isinstance(found, dict) else {}
