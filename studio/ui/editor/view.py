"""The editor's widgets: tabs above, the current page below."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from studio.ui.editor.notice import NoticeBar
from studio.ui.editor.page import Page
from studio.ui.editor.tabs import TabBar
from studio.ui.theme import Theme
from studio.ui.widgets.states import EmptyState


class EditorView(QWidget):
    """Pages behind a bar of tabs, with a line above for what concerns none of them; a quiet hint when there are none.

    Signals: `current_changed()`; `close_requested(Page)`.
    """

    current_changed = Signal()
    close_requested = Signal(QWidget)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("editorView")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.notice = NoticeBar(theme, self)
        self.tabs = TabBar(theme, self)
        self._pages = QStackedWidget(self)
        self._empty = EmptyState("No file is open", "Open one from the explorer, or with Ctrl+P by its name.")
        self._pages.addWidget(self._empty)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.notice)
        column.addWidget(self.tabs)
        column.addWidget(self._pages, 1)
        self._order: list[Page] = []
        self.tabs.currentChanged.connect(self._on_current_changed)
        self.tabs.tabMoved.connect(self._on_moved)
        self.tabs.close_requested.connect(lambda index: self.close_requested.emit(self._order[index]))
        self.tabs.keep_requested.connect(self._on_keep_requested)
        self.tabs.hide()

    @property
    def pages(self) -> tuple[Page, ...]:
        """Every page in the order of its tabs."""
        return tuple(self._order)

    @property
    def current(self) -> Page | None:
        """The page in front."""
        index = self.tabs.currentIndex()
        return self._order[index] if 0 <= index < len(self._order) else None

    @property
    def preview(self) -> Page | None:
        """The page whose place the next preview may take."""
        return next((page for index, page in enumerate(self._order) if self.tabs.is_preview(index)), None)

    def add(self, page: Page, *, preview: bool) -> None:
        """Opens a tab for `page` and brings it to the front."""
        self._order.append(page)
        self._pages.addWidget(page)
        index = self.tabs.add(page.document.label, page.document.path, preview=preview)
        page.dirty_changed.connect(lambda dirty: self._on_dirty_changed(page, dirty))
        self.tabs.show()
        self.tabs.setCurrentIndex(index)
        self._on_current_changed()

    def rename(self, page: Page) -> None:
        """Shows what a page's document is called by now."""
        self.tabs.rename(self._order.index(page), page.document.label)

    def bring_to_front(self, page: Page) -> None:
        """Shows a page that is open."""
        self.tabs.setCurrentIndex(self._order.index(page))

    def keep(self, page: Page) -> None:
        """Makes a previewed page an ordinary one."""
        self.tabs.keep(self._order.index(page))

    def remove(self, page: Page) -> None:
        """Closes the tab of `page`; its text is gone with it."""
        index = self._order.index(page)
        self._order.remove(page)
        self.tabs.removeTab(index)
        self._pages.removeWidget(page)
        page.deleteLater()
        self.tabs.setVisible(bool(self._order))
        self._on_current_changed()

    def _on_current_changed(self) -> None:
        self._pages.setCurrentWidget(self.current or self._empty)
        self.current_changed.emit()

    def _on_moved(self, old: int, new: int) -> None:
        self._order.insert(new, self._order.pop(old))

    def _on_keep_requested(self, index: int) -> None:
        if index >= 0:
            self.tabs.keep(index)

    def _on_dirty_changed(self, page: Page, dirty: bool) -> None:
        if page not in self._order:
            return
        index = self._order.index(page)
        self.tabs.set_dirty(index, dirty)
        if dirty:
            self.tabs.keep(index)
