"""Typed: whether a page holds text that would be lost when it is loaded again; what the person typed counts."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from studio.base.resources import resource
from studio.ui.preview.scripts import World, run_in_frames

if TYPE_CHECKING:
    from PySide6.QtWebEngineWidgets import QWebEngineView

_IS_TYPED = "globalThis.studioTyped && globalThis.studioTyped() ? 'yes' : 'no'"
_IS_TYPED_OR_FOCUSED = """(() => {
    if (globalThis.studioTyped && globalThis.studioTyped()) return 'yes';
    const at = document.activeElement;
    const field = at && (at.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(at.tagName));
    return field && (at.value || at.textContent) ? 'yes' : 'no';
})()"""


def noting() -> str:
    """The script that notes it, to be put into a page and its frames before their own, in a world apart."""
    return resource("preview", "typed.js").read_text("utf-8")


def ask_typed(browser: QWebEngineView, answer: Callable[[bool], None], *, focused: bool = False) -> None:
    """Asks whether the person typed something that the page or a frame of it holds; yes where that cannot be told.

    With `focused` a field that holds something and has the focus counts as well.
    """

    def met(answers: list[str] | None) -> None:
        answer(answers is None or "yes" in answers)

    run_in_frames(browser.page(), _IS_TYPED_OR_FOCUSED if focused else _IS_TYPED, World.STUDIO, met)
