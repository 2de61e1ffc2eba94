from __future__ import annotations

import pytest

from studio.base.display import has_display


@pytest.mark.parametrize("variable", ["DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"])
def test_on_linux_the_environment_names_the_display(variable: str) -> None:
    assert has_display({variable: "x"}, "linux")
    assert not has_display({variable: "", "PATH": "/bin"}, "linux")


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_other_systems_need_no_variable(platform: str) -> None:
    assert has_display({}, platform)
