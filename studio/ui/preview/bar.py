"""The bar above a page: where it is, where else to go, and what to do with it."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QMenu, QToolButton, QVBoxLayout, QWidget

from studio.ui.preview.pace import FULL, PACES, Pace
from studio.ui.preview.sizes import DEVICES, FREE, ZOOMS, Device
from studio.ui.theme import Theme
from studio.ui.widgets.buttons import IconButton
from studio.ui.widgets.labels import label
from studio.ui.widgets.names import shown, tooltip


class PreviewBar(QWidget):
    """Two rows: the address with its buttons; branch, port, screen and what takes something of the page to the chat.

    Signals: `address_entered(str)`; `port_chosen(int)`; `device_chosen(object)` a Device; `zoom_chosen(float)`;
    `pace_chosen(object)` a Pace; `restart_requested()` and `stop_requested()` of the app; `reloading_chosen(bool)`
    after each snapshot.
    The buttons are public.
    """

    address_entered = Signal(str)
    port_chosen = Signal(int)
    device_chosen = Signal(object)
    zoom_chosen = Signal(float)
    pace_chosen = Signal(object)
    restart_requested = Signal()
    stop_requested = Signal()
    reloading_chosen = Signal(bool)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._device = FREE
        self.branch = label(name="previewBranch")
        self.port = QComboBox(self)
        self.port.setAccessibleName("Port of the app inside the container")
        self.address = QLineEdit(self)
        self.address.setAccessibleName("Address of the page")
        self.address.setPlaceholderText("No page is shown")
        self.address.returnPressed.connect(self._on_entered)
        self.back = IconButton(theme, "arrow-left", "Go back")
        self.forward = IconButton(theme, "arrow-right", "Go forward")
        self.reload = IconButton(theme, "refresh", "Reload the preview")
        self.outside = IconButton(theme, "link-external", "Open in your own browser")
        self.screens = self._menu_button("device-mobile", "Screen size and zoom")
        self.network = self._menu_button("dashboard", "Network of the page")
        self.pick = IconButton(theme, "inspect", "Pick an element for the chat")
        self.pick.setCheckable(True)
        self.picture = IconButton(theme, "device-camera", "Put a picture of the page into the chat")
        self.more = self._menu_button("ellipsis", "More")
        self._fill_screens()
        self._fill_network()
        self._fill_more()
        self._lay_out()
        self.port.activated.connect(lambda _index: self.port_chosen.emit(self.port.currentData()))
        theme.changed.connect(self._paint)
        self._paint()

    def show_branch(self, branch: str) -> None:
        """Names the branch whose app is shown."""
        # The run's id tells it apart; the whole name would leave no room for the rest.
        self.branch.setText(shown(branch.rpartition("/")[2].partition("-")[0]))
        self.branch.setToolTip(tooltip(branch))
        self.branch.setVisible(bool(branch))

    def show_address(self, address: str, *, has_page: bool = True) -> None:
        """Shows where the app is, and lets its page be worked with, if there is one, or opened outside."""
        if not (self.address.hasFocus() and self.address.isModified()) or not address:
            self.address.setText(shown(address))
            self.address.setCursorPosition(0)
        self.address.setToolTip(tooltip(address))
        self.address.setReadOnly(not has_page)
        for button in (self.reload, self.screens, self.pick, self.picture):
            button.setEnabled(bool(address) and has_page)
        self.outside.setEnabled(bool(address))
        if not address or not has_page:
            self.show_history(back=False, forward=False)

    def show_history(self, *, back: bool, forward: bool) -> None:
        """Says whether there are pages to go back and forward to."""
        self.back.setEnabled(back)
        self.forward.setEnabled(forward)

    def show_ports(self, ports: tuple[int, ...], chosen: int) -> None:
        """Offers these ports; a single one needs no choosing."""
        self.port.blockSignals(True)
        self.port.clear()
        for port in ports:
            self.port.addItem(str(port), port)
        self.port.setCurrentIndex(max(0, self.port.findData(chosen)))
        self.port.blockSignals(False)
        self.port.setVisible(len(ports) > 1)

    def show_pace(self, pace: Pace) -> None:
        """Shows how the network is made slower, for as long as it is."""
        self._paces[pace.name].setChecked(True)
        slowed = pace is not FULL
        self.network.setText(pace.name if slowed else "")
        look = Qt.ToolButtonStyle.ToolButtonTextBesideIcon if slowed else Qt.ToolButtonStyle.ToolButtonIconOnly
        self.network.setToolButtonStyle(look)
        self.network.setToolTip(f"Network of the page: {pace.title}" if slowed else "Network of the page")
        self.network.setAccessibleName(self.network.toolTip())

    def show_process(self, *, started: bool) -> None:
        """Lets the app be started again and stopped, when it was started for the preview."""
        self._restart.setEnabled(started)
        self._stop.setEnabled(started)

    def _on_entered(self) -> None:
        self.address.clearFocus()
        self.address_entered.emit(self.address.text().strip())

    def _menu_button(self, icon: str, name: str) -> IconButton:
        button = IconButton(self._theme, icon, name)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setStyleSheet("QToolButton::menu-indicator { image: none; }")
        button.setMenu(QMenu(button))
        return button

    def _fill_screens(self) -> None:
        menu = self.screens.menu()
        screens = QActionGroup(menu)
        for device in DEVICES:
            action = QAction(device.title, menu, checkable=True, checked=device is FREE)
            action.triggered.connect(partial(self._on_device, device))
            screens.addAction(action)
            menu.addAction(action)
        self._turned = QAction("On its side", menu, checkable=True)
        self._turned.triggered.connect(lambda _checked: self._on_device(self._device))
        menu.addSeparator()
        menu.addAction(self._turned)
        menu.addSeparator()
        zooms = QActionGroup(menu)
        for zoom in ZOOMS:
            action = QAction(f"Zoom {zoom:.0%}", menu, checkable=True, checked=zoom == 1.0)
            action.triggered.connect(partial(self._on_zoom, zoom))
            zooms.addAction(action)
            menu.addAction(action)

    def _fill_network(self) -> None:
        menu = self.network.menu()
        group = QActionGroup(menu)
        self._paces: dict[str, QAction] = {}
        for pace in PACES:
            action = QAction(pace.title, menu, checkable=True, checked=pace is FULL)
            action.triggered.connect(partial(self._on_pace, pace))
            group.addAction(action)
            menu.addAction(action)
            self._paces[pace.name] = action

    def _fill_more(self) -> None:
        menu = self.more.menu()
        self._restart = menu.addAction("Start the app again", self.restart_requested.emit)
        self._stop = menu.addAction("Stop the app", self.stop_requested.emit)
        menu.addSeparator()
        reloading = QAction("Reload after each snapshot", menu, checkable=True, checked=True)
        reloading.toggled.connect(self.reloading_chosen)
        menu.addAction(reloading)
        self.show_process(started=False)

    def _on_device(self, device: Device, _checked: bool = False) -> None:
        self._device = device
        self.device_chosen.emit(device.turned() if self._turned.isChecked() else device)

    def _on_zoom(self, zoom: float, _checked: bool = False) -> None:
        self.zoom_chosen.emit(zoom)

    def _on_pace(self, pace: Pace, _checked: bool = False) -> None:
        self.pace_chosen.emit(pace)

    def _lay_out(self) -> None:
        first, second = QHBoxLayout(), QHBoxLayout()
        for row in (first, second):
            row.setSpacing(4)
        for widget in (self.back, self.forward, self.reload):
            first.addWidget(widget)
        first.addWidget(self.address, 1)
        first.addWidget(self.outside)
        second.addWidget(self.branch)
        second.addWidget(self.port)
        second.addStretch()
        for widget in (self.network, self.screens, self.pick, self.picture, self.more):
            second.addWidget(widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 4, 8, 4)
        column.setSpacing(2)
        column.addLayout(first)
        column.addLayout(second)
        self.address.setAlignment(Qt.AlignmentFlag.AlignLeft)
        self.show_branch("")
        self.show_address("")
        self.show_ports((), 0)

    def _paint(self) -> None:
        accent, band = self._theme.color("accent").name(), self._theme.color("accent_surface").name()
        self.branch.setStyleSheet(f"color: {accent}; background: {band}; border-radius: 4px; padding: 2px 6px;")
        warn = self._theme.color("warn").name()
        self.network.setStyleSheet(f"QToolButton {{ color: {warn}; }} QToolButton::menu-indicator {{ image: none; }}")
