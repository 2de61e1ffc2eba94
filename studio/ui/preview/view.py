"""The preview's widgets: the address line, the page or a state in its place."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from studio.ui.theme import Theme
from studio.ui.widgets.buttons import IconButton
from studio.ui.widgets.labels import label
from studio.ui.widgets.names import shown, tooltip
from studio.ui.widgets.states import EmptyState


class PreviewView(QWidget):
    """Branch, port, address and buttons above; page, or what is wrong and what to do, below.

    Signals: `reload_requested()`, `outside_requested()`, `action_requested()` from the state's button,
    `port_chosen(int)`.
    """

    reload_requested = Signal()
    outside_requested = Signal()
    action_requested = Signal()
    port_chosen = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panelSurface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._theme = theme
        self.branch, self.address, self.message = (
            label(name="previewBranch"),
            label(name="muted"),
            label(name="previewMessage"),
        )
        self.port = QComboBox(self)
        self.port.setAccessibleName("Port of the app inside the container")
        self.reload = IconButton(theme, "refresh", "Reload the preview")
        self.outside = IconButton(theme, "link-external", "Open in your own browser")
        self.state = EmptyState("")
        for words in (self.address, self.state.text):  # for whoever carries the address elsewhere
            words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._body = QStackedWidget(self)
        self._body.addWidget(self.state)
        self._page: QWidget | None = None
        self._lay_out()
        self._connect()
        theme.changed.connect(self._paint)
        self._paint()

    def show_state(self, title: str, sentence: str = "", action: str = "") -> None:
        """Says what is wrong in place of the page, with one button when there is something to do."""
        self.state.say(title, sentence, action)
        self._body.setCurrentWidget(self.state)

    def show_page(self, page: QWidget) -> None:
        """Shows the page."""
        if self._page is not page:
            self._body.addWidget(page)
            self._page = page
        self._body.setCurrentWidget(page)

    def drop_page(self) -> None:
        """Forgets the page, which its owner then frees."""
        if self._page is not None:
            self._body.removeWidget(self._page)
            self._page = None

    def shows_page(self) -> bool:
        """Whether the page is what is seen."""
        return self._page is not None and self._body.currentWidget() is self._page

    def show_branch(self, branch: str) -> None:
        """Names the branch whose app is shown."""
        # The run's id tells it apart; the whole name would leave no room for the address.
        self.branch.setText(shown(branch.rpartition("/")[2].partition("-")[0]))
        self.branch.setToolTip(tooltip(branch))
        self.branch.setVisible(bool(branch))

    def show_address(self, address: str, *, can_reload: bool = True) -> None:
        """Shows where the app is, and lets its page be reloaded, if there is one, or opened outside."""
        self.address.setText(shown(address))
        self.address.setToolTip(tooltip(address))
        self.reload.setEnabled(bool(address) and can_reload)
        self.outside.setEnabled(bool(address))

    def show_ports(self, ports: tuple[int, ...], chosen: int) -> None:
        """Offers these ports; a single one needs no choosing."""
        self.port.blockSignals(True)
        self.port.clear()
        for port in ports:
            self.port.addItem(str(port), port)
        self.port.setCurrentIndex(max(0, self.port.findData(chosen)))
        self.port.blockSignals(False)
        self.port.setVisible(len(ports) > 1)

    def say(self, message: str) -> None:
        """Shows a line above the page; an empty one hides it."""
        self.message.setText(shown(message))
        self.message.setVisible(bool(message))

    def _lay_out(self) -> None:
        self.address.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.message.setWordWrap(True)
        head = QHBoxLayout()
        head.setContentsMargins(8, 4, 8, 4)
        head.setSpacing(8)
        for widget in (self.branch, self.port):
            head.addWidget(widget)
        head.addWidget(self.address, 1)
        head.addWidget(self.reload)
        head.addWidget(self.outside)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self.message)
        column.addWidget(self._body, 1)
        self.show_branch("")
        self.show_address("")
        self.show_ports((), 0)
        self.say("")

    def _connect(self) -> None:
        self.reload.clicked.connect(self.reload_requested)
        self.outside.clicked.connect(self.outside_requested)
        self.state.action_requested.connect(self.action_requested)
        self.port.activated.connect(lambda _index: self.port_chosen.emit(self.port.currentData()))

    def _paint(self) -> None:
        accent, band = self._theme.color("accent").name(), self._theme.color("accent_surface").name()
        warn, raised = self._theme.color("warn").name(), self._theme.color("raised").name()
        self.branch.setStyleSheet(f"color: {accent}; background: {band}; border-radius: 4px; padding: 2px 6px;")
        self.message.setStyleSheet(f"background: {raised}; border-left: 3px solid {warn}; padding: 4px 12px;")
