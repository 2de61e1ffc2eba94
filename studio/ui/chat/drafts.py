"""Drafts: what was typed and not sent yet, kept until it is."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer

from studio.domain.ids import ProjectId, RunId
from studio.ui.bridge import Bridge
from studio.ui.chat.unsent_images import UnsentImages
from studio.ui.window_state import WindowState

PAUSE_MILLISECONDS = 400
LATEST_MILLISECONDS = 1500
"""Drafts are written when typing pauses, but never later than this: a kill takes at most two seconds of it."""


class Drafts(QObject):
    """One draft for each run, and one for the new chat of each project (`run` is None).

    `images` are what is attached to them, by `key`.
    """

    def __init__(self, parent: QObject | None = None, bridge: Bridge | None = None) -> None:
        super().__init__(parent)
        self.images = UnsentImages(bridge, self)
        self._state: WindowState | None = None
        self._texts: dict[str, str] = {}
        self._unsaved: set[str] = set()
        self._pause, self._latest = QTimer(self), QTimer(self)
        for timer, milliseconds in ((self._pause, PAUSE_MILLISECONDS), (self._latest, LATEST_MILLISECONDS)):
            timer.setSingleShot(True)
            timer.setInterval(milliseconds)
            timer.timeout.connect(self.save)

    def use(self, state: WindowState) -> None:
        """Keeps drafts in `state` from now on, so that the next window has them too."""
        self._state = state
        self.images.use(state.unsent)

    @staticmethod
    def key(project: ProjectId, run: RunId | None) -> str:
        """What a draft is kept under."""
        return run if run is not None else f"new-{project}"

    def get(self, project: ProjectId, run: RunId | None) -> str:
        """The draft, empty when there is none."""
        key = self.key(project, run)
        if key not in self._texts and self._state is not None:
            self._texts[key] = self._state.draft(key)
        return self._texts.get(key, "")

    def put(self, project: ProjectId, run: RunId | None, text: str) -> None:
        """Takes the place of the draft before; an empty text means that there is none any more."""
        if text == self.get(project, run):
            return
        self._texts[self.key(project, run)] = text
        self._unsaved.add(self.key(project, run))
        self._pause.start()
        if not self._latest.isActive():
            self._latest.start()

    def save(self) -> None:
        """Writes down now what changed."""
        self._pause.stop()
        self._latest.stop()
        if self._state is None or not self._unsaved:
            return
        for key in self._unsaved:
            self._state.keep_draft(key, self._texts[key])
        self._unsaved.clear()
        self._state.save()
