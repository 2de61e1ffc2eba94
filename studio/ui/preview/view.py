"""The preview's widgets: the bar, a line that has something to say, and the page or a state in its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from studio.domain.previews import Launch
from studio.ui.preview.bar import PreviewBar
from studio.ui.preview.sizes import Stage
from studio.ui.preview.state_page import StatePage
from studio.ui.preview.words import Words
from studio.ui.theme import Theme
from studio.ui.widgets.buttons import IconButton, button
from studio.ui.widgets.labels import label
from studio.ui.widgets.names import shown

if TYPE_CHECKING:
    from studio.ui.preview.browser import Browser


class PreviewView(QWidget):
    """Bar above; page, or what is wrong and what to do, below.

    Signals: `action_requested()` from the state's button; `start_requested(str)` a command from the state's line;
    `notice_requested()` from the button of the line above the page; `shown()` the panel came into view. The bar has
    signals of its own.
    """

    action_requested = Signal()
    start_requested = Signal(str)
    notice_requested = Signal()
    shown = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panelSurface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._theme = theme
        self.bar = PreviewBar(theme, self)
        self.notice = QFrame(self)
        self.notice.setObjectName("previewNotice")
        self.message = label(name="previewMessage", wrap=True)
        self.notice_action = button("", self.notice_requested.emit, "flat")
        self._close = IconButton(theme, "close", "Close this message")
        self._close.clicked.connect(lambda: self.say(""))
        self.page_state = StatePage(theme, self)
        self.state = self.page_state.state
        self.stage = Stage(self)
        self.stage.setObjectName("previewStage")
        self.stage.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._body = QStackedWidget(self)
        self._body.addWidget(self.page_state)
        self._body.addWidget(self.stage)
        self._page: Browser | None = None
        self._lay_out()
        self.page_state.action_requested.connect(self.action_requested)
        self.page_state.start_requested.connect(self.start_requested)
        self.bar.device_chosen.connect(self.stage.set_device)
        self.bar.zoom_chosen.connect(self.stage.set_zoom)
        theme.changed.connect(self._paint)
        self._paint()

    def showEvent(self, event: QShowEvent) -> None:
        """Tells that the panel came into view."""
        super().showEvent(event)
        self.shown.emit()

    def show_state(self, words: Words, *, commands: bool = False) -> None:
        """Says what is wrong in place of the page; with `commands`, what starts the app can be chosen below."""
        self.page_state.say(words)
        self.page_state.offer_commands(offered=commands)
        self._body.setCurrentWidget(self.page_state)

    def offers_commands(self) -> bool:
        """Whether a command can be chosen now."""
        return self._body.currentWidget() is self.page_state and self.page_state.offers_commands()

    def show_launches(self, launches: tuple[Launch, ...], command: str = "") -> None:
        """Offers these ways to start the app."""
        self.page_state.show_launches(launches, command)

    def show_page(self, page: Browser) -> None:
        """Shows the page."""
        if self._page is not page:
            self.stage.take(page)
            self._page = page
        self._body.setCurrentWidget(self.stage)

    def drop_page(self) -> None:
        """Forgets the page, which its owner then frees."""
        self.stage.drop()
        self._page = None

    def shows_page(self) -> bool:
        """Whether the page is what is seen."""
        return self._page is not None and self._body.currentWidget() is self.stage

    def page_is_seen(self) -> bool:
        """Whether anybody can see the page now."""
        return self.isVisible() and not self.window().isMinimized() and self.shows_page()

    def say(self, message: str, action: str = "") -> None:
        """Shows a line above the page, with a button when there is something to do; an empty one hides it."""
        self.message.setText(shown(message))
        self.notice_action.setText(action)
        self.notice_action.setAccessibleName(action)
        self.notice_action.setVisible(bool(action))
        self.notice.setVisible(bool(message))

    def _lay_out(self) -> None:
        row = QHBoxLayout(self.notice)
        row.setContentsMargins(12, 2, 8, 2)
        row.addWidget(self.message, 1)
        row.addWidget(self.notice_action)
        row.addWidget(self._close)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.bar)
        column.addWidget(self.notice)
        column.addWidget(self._body, 1)
        self.say("")

    def _paint(self) -> None:
        warn, raised = self._theme.color("warn").name(), self._theme.color("raised").name()
        self.stage.setStyleSheet(f"#previewStage {{ background: {raised}; }}")
        self.notice.setStyleSheet(f"#previewNotice {{ background: {raised}; border-left: 3px solid {warn}; }}")
