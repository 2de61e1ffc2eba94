"""The theme: readable, complete, and everywhere at once."""

from __future__ import annotations

import re

import pytest
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication, QComboBox
from pytestqt.qtbot import QtBot

from studio.base.resources import resource
from studio.ui.theme import NAMES, Theme

TEXTS = ("text", "text_muted", "text_faint", "accent", "ok", "warn", "error", "info")
GROUNDS = ("window", "surface", "raised", "selected")
CODE = ("code_keyword", "code_string", "code_function", "code_comment", "code_number")


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.03928 else float(((part + 0.055) / 1.055) ** 2.4)


def _light(color: QColor) -> float:
    parts = [_linear(part / 255) for part in (color.red(), color.green(), color.blue())]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def _contrast(one: QColor, other: QColor) -> float:
    high, low = sorted((_light(one), _light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("name", NAMES)
def test_every_text_colour_can_be_read_on_every_ground(qapp: QApplication, name: str) -> None:
    theme = Theme(name)
    pairs = [(text, ground) for text in TEXTS for ground in GROUNDS]
    pairs += [(text, "surface") for text in CODE]
    pairs += [("accent_text", "accent"), ("text", "accent_surface"), ("accent", "accent_surface")]
    pairs += [("text", "diff_added"), ("text", "diff_removed")]
    poor = [
        (text, ground, round(_contrast(theme.color(text), theme.color(ground)), 2))
        for text, ground in pairs
        if _contrast(theme.color(text), theme.color(ground)) < 4.5
    ]
    assert poor == []


@pytest.mark.parametrize("name", NAMES)
def test_the_parts_of_a_chart_stand_out_from_their_ground(qapp: QApplication, name: str) -> None:
    theme = Theme(name)

    poor = [at for at in range(1, 7) if _contrast(theme.color(f"chart_{at}"), theme.color("surface")) < 3]
    assert poor == []


def test_both_themes_have_the_same_names(qapp: QApplication) -> None:
    sheet = resource("themes", "window.qss").read_text("utf-8")
    asked = set(re.findall(r"\$\{?([a-z_0-9]+)", sheet))
    assert len(asked) > 10
    for name in NAMES:
        assert "$" not in Theme(name).style_sheet()


def test_a_switch_repaints_the_application_and_says_so(qtbot: QtBot, qapp: QApplication) -> None:
    theme = Theme("dark")
    theme.dress(qapp)
    dark = qapp.palette().window().color()
    with qtbot.waitSignal(theme.changed):
        theme.set("light")
    assert theme.name == "light"
    assert qapp.palette().window().color() != dark
    assert theme.color("window").name() in qapp.styleSheet()
    qapp.setStyleSheet("")


def test_following_the_system_ends_in_a_real_theme(qapp: QApplication) -> None:
    assert Theme("system").name in NAMES


def test_a_missing_code_font_falls_back_to_an_installed_one(qapp: QApplication) -> None:
    theme = Theme("dark")
    theme.set_code_font("No Such Font At All", 14)
    assert theme.code_font().family() != "No Such Font At All"
    assert theme.code_font().pixelSize() == 19


@pytest.mark.parametrize("name", NAMES)
def test_a_field_that_offers_choices_shows_so(qtbot: QtBot, qapp: QApplication, name: str) -> None:
    theme = Theme(name)
    theme.dress(qapp)
    box = QComboBox()
    qtbot.addWidget(box)
    box.resize(160, 32)
    picture = box.grab().toImage()
    ground = theme.color("raised")
    right = {picture.pixelColor(x, y).rgb() for x in range(138, 154) for y in range(10, 22)}
    assert max(_contrast(QColor(pixel), ground) for pixel in right) >= 3
    qapp.setStyleSheet("")
