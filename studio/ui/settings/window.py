"""The settings window: a list of pages at the left, the chosen one beside it."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QListWidget, QListWidgetItem, QStackedWidget, QWidget

from studio.ui.icons import icon
from studio.ui.theme import Theme

_SIZE = QSize(1000, 680)
_MARGIN = 32
_LIST_WIDTH = 172


class SettingsWindow(QDialog):
    """Stands in front of the window it belongs to, which goes on working; Escape closes it."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._icons: list[str] = []
        self._ids: list[str] = []
        self.setWindowTitle("Settings")
        self.list = QListWidget()
        self.list.setObjectName("settingsPages")
        self.list.setAccessibleName("Pages of settings")
        self.list.setFixedWidth(_LIST_WIDTH)
        self.pages = QStackedWidget()
        self.pages.setObjectName("panelSurface")
        self.list.currentRowChanged.connect(self.pages.setCurrentIndex)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.list)
        row.addWidget(self.pages, 1)
        theme.changed.connect(self._dress)
        room = parent.window().size() - QSize(_MARGIN, _MARGIN)
        self.resize(_SIZE.boundedTo(room))

    @property
    def current_page(self) -> str:
        """The id of the page that is shown."""
        return self._ids[self.list.currentRow()]

    def add_page(self, id: str, title: str, icon_name: str, page: QWidget) -> None:
        """Puts a page below those that are there."""
        self._ids.append(id)
        self._icons.append(icon_name)
        self.pages.addWidget(page)
        self.list.addItem(QListWidgetItem(title))
        self._dress()
        if len(self._ids) == 1:
            self.list.setCurrentRow(0)

    def open_page(self, id: str) -> None:
        """Brings the window to the front with this page, and the keyboard into it."""
        self.list.setCurrentRow(self._ids.index(id))
        self.show()
        self.raise_()
        self.activateWindow()
        page = self.pages.currentWidget()
        if page is not None:
            page.setFocus(Qt.FocusReason.OtherFocusReason)

    def _dress(self) -> None:
        for row, name in enumerate(self._icons):
            self.list.item(row).setIcon(icon(name, self._theme.color("text_muted")))
