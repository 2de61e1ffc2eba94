"""A data folder has an identity that is its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.base.identity import read_identity
from studio.base.paths import Paths


def made(home: Path) -> str:
    paths = Paths(home)
    paths.make()
    return read_identity(paths.identity)


def test_two_data_folders_differ(tmp_path: Path) -> None:
    assert made(tmp_path / "a") != made(tmp_path / "b")


def test_a_data_folder_keeps_its_identity(tmp_path: Path) -> None:
    first = made(tmp_path)

    assert first
    assert made(tmp_path) == first


@pytest.mark.parametrize("torn", [b"", b"0123", b"\xff" * 32])
def test_a_torn_one_is_made_anew(tmp_path: Path, torn: bytes) -> None:
    (tmp_path / "identity").write_bytes(torn)

    assert len(made(tmp_path)) == 32


def test_nothing_is_left_beside_it(tmp_path: Path) -> None:
    made(tmp_path)

    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["identity"]
