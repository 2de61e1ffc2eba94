"""The system's keyring: secrets that the desktop locks and unlocks with the person's login."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import keyring
from keyring.backend import KeyringBackend
from keyring.errors import KeyringError, PasswordDeleteError

from studio.adapters.secrets import files
from studio.adapters.secrets.content import Listed, read_listed, write_listed
from studio.base.log import logger
from studio.domain.errors import VaultError
from studio.domain.secrets import SecretName

T = TypeVar("T")

log = logger("secrets")

TRUSTED = frozenset(
    {
        "keyring.backends.SecretService.Keyring",
        "keyring.backends.libsecret.Keyring",
        "keyring.backends.kwallet.DBusKeyring",
        "keyring.backends.kwallet.DBusKeyringKWallet4",
        "keyring.backends.macOS.Keyring",
        "keyring.backends.Windows.WinVaultKeyring",
    }
)
"""The keyrings that encrypt. Any other is refused: among them are some that keep values as plain text, or nowhere."""

_UNLOCK = "Unlock your keyring (log in to the desktop), or set the secret again."


class SystemKeyring:
    """Values in a keyring under a name of this data folder's own; which ones they are stands in the file `index`."""

    def __init__(self, backend: KeyringBackend, index: Path) -> None:
        self._backend = backend
        self._index = index

    @property
    def name(self) -> str:
        """What people call this keyring."""
        return self._backend.name

    def get(self, secret: SecretName) -> str | None:
        """The value, None when the keyring has none."""
        service = read_listed(self._index).service
        return self._asked(lambda: self._backend.get_password(service, _account(secret)))

    def set(self, secret: SecretName, value: str) -> None:
        """Keeps a value in place of the one before."""
        # Named after it is there: a kill in between leaves a value that nobody names, never a name without a value.
        service = self._note(None)
        self._asked(lambda: self._backend.set_password(service, _account(secret), value))
        self._note(secret)

    def remove(self, secret: SecretName) -> bool:
        """Forgets a value; False when there was none."""
        listed = read_listed(self._index)
        if secret not in listed.names:
            return False
        self._asked(lambda: self._deleted(listed.service, secret))
        with files.alone(self._index.parent):
            listed = read_listed(self._index)
            write_listed(self._index, Listed(listed.service, tuple(n for n in listed.names if n != secret)))
        return True

    def _note(self, secret: SecretName | None) -> str:
        """Writes down that the keyring has this, if anything; returns what the data folder is called there."""
        with files.alone(self._index.parent):
            listed = read_listed(self._index)
            service = listed.service or f"Studio {uuid.uuid4().hex[:12]}"
            names = {*listed.names, secret} if secret else set(listed.names)
            wanted = Listed(service, tuple(sorted(names)))
            if wanted != listed:
                write_listed(self._index, wanted)
        return service

    def _deleted(self, service: str, secret: SecretName) -> None:
        try:
            self._backend.delete_password(service, _account(secret))
        except PasswordDeleteError:
            # Somebody may have deleted it with the system's own program.
            if self._backend.get_password(service, _account(secret)) is not None:
                raise

    def _asked(self, act: Callable[[], T]) -> T:
        try:
            return act()
        except (KeyringError, OSError, RuntimeError) as error:
            # What the library says is kept out: it might hold what was to be kept.
            log.warning("keyring_refused", keyring=self.name, error=type(error).__name__)
            raise VaultError("The system's keyring does not answer, or was not unlocked.", _UNLOCK) from None


def chosen(backend: KeyringBackend, trusted: frozenset[str] = TRUSTED) -> KeyringBackend | None:
    """The keyring to use of what the library found: of a chain the first trusted one, else None."""
    chain = getattr(backend, "backends", None)
    offered = tuple(chain) if chain is not None else (backend,)
    return next((each for each in offered if f"{type(each).__module__}.{type(each).__qualname__}" in trusted), None)


def find() -> KeyringBackend | None:
    """The keyring of this session; None where there is none that encrypts."""
    try:
        found = keyring.get_keyring()
    except Exception as error:
        # It loads whatever its own configuration names, which may fail in any way.
        log.warning("keyring_not_found", error=repr(error))
        return None
    usable = chosen(found)
    if usable is None:
        log.info("keyring_not_used", keyring=f"{type(found).__module__}.{type(found).__qualname__}")
    return usable


def _account(secret: SecretName) -> str:
    return f"{secret.project}/{secret.name}" if secret.project else secret.name
