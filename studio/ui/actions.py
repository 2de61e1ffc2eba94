"""Actions: the one table of what a person can make the window do."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget


@dataclass(frozen=True, slots=True)
class Action:
    """One row: `panel` names the panel that the act belongs to, empty for the window itself."""

    id: str
    text: str
    shortcut: str = ""
    icon: str = ""
    panel: str = ""


ACTIONS: tuple[Action, ...] = (
    Action("palette", "Show all actions", "Ctrl+Shift+P", "list-selection"),
    Action("quick_open", "Go to file", "Ctrl+P", "go-to-file"),
    Action("show_home", "Show projects", "Ctrl+Shift+H", "home", "home"),
    Action("open_folder", "Open a repository", "Ctrl+O", "folder-opened", "home"),
    Action("new_project", "New project", "Ctrl+Shift+N", "new-folder", "home"),
    Action("show_explorer", "Show explorer", "Ctrl+Shift+E", "files", "explorer"),
    Action("show_review", "Show review", "Ctrl+Shift+G", "source-control", "review"),
    Action("show_inbox", "Show inbox", "Ctrl+Shift+I", "inbox", "inbox"),
    Action("show_chat", "Show agents", "Ctrl+Shift+A", "comment-discussion", "chat"),
    Action("new_chat", "New chat with an agent", "Ctrl+Alt+N", "add", "chat"),
    Action("stop_run", "Stop the agent", "Ctrl+.", "debug-stop"),
    Action("show_usage", "Show usage: tokens and cost", "Ctrl+Alt+U", "graph", "usage"),
    Action("show_preview", "Show preview", "Ctrl+Alt+V", "play", "preview"),
    Action("network_full", "Network of the preview: no throttle", "", "dashboard", "preview"),
    Action("network_fast_3g", "Network of the preview: fast 3G", "", "dashboard", "preview"),
    Action("network_slow_3g", "Network of the preview: slow 3G", "", "dashboard", "preview"),
    Action("network_offline", "Network of the preview: offline", "", "dashboard", "preview"),
    Action("show_terminal", "Show terminal", "Ctrl+`", "terminal", "terminal"),
    Action("new_terminal", "New terminal", "Ctrl+Shift+`", "add", "terminal"),
    Action("show_console", "Show the app's console", "Ctrl+Alt+J", "output", "console"),
    Action("show_logs", "Show the logs of services and processes", "Ctrl+Alt+L", "list-flat", "logs"),
    Action("show_activity", "Show activity", "Ctrl+Shift+U", "history", "activity"),
    Action("new_file", "New file", "Ctrl+N", "new-file", "explorer"),
    Action("refresh_explorer", "Read the files again", "", "refresh", "explorer"),
    Action("save", "Save", "Ctrl+S", "save", "editor"),
    Action("save_all", "Save all", "Ctrl+Alt+S", "save-all", "editor"),
    Action("close_editor", "Close the file", "Ctrl+W", "close", "editor"),
    Action("find", "Find in the file or chat", "Ctrl+F", "search", "editor"),
    Action("find_next", "Find next", "F3", "arrow-down", "editor"),
    Action("go_to_line", "Go to line", "Ctrl+G", "symbol-numeric", "editor"),
    Action("show_settings", "Settings", "Ctrl+,", "settings-gear"),
    Action("show_rules", "Rules: what agents may do", "", "law"),
    Action("theme_dark", "Theme: dark", "", "color-mode"),
    Action("theme_light", "Theme: light", "", "color-mode"),
    Action("theme_system", "Theme: as the system", "", "color-mode"),
    Action("reset_layout", "Put every panel back in its place", "", "layout"),
    Action("quit", "Quit", "Ctrl+Q", "sign-out"),
)
"""Every action, in the order the palette lists them when nothing is typed."""


class Actions(QObject):
    """The table as Qt actions of one window: their shortcuts work wherever the focus is in it.

    Signals: `triggered(str)` with the id.
    """

    triggered = Signal(str)

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._made: dict[str, QAction] = {}
        for row in ACTIONS:
            made = QAction(row.text, self)
            made.setShortcut(QKeySequence(row.shortcut))
            made.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
            made.triggered.connect(lambda _checked=False, id=row.id: self.triggered.emit(id))
            window.addAction(made)
            self._made[row.id] = made

    def action(self, id: str) -> QAction:
        """The Qt action of this id; raises KeyError for one that is not in the table."""
        return self._made[id]

    def set_enabled(self, id: str, enabled: bool) -> None:
        """Lets an action be used or not."""
        self._made[id].setEnabled(enabled)

    def set_panels_enabled(self, panels: frozenset[str], enabled: bool) -> None:
        """Lets all actions of these panels be used or not."""
        for row in ACTIONS:
            if row.panel in panels:
                self._made[row.id].setEnabled(enabled)

    def usable(self) -> tuple[Action, ...]:
        """The rows that can be used now."""
        return tuple(row for row in ACTIONS if self._made[row.id].isEnabled())


def tooltip(row: Action) -> str:
    """What a button of this action says when the pointer rests on it."""
    return f"{row.text} ({row.shortcut})" if row.shortcut else row.text


def row(id: str) -> Action:
    """The row of this id; raises KeyError."""
    return _BY_ID[id]


_BY_ID = {action.id: action for action in ACTIONS}
