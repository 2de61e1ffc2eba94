"""The terminal's colours, written as the file that the terminal widget reads."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtGui import QColor

from studio.ui.theme import Theme

_ANSI = ("raised", "error", "ok", "warn", "accent", "info", "code_function", "text_muted")
"""Tokens for black, red, green, yellow, blue, magenta, cyan and white."""


def write_scheme(folder: Path, theme: Theme) -> Path:
    """Writes the theme's scheme into `folder` and returns the file.

    The widget keeps a scheme by its file's name for good, so every theme has a name of its own.
    """
    sections = {
        "Background": theme.color("surface"),
        "BackgroundIntense": theme.color("surface"),
        "Foreground": theme.color("text"),
        "ForegroundIntense": theme.color("text"),
    }
    for number, token in enumerate(_ANSI):
        sections[f"Color{number}"] = theme.color(token)
        sections[f"Color{number}Intense"] = theme.color("text") if token == "text_muted" else theme.color(token)
    sections["Color0Intense"] = theme.color("text_faint")
    body = "".join(f"[{name}]\nColor={_channels(color)}\n\n" for name, color in sections.items())
    path = folder / f"studio-{theme.name}.colorscheme"
    path.write_text(f"[General]\nDescription=Studio {theme.name}\nOpacity=1\n\n{body}", encoding="ascii")
    return path


def _channels(color: QColor) -> str:
    return f"{color.red()},{color.green()},{color.blue()}"
