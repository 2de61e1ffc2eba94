"""Answering: what the agent of a run asks of the page that the window shows."""

from __future__ import annotations

from studio.domain.events import PAGE, SCREENSHOT, Delta
from studio.ui.bridge import Bridge
from studio.ui.preview.host import Key, PageHost
from studio.ui.preview.page_acts import PageActs
from studio.ui.preview.screenshot import give_screenshot


class Answering:
    """Answers requests of the run whose page is shown, and those alone; the others' time runs out."""

    def __init__(self, bridge: Bridge, host: PageHost) -> None:
        self._bridge = bridge
        self._host = host
        self._acts = PageActs(bridge, host, host)

    def meet(self, request: Delta, key: Key) -> None:
        """Answers a request about the page that `key` names, when it is the one that is shown."""
        browser = self._host.browser
        if browser is None or not self._host.shows(key):
            return
        if request.kind == SCREENSHOT:
            give_screenshot(self._bridge, request, browser)
        elif request.kind == PAGE and browser.isVisible():
            self._acts.meet(request, browser)
