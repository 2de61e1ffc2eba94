"""The image's tag follows its sources."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from studio.adapters.docker.engine import DockerEngine
from studio.adapters.docker.find import Endpoint
from studio.sandbox.images import Images, image_sources
from studio.sandbox.packages import host_packages


def tag(sources: Path, cache: Path) -> str:
    return Images(DockerEngine(Endpoint("unix:///nobody")), sources, cache, {}).tag


def test_the_same_sources_make_the_same_tag_wherever_they_lie(tmp_path: Path) -> None:
    shutil.copytree(image_sources(), tmp_path / "copy")

    assert tag(tmp_path / "copy", tmp_path) == tag(image_sources(), tmp_path)


def test_any_change_makes_another_tag(tmp_path: Path) -> None:
    shutil.copytree(image_sources(), tmp_path / "copy")
    before = tag(tmp_path / "copy", tmp_path)
    for path in sorted((tmp_path / "copy/standard").iterdir()):
        path.write_text(path.read_text() + "\n")
        after = tag(tmp_path / "copy", tmp_path)
        assert after != before
        before = after


def test_the_sources_name_no_mirror_and_no_registry() -> None:
    for path in (image_sources() / "standard").iterdir():
        assert not re.search(r"https?://|\.(org|com|io|net)\b", path.read_text()), path


def test_this_machine_s_packages_are_of_its_own_release() -> None:
    packages = host_packages()
    if packages is None:  # not a machine with Debian packages
        return
    assert packages.mirror.startswith("http")
    assert all(line.startswith("deb ") and packages.release in line for line in packages.lines)
