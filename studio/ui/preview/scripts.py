"""Studio's own scripts in a previewed page: put there before the page's, or run once for an answer."""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum

from PySide6.QtWebEngineCore import QWebEngineFrame, QWebEnginePage, QWebEngineScript

ANSWER_CHARACTERS = 1 << 20
MOST_FRAMES = 100


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
    page.runJavaScript(source, world.value, lambda value: answer(_text(value)))


def run_in_frames(page: QWebEnginePage, source: str, world: World, answer: Callable[[list[str] | None], None]) -> None:
    """The same in the document and all frames in it: one text for each; None where they are more than a few."""
    frames = _frames(page.mainFrame())
    if len(frames) > MOST_FRAMES:
        answer(None)
        return
    answers: list[str] = []

    def meet(value: object) -> None:
        answers.append(_text(value))
        if len(answers) == len(frames):
            answer(answers)

    for frame in frames:
        frame.runJavaScript(source, world.value, meet)


def _frames(main: QWebEngineFrame) -> list[QWebEngineFrame]:
    """The frame and those in it, up to one more than are asked."""
    found, new = [main], [main]
    while new and len(found) <= MOST_FRAMES:
        new = [child for frame in new for child in frame.children()]
        found += new
    return found


def _text(value: object) -> str:
    return value if isinstance(value, str) and len(value) <= ANSWER_CHARACTERS else ""
