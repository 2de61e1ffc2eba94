"""Page acts: what an agent does in the page that the window shows, and what it is told of it."""

from __future__ import annotations

import json
from string import ascii_lowercase

from PySide6.QtCore import QObject, QTimer

from studio.base.resources import resource
from studio.domain.errors import StudioError
from studio.domain.events import Delta
from studio.domain.pages import PageAct, PageActKind, act_of
from studio.ui.bridge import Bridge
from studio.ui.preview.host import PageHost
from studio.ui.preview.scripts import World

_SETTLE_MILLISECONDS = 400
_MOST_MILLISECONDS = 8000


class PageActs(QObject):
    """Acts one after another; each is answered once the page has come to rest, or at the latest after some seconds."""

    def __init__(self, bridge: Bridge, host: PageHost, parent: QObject) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._host = host
        self._waiting: list[tuple[Delta, PageAct]] = []
        self._done = ""
        self._documents = 0
        self._settling = QTimer(self)
        self._settling.setSingleShot(True)
        self._settling.timeout.connect(self._look)
        host.started.connect(self._on_started)
        host.loaded.connect(self._on_loaded)

    def meet(self, request: Delta) -> None:
        """Takes a request about the page that is shown."""
        act = act_of(request.text)
        if act is None:
            return
        self._waiting.append((request, act))
        if len(self._waiting) == 1:
            self._begin()

    def _begin(self) -> None:
        act, self._done = self._waiting[0][1], ""
        match act.kind:
            case PageActKind.LOOK:
                self._look()
            case PageActKind.GO:
                # An answer comes also when the page does not, so that nobody behind waits for ever.
                self._settling.start(_MOST_MILLISECONDS)
                self._host.go(act.text)
            case PageActKind.CLICK:
                self._run(f"click({json.dumps(act.ref)})", self._on_acted)
            case PageActKind.TYPE:
                words = ", ".join(json.dumps(one) for one in (act.ref, act.text, act.enter))
                self._run(f"type({words})", self._on_acted)

    def _on_acted(self, answer: str) -> None:
        said = _object(answer)
        if "done" not in said:
            self._answer(answer)
            return
        self._done = str(said["done"])
        browser = self._host.browser
        is_loading = browser is not None and browser.page().isLoading()
        self._settling.start(_MOST_MILLISECONDS if is_loading else _SETTLE_MILLISECONDS)

    def _on_started(self) -> None:
        self._documents += 1

    def _on_loaded(self, _answered: bool, _status: int) -> None:
        if self._settling.isActive():
            self._settling.start(_SETTLE_MILLISECONDS)

    def _look(self) -> None:
        act = self._waiting[0][1]
        within = act.ref if act.kind is PageActKind.LOOK else ""
        self._run(f"look({json.dumps(within)})", lambda answer: self._answer(_with(answer, self._done)))

    def _run(self, call: str, answer: object) -> None:
        browser = self._host.browser
        if browser is None:
            self._answer("")
            return
        script = resource("preview", "page.js").read_text("utf-8")
        series = ascii_lowercase[self._documents % len(ascii_lowercase)]
        browser.run(f"{script.rstrip()}('{series}');\nglobalThis.studioPage.{call}", World.STUDIO, answer)  # type: ignore[arg-type]

    def _answer(self, words: str) -> None:
        request, _act = self._waiting.pop(0)
        run, call = request.run, request.call
        self._bridge.call(lambda studio: studio.previews.answer_page(run, call, words), failed=_unheard)
        if self._waiting:
            self._begin()


def _with(answer: str, done: str) -> str:
    said = _object(answer)
    return json.dumps({**said, "done": done}) if said else answer


def _object(answer: str) -> dict[str, object]:
    try:
        found = json.loads(answer)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _unheard(error: StudioError) -> None:
    """A page whose container has gone has nobody who waits for it."""
