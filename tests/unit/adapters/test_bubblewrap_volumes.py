"""Named folders in place of volumes: they go whatever an agent did in them, and nothing beside them goes."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from studio.adapters.bubblewrap.volumes import Volumes
from studio.domain.errors import EngineError

DEEPER_THAN_PYTHON_GOES = 1500


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """The folder of a volume named so."""
    volumes = Volumes(tmp_path / "volumes")
    volumes.create("cache", {})
    return volumes.path("cache")


def test_one_with_folders_that_are_closed_and_nested_without_end_goes(tmp_path: Path, cache: Path) -> None:
    (cache / "closed" / "inner").mkdir(parents=True)
    (cache / "closed").chmod(0)
    names = ("d/" * 100 for _ in range(DEEPER_THAN_PYTHON_GOES // 100))
    script = "".join(f"mkdir -p {name} && cd {name} || exit 1\n" for name in names)
    subprocess.run(["bash", "-c", script], cwd=cache, check=True)

    Volumes(tmp_path / "volumes").remove("cache")

    assert list((tmp_path / "volumes").iterdir()) == []


def test_what_its_links_lead_to_stays_as_it_is(tmp_path: Path, cache: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir(mode=0o700)
    (outside / "file").touch(mode=0o400)
    (cache / "link").symlink_to(outside)
    (cache / "file").symlink_to(outside / "file")

    Volumes(tmp_path / "volumes").remove("cache")

    assert oct((outside / "file").stat().st_mode & 0o777) == "0o400"


def test_one_that_cannot_go_is_said_as_what_went_wrong_with_the_engine() -> None:
    # Nobody can remove or change what the kernel shows there.
    with pytest.raises(EngineError, match=r"/proc/version could not be removed: .*not permitted"):
        Volumes(Path("/proc")).remove("version")
