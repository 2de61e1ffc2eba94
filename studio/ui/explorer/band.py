"""The band: names whose files are shown."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from studio.domain.files import Place
from studio.ui.theme import Theme
from studio.ui.widgets.labels import ElidedLabel
from studio.ui.widgets.names import shown, tooltip


class Band(QWidget):
    """A coloured line that says `Checkout · main` or `Engineer · r7f3a`."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._workspace = False
        self.setObjectName("placeBand")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.label = ElidedLabel(parent=self)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 5, 4, 5)
        row.addWidget(self.label)
        theme.changed.connect(self._paint)
        self._paint()

    def show_place(self, place: Place, title: str) -> None:
        """Names the place; `title` is the project's name for a checkout, the role's for a workspace."""
        self._workspace = place.run is not None
        text = f"{title or 'Agent'} \N{MIDDLE DOT} {place.run}"
        about = f"The workspace of {text}: what the agent works on, apart from your own files."
        if not self._workspace:
            text = f"Checkout \N{MIDDLE DOT} {title}" if title else "Checkout"
            about = f"{text}: your own files."
        self.label.set_text(text)
        self.label.setToolTip(tooltip(about))
        self.setAccessibleName(shown(text))
        self._paint()

    def _paint(self) -> None:
        color, surface = ("accent", "accent_surface") if self._workspace else ("text_muted", "raised")
        self.setStyleSheet(
            f"#placeBand {{ background: {self._theme.color(surface).name()}; border-radius: 6px; }} "
            f"QLabel {{ color: {self._theme.color(color).name()}; background: transparent; "
            f"font-size: {self._theme.size('font_small')}px; }}"
        )
