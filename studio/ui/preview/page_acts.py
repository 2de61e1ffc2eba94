"""Page acts: what an agent does in the page that the window shows, and what it is told of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from string import ascii_lowercase
from time import monotonic, time
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QObject, QTimer

from studio.base.resources import resource
from studio.domain.errors import StudioError
from studio.domain.events import Delta
from studio.domain.pages import PageAct, PageActKind, act_of, object_of
from studio.ui.bridge import Bridge
from studio.ui.preview.host import PageHost
from studio.ui.preview.scripts import World
from studio.ui.preview.typed import ask_typed

if TYPE_CHECKING:
    from studio.ui.preview.browser import Browser

_Told = TypeVar("_Told")
_SETTLE_MILLISECONDS = 400
_LOAD_MILLISECONDS = 6000
_LEFT_MILLISECONDS = 1500
"""So long before a request does not count any more a page that has not come to rest is looked at all the same."""
_TYPED = (
    "the developer has typed something in the page that is shown, and it would be lost, or sent half done. "
    "Ask them, or say discard = true where it may be"
)
_UNSAVED = (
    "the page that is shown says that something in it is not saved, and was kept. "
    "Ask the developer, or say discard = true where it may be lost"
)
_NOT_REACHED = "the app has not answered there, and what stands in the preview now is not that page"
_STILL_LOADING = (
    "the app has not answered there yet. It is still being loaded, and comes in place of the page that is shown as "
    "soon as it answers: see with page_look in a while"
)
MOST_MILLISECONDS = 10_000
"""So long after it was asked nothing is done any more, nor answered: the agent has given up soon after."""


@dataclass(slots=True)
class _Asked:
    """A request, the page that it is about, and until when it counts, by the monotonic clock in seconds."""

    request: Delta
    act: PageAct
    browser: Browser
    until: float

    @property
    def milliseconds(self) -> int:
        """How long it still counts."""
        return max(0, int((self.until - monotonic()) * 1000))


class PageActs(QObject):
    """Acts one after another; each is answered once the page has come to rest, or is given up after some seconds.

    A request is about one page: what that did not do before another one was shown is not done at all.
    """

    def __init__(self, bridge: Bridge, host: PageHost, parent: QObject) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._host = host
        self._waiting: list[_Asked] = []
        self._done = self._kept = ""
        self._arrived = False
        self._documents = 0
        self._settling = QTimer(self)
        self._settling.setSingleShot(True)
        self._settling.timeout.connect(self._on_settled)
        self._given_up = QTimer(self)
        self._given_up.setSingleShot(True)
        self._given_up.timeout.connect(self._give_up)
        host.started.connect(self._on_started)
        host.loaded.connect(self._on_loaded)
        host.moved.connect(self._on_moved)
        host.kept.connect(self._on_kept)
        host.dropped.connect(self._drop)

    def meet(self, request: Delta, browser: Browser) -> None:
        """Takes a request about the page that `browser` shows."""
        act = act_of(request.text)
        if act is None:
            return
        self._waiting.append(_Asked(request, act, browser, monotonic() + MOST_MILLISECONDS / 1000))
        if len(self._waiting) == 1:
            self._begin()

    def _begin(self) -> None:
        asked, self._done, self._kept = self._waiting[0], "", ""
        self._given_up.start(asked.milliseconds)
        if asked.act.kind is PageActKind.LOOK:
            self._look(asked)
        elif asked.act.discard:
            self._act(asked, "")
        else:
            self._ask(asked, partial(ask_typed, asked.browser), self._on_typed)

    def _on_typed(self, asked: _Asked, is_typed: bool) -> None:
        self._act(asked, _TYPED if is_typed else "")

    def _act(self, asked: _Asked, kept: str) -> None:
        """Does what was asked; `kept`, if any, is why the page is to keep what it holds."""
        act = asked.act
        if act.discard:
            asked.browser.keeping.lead()
        elif not kept:
            asked.browser.keeping.end()
        elif act.kind is not PageActKind.GO:
            asked.browser.keeping.begin()
        if act.kind is PageActKind.CLICK:
            self._run(asked, f"click({_words(act.ref, kept)})", self._on_acted)
        elif act.kind is PageActKind.TYPE:
            self._run(asked, f"type({_words(act.ref, act.text, act.enter, kept)})", self._on_acted)
        elif kept:
            self._refuse(asked, kept)
        else:
            self._go(asked)

    def _go(self, asked: _Asked) -> None:
        if not self._is_shown(asked):
            self._answer(asked, "")
            return
        self._arrived = False
        self._settle(asked, _LOAD_MILLISECONDS)
        self._host.go(asked.act.text, asks=not asked.act.discard)

    def _on_acted(self, asked: _Asked, answer: str) -> None:
        said = object_of(answer)
        if "done" not in said:
            self._answer(asked, answer)
            return
        self._done = str(said["done"])
        is_loading = asked.browser.page().isLoading()
        self._settle(asked, _LOAD_MILLISECONDS if is_loading else _SETTLE_MILLISECONDS)

    def _settle(self, asked: _Asked, milliseconds: int) -> None:
        self._settling.start(min(milliseconds, max(0, asked.milliseconds - _LEFT_MILLISECONDS)))

    def _on_started(self) -> None:
        self._documents += 1
        if self._settling.isActive():
            self._arrived = False
            self._settle(self._waiting[0], _LOAD_MILLISECONDS)

    def _on_loaded(self, answered: bool, _status: int) -> None:
        if self._settling.isActive():
            # A navigation that was refused is told here as well, and leaves the page where it is.
            self._arrived = self._arrived or answered
            self._settle(self._waiting[0], _SETTLE_MILLISECONDS)

    def _on_moved(self) -> None:
        """A change of the fragment alone is no load: the page is there with it."""
        if not self._settling.isActive() or self._waiting[0].act.kind is not PageActKind.GO:
            return
        asked = self._waiting[0]
        if not asked.browser.page().isLoading() and self._host.is_at(asked.act.text):
            self._arrived = True
            self._settle(asked, _SETTLE_MILLISECONDS)

    def _on_kept(self, place: str) -> None:
        self._kept = place or "another page"
        if self._settling.isActive():
            self._settle(self._waiting[0], _SETTLE_MILLISECONDS)

    def _on_settled(self) -> None:
        if not self._waiting:
            return
        asked = self._waiting[0]
        if asked.act.kind is PageActKind.GO and self._kept:
            self._refuse(asked, _UNSAVED)
        elif asked.act.kind is PageActKind.GO and not self._arrived:
            self._refuse(asked, _STILL_LOADING if asked.browser.page().isLoading() else _NOT_REACHED)
        else:
            self._look(asked)

    def _refuse(self, asked: _Asked, why: str) -> None:
        self._answer(asked, json.dumps({"place": self._host.place(), "error": why}))

    def _look(self, asked: _Asked) -> None:
        within = asked.act.ref if asked.act.kind is PageActKind.LOOK else ""
        self._run(asked, f"look({_words(within)})", self._on_looked)

    def _on_looked(self, asked: _Asked, answer: str) -> None:
        self._answer(asked, _with(answer, self._done, self._kept))

    def _run(self, asked: _Asked, call: str, answer: Callable[[_Asked, str], None]) -> None:
        """Calls a function of the page's script."""
        script = resource("preview", "page.js").read_text("utf-8")
        series = _letters(self._documents)
        # A page that hangs runs this when it breathes again, and is not to do then what nobody waits for any more.
        late = f"Date.now() > {int(time() * 1000) + asked.milliseconds}"
        ready = f"{script.rstrip()}('{series}');\n"
        source = f"{ready}{late} ? '' : globalThis.studioPage.{call}"
        self._ask(asked, partial(asked.browser.run, source, World.STUDIO), answer)

    def _ask(
        self,
        asked: _Asked,
        ask: Callable[[Callable[[_Told], None]], None],
        answer: Callable[[_Asked, _Told], None],
    ) -> None:
        """Asks the page; what it tells counts while this is the request that is acted on."""
        if not self._is_shown(asked):
            self._answer(asked, "")
            return

        def met(told: _Told) -> None:
            if self._is_first(asked):
                if self._is_shown(asked):
                    answer(asked, told)
                else:
                    self._answer(asked, "")

        ask(met)

    def _is_first(self, asked: _Asked) -> bool:
        return bool(self._waiting) and self._waiting[0] is asked

    def _is_shown(self, asked: _Asked) -> bool:
        return self._host.browser is asked.browser and bool(self._host.url)

    def _give_up(self) -> None:
        if self._waiting:
            self._answer(self._waiting[0], "")

    def _drop(self) -> None:
        """Answers all that was asked about a page that goes."""
        for timer in (self._settling, self._given_up):
            timer.stop()
        waiting, self._waiting = self._waiting, []
        for asked in waiting:
            self._tell(asked, "")

    def _answer(self, asked: _Asked, words: str) -> None:
        if not self._is_first(asked):
            return
        for timer in (self._settling, self._given_up):
            timer.stop()
        self._waiting.pop(0)
        asked.browser.keeping.end_soon()
        self._tell(asked, words)
        if self._waiting:
            self._begin()

    def _tell(self, asked: _Asked, words: str) -> None:
        run, call = asked.request.run, asked.request.call
        self._bridge.call(lambda studio: studio.previews.answer_page(run, call, words), failed=_unheard)


def _words(*values: str | bool) -> str:
    """The values as a script's arguments."""
    return ", ".join(json.dumps(value) for value in values)


def _letters(number: int) -> str:
    """The number in letters, no two of them alike: a, b, … z, ba."""
    rest, last = divmod(number, len(ascii_lowercase))
    return (_letters(rest) if rest else "") + ascii_lowercase[last]


def _with(answer: str, done: str, kept: str) -> str:
    said = object_of(answer)
    return json.dumps({**said, "done": done, "kept": kept}) if said else answer


def _unheard(error: StudioError) -> None:
    """A page whose container has gone has nobody who waits for it."""
