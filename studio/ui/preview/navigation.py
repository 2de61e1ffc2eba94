"""Navigation: the address of the page and the ways from it, within its own app or out to the person's own browser."""

from __future__ import annotations

from PySide6.QtCore import QObject, QUrl

from studio.ui.preview.addresses import address_of, place_of
from studio.ui.preview.host import PageHost
from studio.ui.preview.notices import Notices
from studio.ui.preview.outside import ask_outside
from studio.ui.preview.view import PreviewView

_ELSEWHERE = "The preview shows nothing but its own app: type a path in it, such as /about."


class Navigation(QObject):
    """Joins the upper row of the bar to the page."""

    def __init__(self, view: PreviewView, host: PageHost, notices: Notices, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._view = view
        self._host = host
        host.moved.connect(self.refresh)
        host.loaded.connect(lambda _answered, _status: self.refresh())
        host.left.connect(
            lambda url: notices.say_leads_out(f"{url.scheme()}://{url.host()}", lambda: ask_outside(view, url))
        )
        view.bar.back.clicked.connect(host.back)
        view.bar.forward.clicked.connect(host.forward)
        view.bar.address_entered.connect(self._on_entered)
        view.bar.outside.clicked.connect(self._on_outside)

    def refresh(self) -> None:
        """Shows where the page is and whether there is a page before or behind it."""
        browser = self._host.browser
        if browser is None or not self._host.url:
            return
        history = browser.history()
        self._view.bar.show_address(address_of(self._host.url, self._host.place()))
        self._view.bar.show_history(back=history.canGoBack(), forward=history.canGoForward())

    def _on_entered(self, text: str) -> None:
        place = place_of(text, self._host.url)
        if place is None:
            self._view.say(_ELSEWHERE)
        elif self._host.url:
            self._host.go(place)

    def _on_outside(self) -> None:
        ask_outside(self._view, QUrl(address_of(self._host.url, self._host.place())))
