"""Pacing: the person's choice of a slower network for the page, shown while it is on."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from studio.ui.preview.host import PageHost
from studio.ui.preview.pace import FULL, Pace
from studio.ui.preview.view import PreviewView
from studio.ui.preview.words import Words

IS_OFFLINE = Words(
    "The preview is offline",
    "You cut its network, so this page cannot be loaded. The app itself runs on.",
    "Go online",
)


class Pacing(QObject):
    """Joins the choice in the bar to the host of the page.

    Signals: `page_missed()` the network is there again, and a page that was wanted while it was cut is not.
    """

    page_missed = Signal()

    def __init__(self, view: PreviewView, host: PageHost, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._view = view
        self._host = host
        view.bar.pace_chosen.connect(self.set_pace)

    @property
    def is_offline(self) -> bool:
        """Whether the person cut the network of the page."""
        return self._host.pace.offline

    def set_pace(self, pace: Pace) -> None:
        """Makes the network so slow, and shows that it is."""
        was_offline = self.is_offline
        self._host.set_pace(pace)
        self._view.bar.show_pace(pace)
        # A page that is shown is left as it is: somebody may have typed in it.
        if was_offline and not pace.offline and not self._view.shows_page():
            self.page_missed.emit()

    def end(self) -> None:
        """Lets everything through again: what was chosen is about one run's page."""
        if self._host.pace is not FULL:
            self.set_pace(FULL)
