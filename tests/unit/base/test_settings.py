from __future__ import annotations

from pathlib import Path

import pytest

from studio.base.setting import SettingsError
from studio.base.settings import SETTINGS, Settings, save


def test_without_a_file_the_defaults_hold(tmp_path: Path) -> None:
    settings = Settings.load(tmp_path / "settings.toml", {})
    assert settings == Settings()
    assert settings.approval_mode == "ask"


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text('theme = "dark"\nmax_steps = 7\n')
    settings = Settings.load(path, {"STUDIO_MAX_STEPS": "9"})
    assert (settings.theme, settings.max_steps) == ("dark", 9)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('them = "dark"', "Did you mean theme?"),
        ('theme = "pink"', "Set it to one of: system, dark, light."),
        ("max_steps = 0", "Set it to a number from 1 to 10000."),
        ("max_steps = true", "Set it to a number from 1 to 10000."),
        ("default_model = 3", "Set it to a text."),
        ("theme = ", "The settings file is not valid TOML"),
    ],
)
def test_a_wrong_line_is_named_with_what_to_do(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(text)
    with pytest.raises(SettingsError) as caught:
        Settings.load(path, {})
    assert says in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_wrong_variable_is_named() -> None:
    with pytest.raises(SettingsError, match="STUDIO_SANDBOX_CPUS"):
        Settings.load(Path("absent.toml"), {"STUDIO_SANDBOX_CPUS": "many"})


def test_saving_one_setting_leaves_the_rest_of_the_file_alone(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text('# mine\ntheme = "dark"\n\nmax_steps = 7 # few\n')
    save(path, "theme", "light")
    save(path, "editor_font", 'Fira "Code"')
    assert path.read_text() == '# mine\ntheme = "light"\n\nmax_steps = 7 # few\neditor_font = "Fira \\"Code\\""\n'
    assert Settings.load(path, {}).editor_font == 'Fira "Code"'


def test_what_could_not_be_loaded_is_not_saved(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    with pytest.raises(SettingsError):
        save(path, "theme", "pink")
    assert not path.exists()


def test_a_changed_copy_is_checked_too() -> None:
    assert Settings().with_value("sandbox_cpus", 2).sandbox_cpus == 2.0
    with pytest.raises(SettingsError):
        Settings().with_value("sandbox_cpus", -1)


def test_every_setting_explains_itself_and_its_default_fits() -> None:
    for row in SETTINGS:
        assert row.help.endswith(".")
        assert getattr(Settings().with_value(row.name, row.default), row.name) == row.default
