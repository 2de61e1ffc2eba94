"""Acts: what each action of the table does."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject

from studio.domain.ids import RunId
from studio.ui.actions import Actions
from studio.ui.bridge import Bridge
from studio.ui.frame import Frame
from studio.ui.panels import Panels
from studio.ui.preview.pace import FAST_3G, FULL, OFFLINE, SLOW_3G
from studio.ui.settings_joins import SettingsDesk
from studio.ui.theme import Theme
from studio.ui.window_state import WindowState


class Acts(QObject):
    """Carries out actions on the panels of one window; `close` ends it, `current_run` names the run in front."""

    def __init__(
        self,
        panels: Panels,
        frame: Frame,
        bridge: Bridge,
        theme: Theme,
        state: WindowState,
        close: Callable[[], object],
        current_run: Callable[[], RunId | None],
        settings: SettingsDesk,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._panels = panels
        self._frame = frame
        self._bridge = bridge
        self._theme = theme
        self._state = state
        self._current_run = current_run
        self._table: dict[str, Callable[[], object]] = {
            "palette": panels.palette.open_actions,
            "quick_open": panels.palette.open_files,
            "open_folder": panels.home.ask_for_folder,
            "new_project": panels.home.ask_for_new,
            "show_explorer": self._show_explorer,
            "show_preview": self._show_preview,
            "network_full": lambda: panels.preview.pacing.set_pace(FULL),
            "network_fast_3g": lambda: panels.preview.pacing.set_pace(FAST_3G),
            "network_slow_3g": lambda: panels.preview.pacing.set_pace(SLOW_3G),
            "network_offline": lambda: panels.preview.pacing.set_pace(OFFLINE),
            "new_chat": self._new_chat,
            "stop_run": self._stop_run,
            "new_terminal": self._new_terminal,
            "new_file": self._new_file,
            "refresh_explorer": panels.explorer.refresh,
            "save": panels.editor.save,
            "save_all": panels.editor.save_all,
            "close_editor": panels.editor.close_current,
            "find": self._find,
            "find_next": panels.editor.find_next,
            "go_to_line": panels.editor.go_to_line,
            "show_settings": settings.open_settings,
            "show_rules": settings.open_rules,
            "theme_dark": lambda: self._choose_theme("dark"),
            "theme_light": lambda: self._choose_theme("light"),
            "theme_system": lambda: self._choose_theme("system"),
            "reset_layout": lambda: frame.docks.restore(None),
            "quit": close,
        }

    def listen(self, actions: Actions) -> None:
        """Carries out whatever is triggered from now on."""
        actions.triggered.connect(self.do)

    def do(self, id: str) -> None:
        """Carries out one action; one named `show_<panel>` without an act of its own brings that panel into view."""
        act = self._table.get(id)
        if act is not None:
            act()
        else:
            self._frame.show_panel(id.removeprefix("show_"))

    def _find(self) -> None:
        if not self._panels.chat.find():
            self._panels.editor.find()

    def _show_explorer(self) -> None:
        self._frame.show_panel("explorer")
        self._frame.show_panel("editor")

    def _show_preview(self) -> None:
        self._frame.show_panel("preview")
        self._panels.preview.open()

    def _new_chat(self) -> None:
        self._frame.show_panel("chat")
        self._panels.chat.new_chat()

    def _new_terminal(self) -> None:
        self._frame.show_panel("terminal")
        self._panels.terminal.open_terminal()

    def _new_file(self) -> None:
        self._show_explorer()
        self._panels.explorer.new_file()

    def _stop_run(self) -> None:
        run = self._current_run()
        if run is not None:
            self._bridge.call(lambda studio: studio.chats.cancel(run))

    def _choose_theme(self, wanted: str) -> None:
        self._theme.set(wanted)
        self._state.theme = wanted
