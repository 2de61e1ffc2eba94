"""The application: opens the window, starts the core behind it, and ends both."""

from __future__ import annotations

import importlib
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QSocketNotifier, Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication, QWidget

from studio.base.display import has_display
from studio.base.paths import Paths
from studio.base.setting import SettingsError
from studio.base.settings import Settings
from studio.ui.bridge import Bridge
from studio.ui.exception_hook import ExceptionHook
from studio.ui.main_window import MainWindow
from studio.ui.theme import Theme
from studio.ui.window_state import WindowState

if TYPE_CHECKING:
    from studio.app.studio import Studio

Build = Callable[[], Awaitable["Studio"]]

_USAGE = 2
_NO_DISPLAY = "There is no display for the window. Set DISPLAY, or use the command line: studio --help"
_CORE = "studio.app.bootstrap"


def run_window(environment: Mapping[str, str], path: str | None, build: Build | None = None) -> int:
    """Shows the window until it is closed, on the project `path` if one is named; returns the exit code.

    `build` makes the core, by default that of the data folder which `environment` names.
    """
    if not has_display(environment):
        print(_NO_DISPLAY, file=sys.stderr)
        return _USAGE
    application = _application()
    paths = Paths.from_environment(environment)
    state = WindowState(paths.window)
    theme = _theme(paths, environment, state)
    theme.dress(application)
    bridge = Bridge(build or _core(environment))
    window = MainWindow(bridge, theme, state)
    hook = ExceptionHook(window)
    hook.fault_met.connect(window.show_error)
    hook.install()
    quit_signals = QuitSignals(application)
    # Not quit(), which asks the window whether it may close: nobody may be there to answer.
    quit_signals.arrived.connect(application.exit)
    first_paint = FirstPaint(window)
    first_paint.happened.connect(window.furnish)
    # One after the other: what two threads load at the same time now and then gives one of them half a module, and
    # together they would be no sooner done.
    window.furnished.connect(bridge.start)
    window.furnished.connect(lambda: window.open_first(path))
    window.show()
    try:
        application.exec()
    finally:
        window.put_down()
        quit_signals.close()
        hook.remove()
        ended = bridge.stop()
    return 0 if ended else 1


class FirstPaint(QObject):
    """Notices when a widget has been painted for the first time.

    Signals: `happened()`, once, in the turn of the loop after it.
    """

    happened = Signal()

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self._widget = widget
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Waits for the first paint event."""
        if event.type() is QEvent.Type.Paint:
            self._widget.removeEventFilter(self)
            QTimer.singleShot(0, self, self.happened.emit)
        return super().eventFilter(watched, event)


class QuitSignals(QObject):
    """Turns SIGINT and SIGTERM into a Qt signal, since Python itself sleeps while Qt's loop waits.

    A second one ends the process at once, whatever it is busy with.

    Signals: `arrived()`.
    """

    arrived = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._reader, self._writer = socket.socketpair()
        for end in (self._reader, self._writer):
            end.setblocking(False)
        self._former_descriptor = signal.set_wakeup_fd(self._writer.fileno(), warn_on_full_buffer=False)
        self._former = {number: signal.signal(number, _let_the_next_end) for number in (signal.SIGINT, signal.SIGTERM)}
        self._notifier = QSocketNotifier(self._reader.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._on_readable, Qt.ConnectionType.DirectConnection)

    def close(self) -> None:
        """Gives the signals back."""
        self._notifier.setEnabled(False)
        signal.set_wakeup_fd(self._former_descriptor)
        for number, handler in self._former.items():
            signal.signal(number, handler)
        self._reader.close()
        self._writer.close()

    def _on_readable(self) -> None:
        numbers = self._reader.recv(64)
        if signal.SIGINT in numbers or signal.SIGTERM in numbers:
            self.arrived.emit()


def _let_the_next_end(number: int, _frame: object) -> None:
    signal.signal(number, signal.SIG_DFL)


def _application() -> QApplication:
    application = QApplication.instance()
    if not isinstance(application, QApplication):
        # The web engine of the preview, which is loaded late, needs this said before there is an application.
        QApplication.setAttribute(Qt.ApplicationAttribute.AA_ShareOpenGLContexts)
        application = QApplication(sys.argv[:1])
    application.setApplicationName("Studio")
    application.setDesktopFileName("studio")
    return application


def _theme(paths: Paths, environment: Mapping[str, str], state: WindowState) -> Theme:
    try:
        settings = Settings.load(paths.settings, environment)
    except SettingsError:
        # The core reads the same file next and says what is wrong with it.
        settings = Settings()
    theme = Theme(state.theme or settings.theme)
    theme.set_code_font(settings.editor_font, settings.editor_font_size)
    return theme


def _core(environment: Mapping[str, str]) -> Build:
    async def build() -> Studio:
        # Loaded here, on the engine's thread, because it takes longer than the window's first paint.
        bootstrap = importlib.import_module(_CORE)
        studio: Studio = await bootstrap.open_studio(environment, bootstrap.Access.ENGINE)
        return studio

    return build
