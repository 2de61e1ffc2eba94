"""Studio's own scripts in a previewed page: put there before the page's, or run once for an answer."""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum

from PySide6.QtWebEngineCore import QWebEnginePage, QWebEngineScript

ANSWER_CHARACTERS = 1 << 20


class World(IntEnum):
    """Where a script lives: both see the document, only PAGE sees what the page's scripts define, and is seen by it."""

    PAGE = 0
    STUDIO = 1


def inject(page: QWebEnginePage, name: str, source: str, world: World, *, frames: bool) -> None:
    """Runs `source` in every document from the next load on, before any script of its own; `name` is had once."""
    withdraw(page, name)
    script = QWebEngineScript()
    script.setName(name)
    script.setSourceCode(source)
    script.setWorldId(world.value)
    script.setInjectionPoint(QWebEngineScript.InjectionPoint.DocumentCreation)
    script.setRunsOnSubFrames(frames)
    page.scripts().insert(script)


def withdraw(page: QWebEnginePage, name: str) -> None:
    """Injects no script of this name any more."""
    for old in page.scripts().find(name):
        page.scripts().remove(old)


def run(page: QWebEnginePage, source: str, world: World, answer: Callable[[str], None]) -> None:
    """Runs `source` in the shown document; `answer` gets the text it ends with, which may be anybody's.

    It gets nothing for what is no text, is too long, failed, or whose page went away before.
    """

    def meet(value: object) -> None:
        answer(value if isinstance(value, str) and len(value) <= ANSWER_CHARACTERS else "")

    page.runJavaScript(source, world.value, meet)
