from __future__ import annotations

import stat
from pathlib import Path

from studio.base.paths import Paths


def test_the_environment_names_the_data_folder(tmp_path: Path) -> None:
    assert Paths.from_environment({"STUDIO_HOME": str(tmp_path / "Daten ü")}).home == tmp_path / "Daten ü"


def test_without_a_name_the_data_lies_where_the_platform_keeps_it() -> None:
    assert Paths.from_environment({}).home.is_absolute()


def test_every_place_lies_within_the_data_folder(tmp_path: Path) -> None:
    paths = Paths(tmp_path)
    places = [getattr(paths, name) for name, kind in vars(Paths).items() if isinstance(kind, property)]
    assert len(set(places)) == len(places) > 5
    assert all(place.parent == tmp_path for place in places)


def test_the_folders_are_closed_to_others_and_may_be_there_already(tmp_path: Path) -> None:
    paths = Paths(tmp_path / "deep" / "home")
    paths.make()
    paths.make()
    assert stat.S_IMODE(paths.home.stat().st_mode) == 0o700
    assert stat.S_IMODE(paths.workspaces.stat().st_mode) == 0o700
