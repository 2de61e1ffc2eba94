"""What the window remembers between two starts."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings

from studio.domain.ids import ProjectId, RunId


class WindowState:
    """Kept in one file of the data folder; a file that is missing or spoilt means nothing is remembered."""

    def __init__(self, folder: Path) -> None:
        self.unsaved = folder / "unsaved"
        """The folder for texts of the editor that are in no file yet."""
        self.unsent = folder / "unsent"
        """The folder for images that are attached to messages which were not sent yet."""
        self._settings = QSettings(str(folder / "window.ini"), QSettings.Format.IniFormat)

    @property
    def last_project(self) -> str:
        """The id of the project that was open last; empty when there was none."""
        return self._text("last_project")

    @last_project.setter
    def last_project(self, project: str) -> None:
        self._settings.setValue("last_project", project)

    @property
    def theme(self) -> str:
        """The theme that was chosen in the window; empty when none was."""
        return self._text("theme")

    @theme.setter
    def theme(self, wanted: str) -> None:
        self._settings.setValue("theme", wanted)

    @property
    def geometry(self) -> QByteArray | None:
        """Size and place of the window."""
        return self._bytes("geometry")

    @geometry.setter
    def geometry(self, geometry: QByteArray) -> None:
        self._settings.setValue("geometry", geometry)

    def layout(self, project: ProjectId) -> QByteArray | None:
        """The layout of the panels that was kept for a project."""
        return self._bytes(f"layout/{project}")

    def keep_layout(self, project: ProjectId, layout: QByteArray) -> None:
        """Keeps a project's layout."""
        self._settings.setValue(f"layout/{project}", layout)

    def last_chat(self, project: ProjectId) -> RunId | None:
        """The run whose chat was in front last in a project; None for a new chat."""
        return RunId(kept) if (kept := self._text(f"last_chat/{project}")) else None

    def keep_last_chat(self, project: ProjectId, run: RunId | None) -> None:
        """Keeps which run that is."""
        self._settings.setValue(f"last_chat/{project}", run or "")

    def draft(self, chat: str) -> str:
        """What was typed into a chat and not sent; empty when there is nothing."""
        return self._text(f"draft/{chat}")

    def keep_draft(self, chat: str, text: str) -> None:
        """Keeps such a text, or forgets it when it is empty."""
        if text:
            self._settings.setValue(f"draft/{chat}", text)
        else:
            self._settings.remove(f"draft/{chat}")

    def save(self) -> None:
        """Writes everything down now."""
        self._settings.sync()

    def _text(self, key: str) -> str:
        value = self._settings.value(key, "")
        return value if isinstance(value, str) else ""

    def _bytes(self, key: str) -> QByteArray | None:
        value = self._settings.value(key)
        return value if isinstance(value, QByteArray) else None
