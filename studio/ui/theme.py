"""Theme: the colours, sizes and fonts that every widget takes from one place."""

from __future__ import annotations

import tomllib
from string import Template
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QFontInfo, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from studio.base.resources import resource

SYSTEM = "system"
NAMES = ("dark", "light")
CODE_FONTS = (
    "JetBrains Mono NL",
    "Cascadia Mono",
    "SF Mono",
    "Menlo",
    "Consolas",
    "Ubuntu Mono",
    "DejaVu Sans Mono",
    "Noto Sans Mono",
)
"""The first of these that is installed shows code: none has ligatures, which the editor could not switch off."""

_PIXELS_PER_POINT = 96 / 72
_INLINE_SHARE = 0.93

_ROLES = {
    QPalette.ColorRole.Window: "window",
    QPalette.ColorRole.WindowText: "text",
    QPalette.ColorRole.Base: "surface",
    QPalette.ColorRole.AlternateBase: "raised",
    QPalette.ColorRole.Text: "text",
    QPalette.ColorRole.Button: "raised",
    QPalette.ColorRole.ButtonText: "text",
    QPalette.ColorRole.BrightText: "error",
    QPalette.ColorRole.Highlight: "accent_surface",
    QPalette.ColorRole.HighlightedText: "text",
    QPalette.ColorRole.ToolTipBase: "raised",
    QPalette.ColorRole.ToolTipText: "text",
    QPalette.ColorRole.PlaceholderText: "text_faint",
    QPalette.ColorRole.Link: "accent",
    QPalette.ColorRole.LinkVisited: "info",
    QPalette.ColorRole.Light: "selected",
    QPalette.ColorRole.Midlight: "raised",
    QPalette.ColorRole.Mid: "line",
    QPalette.ColorRole.Dark: "line",
    QPalette.ColorRole.Shadow: "window",
    QPalette.ColorRole.Accent: "accent",
}
_FAINT_WHEN_DISABLED = (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText)


class Theme(QObject):
    """The look in force. Names are those of `resources/themes/*.toml`; an unknown one is a KeyError.

    Signals: `changed()` after colours or fonts became others, for whatever a style sheet cannot do.
    """

    changed = Signal()

    def __init__(self, wanted: str = "dark", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._wanted = wanted
        self._code_family = ""
        self._code_points = 10.0
        # Looked up when first asked for, as the font database is slow.
        self._code_font: QFont | None = None
        self._load()
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._on_system_changed)

    @property
    def name(self) -> str:
        """`dark` or `light`, also while the system is followed."""
        return self._name

    @property
    def wanted(self) -> str:
        """What was asked for: `dark`, `light` or `system`."""
        return self._wanted

    def set(self, wanted: str) -> None:
        """Switches to `dark`, `light` or, following it from now on, `system`."""
        self._wanted = wanted
        self._refresh()

    def set_code_font(self, family: str, points: float) -> None:
        """Shows code in this font; an empty or missing family leaves the choice to the short list."""
        self._code_family, self._code_points = family, points
        self._refresh()

    def color(self, name: str) -> QColor:
        """A colour by its name."""
        return QColor(self._colors[name])

    def size(self, name: str) -> int:
        """A length or font size in pixels by its name."""
        return self._sizes[name]

    def ui_font(self) -> QFont:
        """The font of everything but code."""
        font = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
        font.setPixelSize(self.size("font_ui"))
        return font

    def code_font(self) -> QFont:
        """The font of code where it stands alone, as in the editor, without ligatures."""
        if self._code_font is None:
            self._code_font = self._find_code_font()
        return QFont(self._code_font)

    def inline_code_font(self) -> QFont:
        """The font of code among words: a little smaller, as fonts of equal width look larger than others."""
        font = self.code_font()
        font.setPixelSize(max(round(font.pixelSize() * _INLINE_SHARE), 1))
        return font

    def palette(self) -> QPalette:
        """The colours as Qt's own style wants them."""
        palette = QPalette()
        for role, name in _ROLES.items():
            palette.setColor(role, self.color(name))
        for role in _FAINT_WHEN_DISABLED:
            palette.setColor(QPalette.ColorGroup.Disabled, role, self.color("text_faint"))
        return palette

    def style_sheet(self) -> str:
        """The one style sheet of the application."""
        given = {
            "ui_family": QFontInfo(self.ui_font()).family(),
            "code_family": QFontInfo(self.code_font()).family(),
            # Of a grey that is seen on every theme.
            "arrow_down": resource("themes", "arrow-down.svg").as_posix(),
            "check": resource("themes", "check.svg").as_posix(),
        }
        sheet = resource("themes", "window.qss").read_text("utf-8")
        return Template(sheet).substitute(self._colors, **{**given, **{k: str(v) for k, v in self._sizes.items()}})

    def dress(self, application: QApplication) -> None:
        """Gives `application` this look, now and whenever it changes."""
        application.setStyle("Fusion")
        self.changed.connect(lambda: self._put_on(application))
        self._put_on(application)

    def _find_code_font(self) -> QFont:
        wanted = (self._code_family, *CODE_FONTS)
        family = next((name for name in wanted if name and QFontDatabase.hasFamily(name)), "")
        font = QFont(family) if family else QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        # In pixels like all other text, so that the two keep their proportion whatever a system takes a point for.
        font.setPixelSize(round(self._code_points * _PIXELS_PER_POINT))
        font.setStyleHint(QFont.StyleHint.Monospace)
        for feature in (b"liga", b"calt"):
            font.setFeature(QFont.Tag.fromString(feature.decode()), 0)
        return font

    def _put_on(self, application: QApplication) -> None:
        application.setFont(self.ui_font())
        application.setPalette(self.palette())
        application.setStyleSheet(self.style_sheet())

    def _on_system_changed(self) -> None:
        if self._wanted == SYSTEM:
            self._refresh()

    def _refresh(self) -> None:
        self._load()
        self.changed.emit()

    def _load(self) -> None:
        self._name = _system() if self._wanted == SYSTEM else self._wanted
        tokens: dict[str, dict[str, Any]] = tomllib.loads(resource("themes", f"{self._name}.toml").read_text("utf-8"))
        self._colors: dict[str, str] = tokens["color"]
        self._sizes: dict[str, int] = tokens["size"]
        self._code_font = None


def _system() -> str:
    scheme = QGuiApplication.styleHints().colorScheme()
    return "light" if scheme is Qt.ColorScheme.Light else "dark"
