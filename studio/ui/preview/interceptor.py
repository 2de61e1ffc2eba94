"""The interceptor: the wall that every request of a previewed page has to pass."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtWebEngineCore import QWebEngineUrlRequestInfo, QWebEngineUrlRequestInterceptor

from studio.ui.preview.origin import Origin


class Interceptor(QWebEngineUrlRequestInterceptor):
    """Lets requests to the origin through and stops every other one.

    Signals: `blocked(str)` the address, once for each.
    """

    blocked = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.origin: Origin | None = None
        self._told: set[str] = set()

    def interceptRequest(self, info: QWebEngineUrlRequestInfo) -> None:
        """Called by the engine before every request, redirected ones too."""
        url = info.requestUrl()
        if self.origin is not None and self.origin.may_load(url):
            return
        info.block(True)
        shown = url.toString()[:200]
        if shown not in self._told and len(self._told) < 100:
            self._told.add(shown)
            self.blocked.emit(shown)
