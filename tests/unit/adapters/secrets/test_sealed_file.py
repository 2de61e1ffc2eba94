"""Secrets in a file: sealed each in its own place, whole after any kill."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from studio.adapters.secrets.vault import Vault
from studio.domain.errors import UserError, VaultError
from studio.domain.secrets import LONGEST, SecretName, checked, key_of

KEY = key_of("anthropic")
VALUE = "sk-ant-a-very-secret-value"
ROOT = Path(__file__).parents[4]

# Kills itself before the nth file or name that it touches in the folder, once a value has been set there.
KILLED = """
import os, signal, sys
from pathlib import Path
from studio.adapters.secrets.vault import Vault
from studio.domain.secrets import key_of

folder, last = Path(sys.argv[1]), int(sys.argv[2])
vault = Vault(folder)
vault.set(key_of("groq"), "the one before")
touched = 0

def watch(event, arguments):
    global touched
    if event in ("open", "os.rename", "os.remove", "os.chmod", "os.mkdir") and str(folder) in str(arguments[0]):
        touched += 1
        if touched == last:
            os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(watch)
vault.set(key_of("groq"), "the one after")
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "secrets"


def spoil(folder: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Changes what the file says, as somebody does who can write it."""
    said = json.loads((folder / "sealed.json").read_text())
    change(said)
    (folder / "sealed.json").write_text(json.dumps(said))


def test_a_value_is_there_for_the_next_process_and_in_no_file_as_it_is(folder: Path) -> None:
    assert Vault(folder).set(KEY, VALUE).weaker

    assert Vault(folder).get(KEY) == VALUE
    assert Vault(folder).names() == (KEY,)
    assert not [file for file in folder.iterdir() if VALUE.encode() in file.read_bytes()]


def test_nobody_else_on_the_machine_can_read_the_files(folder: Path) -> None:
    Vault(folder).set(KEY, VALUE)

    assert folder.stat().st_mode & 0o777 == 0o700
    assert {file.name: file.stat().st_mode & 0o777 for file in folder.iterdir()} == {
        "key": 0o600,
        "lock": 0o600,
        "sealed.json": 0o600,
    }


def test_a_key_that_others_can_read_is_not_used(folder: Path) -> None:
    Vault(folder).set(KEY, VALUE)
    (folder / "key").chmod(0o640)

    with pytest.raises(VaultError, match="can be read by other people"):
        Vault(folder).get(KEY)


def test_a_passphrase_locks_the_file_and_no_key_lies_beside_it(folder: Path) -> None:
    assert not Vault(folder, "correct horse").set(KEY, VALUE).weaker

    assert Vault(folder, "correct horse").get(KEY) == VALUE
    assert not (folder / "key").exists()
    with pytest.raises(VaultError, match="is not the passphrase"):
        Vault(folder, "battery staple").get(KEY)
    with pytest.raises(VaultError, match="locked with a passphrase"):
        Vault(folder).set(key_of("groq"), VALUE)


def test_a_value_moved_to_another_name_project_or_version_does_not_open(folder: Path) -> None:
    other = SecretName("token", "p1")
    for secret in (KEY, other):
        Vault(folder).set(secret, VALUE)

    def swap(said: dict[str, Any]) -> None:
        first, second = said["secrets"]
        first["sealed"], second["sealed"] = second["sealed"], first["sealed"]

    spoil(folder, swap)
    for secret in (KEY, other):
        with pytest.raises(VaultError, match="was changed by somebody"):
            Vault(folder).get(secret)
    spoil(folder, swap)
    spoil(folder, lambda said: said["secrets"][0].update(version=2))
    with pytest.raises(VaultError, match="was changed by somebody"):
        Vault(folder).get(KEY)


def test_a_file_that_is_damaged_says_so_and_is_not_written_over(folder: Path) -> None:
    Vault(folder).set(KEY, VALUE)
    (folder / "sealed.json").write_text('{"format": 1, "lock"')

    vault = Vault(folder)
    for act in (vault.names, lambda: vault.get(KEY), lambda: vault.set(KEY, "x")):
        with pytest.raises(VaultError, match="is damaged"):
            act()
    assert (folder / "sealed.json").read_text() == '{"format": 1, "lock"'


def test_the_file_of_a_newer_studio_is_left_alone(folder: Path) -> None:
    Vault(folder).set(KEY, VALUE)
    spoil(folder, lambda said: said.update(format=2))

    with pytest.raises(VaultError, match="newer Studio"):
        Vault(folder).set(KEY, "x")


def test_what_is_removed_is_gone_and_the_rest_stays(folder: Path) -> None:
    vault = Vault(folder)
    vault.set(KEY, VALUE)
    vault.set(SecretName("token", "p1"), "of one project")
    vault.set(SecretName("token"), "of all")

    assert vault.remove(SecretName("token", "p1"))
    assert not vault.remove(SecretName("token", "p1"))
    assert vault.get(SecretName("token", "p1")) is None
    assert [vault.get(name) for name in vault.names()] == [VALUE, "of all"]


def test_two_processes_that_write_at_once_lose_nothing(folder: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from studio.adapters.secrets.vault import Vault; "
        "from studio.domain.secrets import SecretName; vault = Vault(Path(sys.argv[1])); "
        "[vault.set(SecretName(f'{sys.argv[2]}{n}'), sys.argv[2]) for n in range(10)]"
    )
    writers = [subprocess.Popen([sys.executable, "-c", program, folder, name], cwd=ROOT) for name in ("a", "b")]

    assert [writer.wait(60) for writer in writers] == [0, 0]
    vault = Vault(folder)
    assert {name.name: vault.get(name) for name in vault.names()} == {
        f"{name}{number}": name for name in ("a", "b") for number in range(10)
    }


def test_a_kill_at_any_moment_leaves_the_value_before_or_after(tmp_path: Path) -> None:
    found = []
    for last in count(1):
        folder = tmp_path / f"killed {last}"
        ended = subprocess.run([sys.executable, "-c", KILLED, folder, str(last)], cwd=ROOT, timeout=60, check=False)
        found.append(Vault(folder).get(key_of("groq")))
        Vault(folder).set(key_of("groq"), "goes on")
        assert Vault(folder).get(key_of("groq")) == "goes on"
        if ended.returncode == 0:
            break
        assert ended.returncode == -signal.SIGKILL

    assert len(found) > 4  # the lock, the old file, the new one, the stroke that replaces it, the folder
    before = found.count("the one before")
    assert found == ["the one before"] * before + ["the one after"] * (len(found) - before)
    assert set(found) == {"the one before", "the one after"}


def test_a_key_is_taken_without_what_was_copied_around_it_and_never_shown(folder: Path) -> None:
    assert checked(KEY, f"  {VALUE}\r\n") == VALUE
    assert checked(SecretName("pem"), "one\ntwo\n") == "one\ntwo"
    for wrong in ("", " \n", "two words", "sk-ant\nsecond", "schlüssel", "x" * (LONGEST + 1)):
        with pytest.raises(UserError) as refused:
            checked(KEY, wrong)
        assert not wrong.strip() or wrong.strip() not in str(refused.value)


@pytest.mark.parametrize("name", ["", "a b", "-x", "../key", "x" * 101, "a/b", "ä"])
def test_a_name_that_could_be_something_else_is_refused_without_repeating_it(name: str) -> None:
    with pytest.raises(UserError) as refused:
        SecretName.parse(name)
    assert not name or name not in refused.value.sentence
