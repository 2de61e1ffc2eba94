"""The title bar inside the window: which project, and the way to everything else."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QSizePolicy, QWidget

from studio.domain.projects import Project
from studio.ui.theme import Theme
from studio.ui.widgets.buttons import IconButton
from studio.ui.widgets.labels import label
from studio.ui.widgets.names import shown

_SEARCH_WIDTH = 460
_NO_PROJECT = "No project"


class TitleBar(QWidget):
    """Name, project switcher, search field, preview.

    Signals: `project_requested(Project)`; `open_requested()` of another repository; `home_requested()`;
    `rules_requested()` of the project that is open; `search_requested()`; `preview_requested()`.
    """

    project_requested = Signal(object)
    open_requested = Signal()
    home_requested = Signal()
    rules_requested = Signal()
    search_requested = Signal()
    preview_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("titleBar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(theme.size("title"))
        self.switcher = QPushButton()
        self.switcher.setObjectName("projectSwitcher")
        self.switcher.setAccessibleName("Switch project")
        self._menu = QMenu(self.switcher)
        self.switcher.setMenu(self._menu)
        self.search = QPushButton("Search files and actions   Ctrl P")
        self.search.setObjectName("searchField")
        self.search.setAccessibleName("Search files and actions")
        self.search.setFixedHeight(24)
        self.search.setMaximumWidth(_SEARCH_WIDTH)
        self.search.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.search.clicked.connect(self.search_requested)
        self.preview = IconButton(theme, "play", "Show preview")
        self.preview.setText("Preview")
        self.preview.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.preview.clicked.connect(self.preview_requested)
        self._lay_out()
        self.show_projects((), None)

    def show_projects(self, projects: tuple[Project, ...], current: Project | None) -> None:
        """Offers these projects, `current` being the one that is open."""
        self.switcher.setText(f"{shown(current.name) if current else _NO_PROJECT} ▾")
        self._menu.clear()
        for project in projects:
            action = self._menu.addAction(shown(project.name).replace("&", "&&"))
            action.setCheckable(True)
            action.setChecked(current is not None and project.id == current.id)
            action.triggered.connect(lambda _checked, project=project: self.project_requested.emit(project))
        if projects:
            self._menu.addSeparator()
        if current is not None:
            self._menu.addAction("Rules of this project…").triggered.connect(lambda: self.rules_requested.emit())
        self._menu.addAction("Open a repository…").triggered.connect(lambda: self.open_requested.emit())
        self._menu.addAction("All projects…").triggered.connect(lambda: self.home_requested.emit())

    def _lay_out(self) -> None:
        # Two equal sides keep the search field in the middle, whatever the project is called.
        sides = [QWidget(self), QWidget(self)]
        for side in sides:
            row = QHBoxLayout(side)
            row.setContentsMargins(4, 0, 8, 0)
            row.setSpacing(4)
        left, right = (side.layout() for side in sides)
        assert isinstance(left, QHBoxLayout)
        assert isinstance(right, QHBoxLayout)
        left.addWidget(label("Studio", "appName"))
        left.addWidget(self.switcher)
        left.addStretch(1)
        right.addStretch(1)
        right.addWidget(self.preview)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(sides[0], 1)
        row.addWidget(self.search, 2)
        row.addWidget(sides[1], 1)
