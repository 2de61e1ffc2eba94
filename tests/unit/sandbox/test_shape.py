"""Which folders a sandbox may be given, and with what it is born."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.contracts.containers import Mount
from studio.domain.errors import PolicyRefused
from studio.sandbox.shape import certificates, checked, inside_user


@pytest.fixture
def writable(tmp_path: Path) -> Path:
    (tmp_path / "workspaces/run").mkdir(parents=True)
    return tmp_path / "workspaces"


@pytest.fixture
def readable(tmp_path: Path) -> Path:
    (tmp_path / "projects/one").mkdir(parents=True)
    return tmp_path / "projects"


def test_a_run_s_own_folder_is_given(writable: Path, readable: Path) -> None:
    mount = Mount(writable / "run", "/workspace")

    assert checked(mount, (writable,), (readable,)) == mount


def test_a_folder_reached_by_a_link_is_given_by_its_real_name(writable: Path) -> None:
    (writable / "link").symlink_to(writable / "run")

    assert checked(Mount(writable / "link", "/workspace"), (writable,), ()).source == writable / "run"


def test_what_may_be_read_may_not_be_written(writable: Path, readable: Path) -> None:
    checked(Mount(readable / "one", "/objects", read_only=True), (writable,), (readable,))
    with pytest.raises(PolicyRefused, match="outside"):
        checked(Mount(readable / "one", "/objects"), (writable,), (readable,))


@pytest.mark.parametrize("name", ["", "../projects/one", "run/../..", "missing"])
def test_anything_else_is_refused(writable: Path, readable: Path, name: str) -> None:
    with pytest.raises(PolicyRefused):
        checked(Mount(writable / name, "/workspace"), (writable,), (readable,))


def test_the_named_certificates_are_copied_and_kept_up_to_date(tmp_path: Path) -> None:
    bundle = tmp_path / "bundle.crt"
    for text in ("first", "second"):
        bundle.write_text(text)
        mount = certificates(tmp_path / "cache", {"SSL_CERT_FILE": str(bundle)})
        assert mount is not None
        assert mount.read_only
        assert mount.source.read_text() == text


def test_nobody_inside_is_root() -> None:
    assert 0 not in inside_user()
