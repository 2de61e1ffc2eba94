"""The breadcrumbs line: where the file lies and how it is written."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from studio.ui.theme import Theme
from studio.ui.widgets.labels import label
from studio.ui.widgets.names import shown, tooltip

_BETWEEN = " \N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK} "


class Crumbs(QWidget):
    """A line with the workspace (if it is one) and path at the left, caret and writing at the right."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.place, self.path, self.facts = label(name="crumbPlace"), label(), label()
        self.path.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 4, 14, 4)
        row.setSpacing(8)
        row.addWidget(self.place)
        row.addWidget(self.path, 1)
        row.addWidget(self.facts)
        self.place.hide()
        theme.changed.connect(self._paint)
        self._paint()

    def show_path(self, path: str, place: str) -> None:
        """Names the file; `place` is empty for the checkout of the project on show."""
        self.path.setText(_BETWEEN.join(shown(path).split("/")))
        self.path.setToolTip(tooltip(path))
        self.place.setText(shown(place))
        self.place.setVisible(bool(place))

    def show_facts(self, *facts: str) -> None:
        """Shows the facts that are not empty, in order."""
        self.facts.setText(" \N{MIDDLE DOT} ".join(fact for fact in facts if fact))

    def _paint(self) -> None:
        muted, accent = self._theme.color("text_muted").name(), self._theme.color("accent").name()
        band = self._theme.color("accent_surface").name()
        self.setStyleSheet(
            f"QLabel {{ color: {muted}; }} "
            f"#crumbPlace {{ color: {accent}; background: {band}; border-radius: 4px; padding: 1px 6px; }}"
        )
