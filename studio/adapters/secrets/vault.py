"""The vault: secret values in the system's keyring, else in a sealed file of the data folder."""

from __future__ import annotations

import importlib
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from studio.adapters.secrets.content import read_listed, read_sealed
from studio.domain.errors import VaultError
from studio.domain.secrets import RestingPlace, SecretName

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

    from studio.adapters.secrets.sealed import SealedFile
    from studio.adapters.secrets.system import SystemKeyring

_BY_PASSPHRASE = "passphrase"


class Vault:
    """The secrets of one data folder, in `folder` of it. What a value needs is loaded when one is first asked for.

    `backend` stands in for the keyring that is looked for in this session.
    """

    def __init__(self, folder: Path, passphrase: str = "", backend: KeyringBackend | None = None) -> None:
        self._sealed_path = folder / "sealed.json"
        self._index = folder / "keyring.json"
        self._key_file = folder / "key"
        self._passphrase = passphrase
        self._backend = backend
        self._loading = threading.Lock()
        self._sealed: SealedFile | None = None
        self._system: SystemKeyring | None = None
        self._looked = False

    def names(self) -> tuple[SecretName, ...]:
        """The names of all that are kept, sorted; reaches for no value."""
        return tuple(sorted({*read_sealed(self._sealed_path).entries, *read_listed(self._index).names}))

    def get(self, secret: SecretName) -> str | None:
        """The value, None when there is none."""
        if secret in read_sealed(self._sealed_path).entries:
            return self._file().get(secret)
        if secret not in read_listed(self._index).names:
            return None
        system = self._keyring()
        if system is None:
            raise VaultError(
                f"{secret} rests in the system's keyring, which this session does not reach.",
                f"Start Studio from the desktop, or set it here again: studio secret set {secret}",
            )
        return system.get(secret)

    def set(self, secret: SecretName, value: str) -> RestingPlace:
        """Keeps a value, in place of the one before, and says where it rests now."""
        system = self._keyring()
        if system is None:
            # What the sealed file has counts before the keyring's, which cannot be reached to remove it there.
            self._file().set(secret, value)
        else:
            system.set(secret, value)
            if secret in read_sealed(self._sealed_path).entries:
                self._file().remove(secret)
        return self.place()

    def remove(self, secret: SecretName) -> bool:
        """Forgets a value; False when there was none."""
        gone = secret in read_sealed(self._sealed_path).entries and self._file().remove(secret)
        if secret not in read_listed(self._index).names:
            return gone
        system = self._keyring()
        if system is None:
            raise VaultError(
                f"{secret} rests in the system's keyring, which this session does not reach.",
                "Start Studio from the desktop and remove it there.",
            )
        return system.remove(secret) or gone

    def place(self) -> RestingPlace:
        """Where a value would rest that were set now."""
        if (system := self._keyring()) is not None:
            return RestingPlace(f"in the system's keyring ({system.name})")
        header = read_sealed(self._sealed_path).header
        if header["by"] == _BY_PASSPHRASE if header else bool(self._passphrase):
            return RestingPlace("in a file of the data folder, locked with your passphrase")
        return RestingPlace("in a file of the data folder, with its key in another file beside it", weaker=True)

    def _file(self) -> SealedFile:
        with self._loading:
            if self._sealed is None:
                module = importlib.import_module("studio.adapters.secrets.sealed")
                self._sealed = module.SealedFile(self._sealed_path, self._key_file, self._passphrase)
            return self._sealed

    def _keyring(self) -> SystemKeyring | None:
        with self._loading:
            if not self._looked:
                module = importlib.import_module("studio.adapters.secrets.system")
                backend = self._backend or module.find()
                self._system = None if backend is None else module.SystemKeyring(backend, self._index)
                self._looked = True
            return self._system
