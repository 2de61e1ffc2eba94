"""Secrets in a keyring. The keyring is one of the library's kind that keeps values in memory: no system's own one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from keyring.backend import KeyringBackend
from keyring.backends import chainer, fail, null
from keyring.errors import KeyringLocked, PasswordDeleteError

from studio.adapters.secrets import system
from studio.adapters.secrets.vault import Vault
from studio.domain.errors import VaultError
from studio.domain.secrets import SecretName, key_of

KEY = key_of("anthropic")
VALUE = "sk-ant-a-very-secret-value"


class MemoryKeyring(KeyringBackend):
    """A keyring for tests, not for people: values are gone with it. It can be locked."""

    priority = 0

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.values: dict[tuple[str, str], str] = {}
        self.locked = False

    def get_password(self, service: str, username: str) -> str | None:
        self._look()
        return self.values.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._look()
        self.values[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._look()
        if self.values.pop((service, username), None) is None:
            raise PasswordDeleteError("not found")

    def _look(self) -> None:
        if self.locked:
            raise KeyringLocked(f"locked, with {self.values}")


@pytest.fixture
def keyring() -> MemoryKeyring:
    return MemoryKeyring()


@pytest.fixture
def vault(tmp_path: Path, keyring: MemoryKeyring) -> Vault:
    return Vault(tmp_path / "secrets", backend=keyring)


def test_values_rest_in_the_keyring_and_the_data_folder_has_their_names_only(
    vault: Vault, keyring: MemoryKeyring, tmp_path: Path
) -> None:
    assert not vault.set(KEY, VALUE).weaker

    assert vault.get(KEY) == VALUE
    assert vault.names() == (KEY,)
    assert list(keyring.values.values()) == [VALUE]
    assert not [file for file in (tmp_path / "secrets").iterdir() if VALUE.encode() in file.read_bytes()]


def test_two_data_folders_do_not_meet_in_one_keyring(vault: Vault, keyring: MemoryKeyring, tmp_path: Path) -> None:
    other = Vault(tmp_path / "other", backend=keyring)
    vault.set(KEY, VALUE)
    other.set(KEY, "another")

    assert (vault.get(KEY), other.get(KEY)) == (VALUE, "another")


def test_a_secret_of_a_project_is_another_than_one_of_all(vault: Vault) -> None:
    vault.set(SecretName("token"), "of all")
    vault.set(SecretName("token", "p1"), "of one")

    assert vault.remove(SecretName("token", "p1"))
    assert vault.get(SecretName("token")) == "of all"
    assert vault.get(SecretName("token", "p1")) is None


def test_what_somebody_deleted_with_the_systems_program_can_be_removed(vault: Vault, keyring: MemoryKeyring) -> None:
    vault.set(KEY, VALUE)
    keyring.values.clear()

    assert vault.get(KEY) is None
    assert vault.remove(KEY)
    assert vault.names() == ()


def test_a_locked_keyring_is_said_without_what_it_holds(vault: Vault, keyring: MemoryKeyring) -> None:
    vault.set(KEY, VALUE)
    keyring.locked = True

    for act in (lambda: vault.get(KEY), lambda: vault.set(KEY, "x"), lambda: vault.remove(KEY)):
        with pytest.raises(VaultError, match="does not answer, or was not unlocked") as refused:
            act()
        assert VALUE not in str(refused.value)
        assert refused.value.__cause__ is None
        assert refused.value.__suppress_context__


def test_a_session_without_the_keyring_says_where_the_value_rests(vault: Vault, tmp_path: Path) -> None:
    vault.set(KEY, VALUE)
    elsewhere = Vault(tmp_path / "secrets")

    with pytest.raises(VaultError, match="which this session does not reach"):
        elsewhere.get(KEY)


def test_a_value_set_in_the_keyring_counts_before_one_that_a_file_had(vault: Vault, tmp_path: Path) -> None:
    Vault(tmp_path / "secrets").set(KEY, "in the file")

    vault.set(KEY, VALUE)

    assert vault.get(KEY) == VALUE
    assert vault.remove(KEY)
    assert vault.names() == ()


@pytest.mark.parametrize("kind", [fail.Keyring, null.Keyring, MemoryKeyring])
def test_a_keyring_that_is_not_known_to_encrypt_is_refused(kind: Callable[[], KeyringBackend]) -> None:
    assert system.chosen(kind()) is None


def test_of_a_chain_the_first_that_encrypts_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    chain = chainer.ChainerBackend()  # type: ignore[no-untyped-call]
    memory = MemoryKeyring()
    monkeypatch.setattr(chainer.ChainerBackend, "backends", [null.Keyring(), memory])  # type: ignore[no-untyped-call]

    assert system.chosen(chain) is None
    assert system.chosen(chain, frozenset({f"{MemoryKeyring.__module__}.MemoryKeyring"})) is memory


@pytest.mark.parametrize("named", ["keyring.backends.null.Keyring", "no.such.Keyring", "keyring.backends.fail.Keyring"])
def test_whatever_the_library_is_told_to_use_must_encrypt(named: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import keyring as library

    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", named)
    monkeypatch.setattr(library.core, "_keyring_backend", None)

    assert system.find() is None
