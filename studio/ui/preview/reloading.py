"""Reloading: a page is loaded again when the files under it have changed and it does not see that by itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QTimer

from studio.ui.preview.bar import PreviewBar
from studio.ui.preview.notices import Notices
from studio.ui.preview.standing import Standing

_LATE_MILLISECONDS = 2000
"""After so long a server that watches its files has mostly taken up what changed, and told its page."""


class Reload(Protocol):
    """Loads the page again; it may stay where it `asks`."""

    def __call__(self, *, asks: bool = False) -> None:
        """Does so."""
        ...


class Reloading:
    """Follows the choice in the bar.

    `reload` loads the page again, `restart` starts its server again.
    """

    def __init__(
        self,
        bar: PreviewBar,
        standing: Standing,
        notices: Notices,
        reload: Reload,
        restart: Callable[[], None],
    ) -> None:
        self._standing = standing
        self._notices = notices
        self._reload, self._restart = reload, restart
        self._wanted = True
        self._late = QTimer(bar)
        self._late.setSingleShot(True)
        self._late.setInterval(_LATE_MILLISECONDS)
        self._late.timeout.connect(self._meet_late)
        bar.reloading_chosen.connect(self._on_chosen)

    def meet_snapshot(self) -> None:
        """The files changed under a page that is seen: it is loaded again, unless somebody types in it."""
        state = self._standing.state
        if not self._wanted:
            return
        if state.reloads:
            # Its server exchanges what changed, which a page whose script failed is not always able to take.
            if self._notices.script_failed:
                self._late.start()
            return
        # A server that does not watch its files shows the old ones until it is started again.
        if state.watches or not state.process:
            self._reload_unless_typing()
        else:
            self._notices.reload_unless_typing(self._restart, self._restart)
        if state.late:
            self._late.start()

    def _meet_late(self) -> None:
        state = self._standing.state
        if self._wanted and (state.late or (state.reloads and self._notices.script_failed)):
            self._reload_unless_typing()

    def _reload_unless_typing(self) -> None:
        self._notices.reload_unless_typing(lambda: self._reload(asks=True), self._reload)

    def _on_chosen(self, wanted: bool) -> None:
        self._wanted = wanted
