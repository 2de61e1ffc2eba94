"""For which address the key of each provider was given: a file beside the secrets, without any value."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

from studio.adapters.secrets import files
from studio.domain.errors import VaultError


class AddressFile:
    """A name of a provider and an address in each entry; replaced whole, by one writer at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> dict[str, str]:
        """What the file says, nothing where there is none. Raises VaultError."""
        data = files.read(self._path)
        if data is None:
            return {}
        try:
            found = json.loads(data)
        except ValueError as error:
            raise self._damaged() from error
        if not isinstance(found, dict) or not all(isinstance(each, str) for each in found.values()):
            raise self._damaged()
        return found

    def change(self, change: Callable[[dict[str, str]], Mapping[str, str]]) -> dict[str, str]:
        """Writes what `change` makes of the entries, and gives it; no other writer comes between. Raises VaultError."""
        with files.alone(self._path.parent):
            before = self.read()
            after = dict(change(before))
            if after != before:
                files.write(self._path, json.dumps(after, indent=1, sort_keys=True).encode("ascii"))
        return after

    def _damaged(self) -> VaultError:
        return VaultError(
            f"{self._path} is damaged: it says for which address each key was given.",
            "Delete it, and set the keys of providers again.",
        )
