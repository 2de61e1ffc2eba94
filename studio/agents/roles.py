"""Roles read from their data files."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from rapidfuzz.process import extractOne

from studio.domain.errors import NotFound, UserError
from studio.domain.roles import Limits, Role


class Roles:
    """The roles found in a folder of TOML files, read when first asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def names(self) -> tuple[str, ...]:
        """All role names in order."""
        return tuple(sorted(path.stem for path in self._folder.glob("*.toml")))

    def get(self, name: str) -> Role:
        """The role of this name. Raises NotFound with the nearest name, UserError for a wrong file."""
        names = self.names()
        if name not in names:
            near = extractOne(name, names, score_cutoff=60)
            hint = f"Did you mean {near[0]}? " if near else ""
            raise NotFound(f"There is no role “{name}”.", f"{hint}There are: {', '.join(names)}.")
        return read_role(self._folder / f"{name}.toml")


def read_role(path: Path) -> Role:
    """The role in one file; raises UserError naming the file and the field that is wrong."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        limits: dict[str, Any] = data.get("limits", {})
        return Role(
            name=data["name"],
            title=data["title"],
            purpose=data["purpose"],
            prompt=data["prompt"]["text"].strip(),
            tools=tuple(data["tools"]),
            limits=Limits(limits.get("steps"), limits.get("seconds"), limits.get("cost_nusd")),
            prompt_version=data.get("prompt_version", 1),
        )
    except tomllib.TOMLDecodeError as error:
        raise UserError(f"The role file {path.name} cannot be read: {error}.", "Mend the file.") from error
    except KeyError as error:
        raise UserError(f"The role file {path.name} lacks the field {error}.", "Add it.") from error
