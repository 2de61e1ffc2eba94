"""The sealed file: secrets on a machine without a keyring, each encrypted on its own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from studio.adapters.secrets import files
from studio.adapters.secrets.content import Entry, Sealed, read_sealed, write_sealed
from studio.adapters.secrets.sealing import Seal, new_seal, seal_of
from studio.domain.errors import VaultError
from studio.domain.secrets import SecretName


class SealedFile:
    """Values under AES-GCM, bound to project, name and version, in one file that is replaced whole.

    The key comes from `passphrase` by Argon2id or lies in a file of its own beside it; the first value decides
    which, for all that follow.
    """

    def __init__(self, path: Path, key_file: Path, passphrase: str) -> None:
        self._path = path
        self._key_file = key_file
        self._passphrase = passphrase
        self._seal: Seal | None = None

    def get(self, secret: SecretName) -> str | None:
        """The value, None when there is none."""
        content = read_sealed(self._path)
        entry = content.entries.get(secret)
        if entry is None:
            return None
        value = self._opened(content.header).open(entry.sealed, _place(secret, entry.version))
        if value is None:
            raise VaultError(
                f"What is kept as {secret} was changed by somebody: it is not what Studio wrote.",
                f"Set it again: studio secret set {secret}",
            )
        return value.decode("utf-8", "surrogatepass")

    def set(self, secret: SecretName, value: str) -> None:
        """Keeps a value in place of the one before."""
        with files.alone(self._path.parent):
            content = read_sealed(self._path)
            seal = self._opened(content.header)
            before = content.entries.get(secret)
            version = before.version + 1 if before else 1
            sealed = seal.close(value.encode("utf-8", "surrogatepass"), _place(secret, version))
            write_sealed(self._path, Sealed(seal.header, {**content.entries, secret: Entry(version, sealed)}))

    def remove(self, secret: SecretName) -> bool:
        """Forgets a value; False when there was none."""
        if secret not in read_sealed(self._path).entries:
            return False
        with files.alone(self._path.parent):
            content = read_sealed(self._path)
            left = {name: entry for name, entry in content.entries.items() if name != secret}
            write_sealed(self._path, replace(content, entries=left))
        return True

    def _opened(self, header: dict[str, Any]) -> Seal:
        if not header:
            self._seal = new_seal(self._passphrase, self._key_file)
        elif self._seal is None or self._seal.header != header:
            self._seal = seal_of(header, self._passphrase, self._key_file)
        return self._seal


def _place(secret: SecretName, version: int) -> tuple[str, str, int]:
    return secret.project, secret.name, version
