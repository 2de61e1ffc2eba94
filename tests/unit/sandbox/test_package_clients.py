"""What of this machine's package clients a sandbox is told, and what stays here."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from studio.domain.network import Destination
from studio.sandbox.egress.clients import KnownClients, package_clients

PIP = {
    ":env:.index-url": "https://env.example.org/simple",
    "global.index-url": "https://global.example.org/simple",
    "global.extra-index-url": "https://ada:secret@extra.example.org/simple file:///opt/packages http://old.example.org/s?t=1",
    "global.trusted-host": "old.example.org elsewhere.example.org",
}
NPM = {
    "registry": "https://npm.example.org/",
    "@shop:registry": "https://shop.example.org/",
    "//npm.example.org/:_authToken": "x",
}


@pytest.fixture
def machine(tmp_path: Path) -> dict[str, str]:
    """The environment of a machine with a pip and an npm of its own."""
    lines = "\n".join(f"{key}={value!r}" for key, value in PIP.items())
    for name, says in (("pip3", lines), ("npm", json.dumps(NPM))):
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\ncat <<'E'\n{says}\nE\n")
        program.chmod(0o755)
    return {"PATH": f"{tmp_path}{os.pathsep}/usr/bin{os.pathsep}/bin"}


def test_hosts_are_found_with_their_ports(machine: dict[str, str]) -> None:
    names = "env.example.org:443 extra.example.org:443 old.example.org:80 npm.example.org:443 shop.example.org:443"

    assert package_clients(machine).hosts >= set(map(Destination.parse, names.split()))


def test_the_strongest_setting_of_pip_counts(machine: dict[str, str]) -> None:
    found = package_clients(machine)

    assert found.env["PIP_INDEX_URL"] == "https://env.example.org/simple"
    assert Destination.parse("global.example.org") not in found.hosts


def test_no_name_password_or_token_is_passed_on(machine: dict[str, str]) -> None:
    found = package_clients(machine)

    assert found.env["PIP_EXTRA_INDEX_URL"] == "https://extra.example.org/simple http://old.example.org/s"
    assert found.env["PIP_TRUSTED_HOST"] == "old.example.org"
    assert found.env["NPM_CONFIG_REGISTRY"] == "https://npm.example.org/"
    assert "secret" not in repr(found)
    assert "ada" not in repr(found)


def test_what_a_sandbox_does_not_get_is_told_with_the_reason(machine: dict[str, str]) -> None:
    told = "\n".join(package_clients(machine).left_out)

    assert "pip signs in at extra.example.org" in told
    assert "a folder of this machine" in told
    assert "npm's own place for @shop" in told


def test_a_machine_without_clients_has_nothing_to_tell(tmp_path: Path) -> None:
    assert package_clients({"PATH": str(tmp_path)}).env == {}


def test_a_client_that_fails_is_left_out(tmp_path: Path) -> None:
    for name in ("pip3", "npm"):
        (tmp_path / name).write_text("#!/bin/sh\necho \"global.index-url='https://x.example.org'\"\nexit 1\n")
        (tmp_path / name).chmod(0o755)

    assert package_clients({"PATH": str(tmp_path)}).env == {}


@pytest.mark.parametrize(
    ("says", "asked"),
    [
        ("global.index-url='https://own.example.org/simple'", ["config list"]),
        ("global.timeout='5'", ["config list", "help install"]),
    ],
)
def test_the_help_of_pip_is_read_only_where_its_settings_name_no_index(
    tmp_path: Path, says: str, asked: list[str]
) -> None:
    heard = _pip(tmp_path, says)
    package_clients({"PATH": f"{tmp_path}{os.pathsep}/usr/bin{os.pathsep}/bin"})

    assert heard.read_text().splitlines() == asked


async def test_clients_are_asked_once_and_again_only_when_somebody_wants_it_a_minute_later(tmp_path: Path) -> None:
    heard, now = _pip(tmp_path, "global.index-url='https://own.example.org/simple'"), [0.0]
    known = KnownClients({"PATH": f"{tmp_path}{os.pathsep}/usr/bin{os.pathsep}/bin"}, lambda: now[0])
    counts = []
    for moment, renews in ((0.0, False), (3600.0, False), (3600.0, True), (3630.0, True)):
        now[0] = moment
        if renews:
            known.renew()
        await known.get()
        counts.append(len(heard.read_text().splitlines()))

    assert counts == [1, 1, 2, 2]


async def test_what_was_changed_within_that_minute_is_known_after_it(tmp_path: Path) -> None:
    _pip(tmp_path, "global.index-url='https://former.example.org/simple'")
    now = [0.0]
    known = KnownClients({"PATH": f"{tmp_path}{os.pathsep}/usr/bin{os.pathsep}/bin"}, lambda: now[0])
    await known.get()
    now[0] = 30.0
    _pip(tmp_path, "global.index-url='https://new.example.org/simple'")
    known.renew()
    await known.get()

    now[0] = 61.0

    assert (await known.get()).env["PIP_INDEX_URL"] == "https://new.example.org/simple"


def _pip(folder: Path, says: str) -> Path:
    """A pip that says this, whatever it is asked; returns where it notes what it was."""
    heard = folder / "heard"
    (folder / "pip3").write_text(f'#!/bin/sh\necho "$@" >> {heard}\necho "{says}"\n')
    (folder / "pip3").chmod(0o755)
    return heard
