"""Notices: the line above a page that says what is wrong with it, and hands that to the agent."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from PySide6.QtCore import QObject, Signal

from studio.base.text import plain, shorten
from studio.domain.console_words import quoted
from studio.ui.preview.host import PageHost
from studio.ui.preview.typed import ask_typed
from studio.ui.preview.view import PreviewView
from studio.ui.preview.words import ASLEEP

_UNSAVED = (
    "The page says that something in it is not saved, so it was kept. Reload it, or enter an address, to leave it."
)
_UNCAUGHT = "Uncaught "
_CHARACTERS = 300
_BAD = 400


class Notices(QObject):
    """Says when the app answered with an error, when a script failed, and what the page itself wanted to say.

    Signals: `asked(str)` the person wants the agent to look at this.
    """

    asked = Signal(str)

    def __init__(self, view: PreviewView, host: PageHost, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._view = view
        self._host = host
        self._problem = ""
        self.script_failed = False
        """Whether a script of the page that is shown has failed since it was loaded."""
        self._act: Callable[[], None] = self._ask
        host.started.connect(self._on_started)
        host.loaded.connect(self._on_loaded)
        host.failed.connect(self._on_failed)
        host.dialog_shown.connect(self._on_dialog)
        host.kept.connect(self._on_kept)
        view.notice_requested.connect(lambda: self._act())
        view.page_state.asked.connect(self.asked)

    def reload_unless_typing(self, reload: Callable[[], None], at_once: Callable[[], None]) -> None:
        """Reloads, or says that it can be done when somebody has typed something in the page that would be lost.

        `at_once` is how the person has it done then.
        """
        browser = self._host.browser

        def met(is_typed: bool) -> None:
            if self._host.browser is not browser or not self._host.url:
                return  # another page is shown by now, whose files have not changed
            if is_typed:
                self._act = at_once
                self._view.say("The files have changed; the page was left alone because you type in it.", "Reload")
            else:
                reload()

        if browser is not None:
            ask_typed(browser, met, focused=True)

    def say_leads_out(self, where: str, open_it: Callable[[], None]) -> None:
        """Says that a link leads out of the preview: a script can follow one as well as a person, so nothing opens."""
        self._problem, self._act = "", open_it
        self._view.say(f"A link leads out of the preview, to {shorten(plain(where), _CHARACTERS)}.", "Open it outside")

    def say_asleep(self, wake: Callable[[], None]) -> None:
        """Says that the app sleeps, once."""
        if self._problem != ASLEEP:
            self._problem, self._act = ASLEEP, wake
            self._view.say(ASLEEP, "Wake it")

    def say_awake(self) -> None:
        """Takes back that the app sleeps."""
        if self._problem == ASLEEP:
            self._clear()

    def _clear(self) -> None:
        self._problem = ""
        self._view.say("")

    def _on_started(self) -> None:
        self.script_failed = False
        self._clear()

    def _on_loaded(self, _answered: bool, status: int) -> None:
        if status >= _BAD:
            phrase = next((known.phrase for known in HTTPStatus if known == status), "")
            self._tell(f"The app answered {self._host.place()} with {status} {phrase}".rstrip() + ".")

    def _on_failed(self, text: str) -> None:
        self.script_failed = self.script_failed or text.startswith(_UNCAUGHT)
        if text.startswith(_UNCAUGHT) and not self._problem:
            self._tell(f"A script of the page failed: {shorten(plain(text), _CHARACTERS)}")

    def _on_dialog(self, text: str) -> None:
        self._problem = ""
        self._view.say(text)

    def _on_kept(self, place: str) -> None:
        self._problem = ""
        where = shorten(plain(place), _CHARACTERS)
        led = f"What an agent did led to {where}; the page was kept, as you have typed in it."
        self._view.say(led if place else _UNSAVED)

    def _tell(self, problem: str) -> None:
        self._problem, self._act = problem, self._ask
        self._view.say(problem, "Ask the agent")

    def _ask(self) -> None:
        if self._problem:
            self.asked.emit(f"Find the cause of this in the preview, and mend it:\n{quoted(self._problem)}\n")
