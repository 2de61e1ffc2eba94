"""Sealing: a value becomes bytes that only the key opens, and only in its own place."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from studio.adapters.secrets import files
from studio.domain.errors import VaultError

KEY_FILE, PASSPHRASE = "key file", "passphrase"
KEY_BYTES, NONCE_BYTES, SALT_BYTES = 32, 12, 16
ARGON2ID: dict[str, int] = {"iterations": 3, "lanes": 4, "memory_cost": 64 * 1024}
"""64 MiB, three passes, four lanes."""

_CHECK = ("", "check", 0)
_CHECKED = b"studio"


class Seal:
    """One key, and how it comes about: `header` says so in the file, without the key itself."""

    def __init__(self, key: bytes, header: Mapping[str, Any]) -> None:
        self._cipher = AESGCM(key)
        self.header = dict(header)

    def close(self, value: bytes, place: tuple[str, str, int]) -> str:
        """Seals a value for the place (project, name, version)."""
        nonce = os.urandom(NONCE_BYTES)
        return base64.b64encode(nonce + self._cipher.encrypt(nonce, value, _bound_to(place))).decode("ascii")

    def open(self, sealed: str, place: tuple[str, str, int]) -> bytes | None:
        """What was sealed for that place with this key, else None."""
        try:
            data = base64.b64decode(sealed, validate=True)
            return self._cipher.decrypt(data[:NONCE_BYTES], data[NONCE_BYTES:], _bound_to(place))
        except (InvalidTag, ValueError):
            return None


def new_seal(passphrase: str, key_file: Path) -> Seal:
    """A seal for a new file: of the passphrase, else of a key in a file beside, made where there is none."""
    if passphrase:
        salt = os.urandom(SALT_BYTES)
        facts: dict[str, Any] = {"by": PASSPHRASE, "salt": base64.b64encode(salt).decode("ascii"), **ARGON2ID}
        key = _derived(passphrase, salt, ARGON2ID)
    else:
        facts, key = {"by": KEY_FILE}, _key_in(key_file) or _made(key_file)
    seal = Seal(key, facts)
    seal.header["check"] = seal.close(_CHECKED, _CHECK)
    return seal


def seal_of(header: Mapping[str, Any], passphrase: str, key_file: Path) -> Seal:
    """The seal that a file says it has; raises VaultError when its key is not here or another one."""
    if header["by"] == PASSPHRASE:
        if not passphrase:
            raise VaultError(
                "The secrets of this data folder are locked with a passphrase.",
                "Give it in STUDIO_VAULT_PASSPHRASE.",
            )
        key = _derived(passphrase, base64.b64decode(header["salt"]), {name: int(header[name]) for name in ARGON2ID})
        wrong = "STUDIO_VAULT_PASSPHRASE is not the passphrase of this data folder's secrets."
    else:
        found = _key_in(key_file)
        if found is None:
            raise VaultError(
                f"The key of this data folder's secrets is gone: {key_file}.",
                f"Bring it back, or delete {key_file.parent} and set the secrets again.",
            )
        key, wrong = found, f"{key_file} is not the key of this data folder's secrets."
    seal = Seal(key, header)
    if seal.open(header["check"], _CHECK) != _CHECKED:
        raise VaultError(wrong, "Give the one they were set with, or set them again.")
    return seal


def _derived(passphrase: str, salt: bytes, costs: Mapping[str, int]) -> bytes:
    iterations, lanes, memory = (costs[name] for name in ("iterations", "lanes", "memory_cost"))
    made = Argon2id(salt=salt, length=KEY_BYTES, iterations=iterations, lanes=lanes, memory_cost=memory)
    return made.derive(passphrase.encode("utf-8", "surrogatepass"))


def _key_in(path: Path) -> bytes | None:
    key = files.read(path)
    if key is None:
        return None
    files.require_private(path)
    if len(key) != KEY_BYTES:
        raise VaultError(f"{path} holds no key.", "Bring it back from a copy, or delete its folder and set them again.")
    return key


def _made(path: Path) -> bytes:
    key = os.urandom(KEY_BYTES)
    files.write(path, key)
    return key


def _bound_to(place: tuple[str, str, int]) -> bytes:
    return json.dumps(place).encode("ascii")
