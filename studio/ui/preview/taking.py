"""Taking: a picture of the page, or an element that the person points at, for the chat."""

from __future__ import annotations

import json
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from studio.base.resources import resource
from studio.base.text import plain
from studio.domain.console_words import quoted
from studio.domain.pages import object_of
from studio.domain.references import unreferring
from studio.ui.preview.host import PageHost
from studio.ui.preview.scripts import World
from studio.ui.preview.view import PreviewView

_ASK_MILLISECONDS = 150
_TAKE = "globalThis.studioPick ? globalThis.studioPick.take() : 'none'"
_END = "globalThis.studioPick && globalThis.studioPick.end()"
_SELECTOR, _HTML, _TEXT, _NAME = 500, 3000, 300, 300


class Taking(QObject):
    """Joins the two buttons of the bar to the page; while the person points, the page itself hears nothing of it.

    Signals: `picture_taken(object)` a QImage; `element_taken(str)` words that describe the element.
    """

    picture_taken = Signal(object)
    element_taken = Signal(str)

    def __init__(self, view: PreviewView, host: PageHost, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._view = view
        self._host = host
        self._timer = QTimer(self)
        self._timer.setInterval(_ASK_MILLISECONDS)
        self._timer.timeout.connect(self._ask)
        view.bar.pick.toggled.connect(self._on_toggled)
        view.bar.picture.clicked.connect(self._take_picture)
        host.started.connect(self.end)
        host.dropped.connect(self.end)

    def end(self) -> None:
        """Lets the page be used again."""
        self._view.bar.pick.setChecked(False)

    def _take_picture(self) -> None:
        if self._host.browser is not None and self._view.shows_page():
            self.picture_taken.emit(self._host.browser.grab().toImage())

    def _on_toggled(self, picking: bool) -> None:
        browser = self._host.browser
        if browser is None or not picking:
            self._timer.stop()
            if browser is not None:
                browser.run(_END, World.STUDIO, _heard_nothing)
            return
        browser.run(resource("preview", "pick.js").read_text("utf-8"), World.STUDIO, _heard_nothing)
        browser.setFocus()
        self._timer.start()

    def _ask(self) -> None:
        if self._host.browser is not None:
            self._host.browser.run(_TAKE, World.STUDIO, self._on_answer)

    def _on_answer(self, answer: str) -> None:
        if not answer or not self._timer.isActive() or not self._host.url:
            return
        place = self._host.place()
        self.end()
        element = object_of(answer)
        browser = self._host.browser
        if element and browser is not None:
            script = resource("preview", "component.js").read_text("utf-8")
            asked = f"({script.rstrip().rstrip(';')})({json.dumps(str(element.get('selector', '')))})"

            def met(component: str) -> None:
                # The page answers when it likes: by then another run's may be shown.
                if self._host.browser is browser and self._host.url:
                    self.element_taken.emit(described(element, component, place))

            browser.run(asked, World.PAGE, met)


def described(element: dict[str, Any], component: str, place: str) -> str:
    """Words for the chat about an element, in bounds; `component` is what the page says made it."""
    selector, text = _flat(element.get("selector"), _SELECTOR), _cut(element.get("text"), _TEXT)
    html, whole = _cut(element.get("html"), _HTML), element.get("length")
    lines = [f"The element `{selector.replace('`', '')}` on {_flat(place, _NAME)} of the preview"]
    if isinstance(element.get("width"), int) and isinstance(element.get("height"), int):
        lines[0] += f", {element['width']} × {element['height']} pixels"
    made = object_of(component)
    name, file = _flat(made.get("name"), _NAME), _flat(made.get("file"), _NAME)
    if name or file:
        lines.append("Made by the component " + " in ".join(one for one in (name, file) if one) + ".")
    if text:
        lines.append(f"It reads:\n{quoted(text)}")
    left = f"\n… {whole - len(html)} more characters" if isinstance(whole, int) and whole > len(html) else ""
    lines.append(f"```html\n{unreferring(html.replace('```', ''))}{left}\n```")
    return "\n".join(lines)


def _flat(value: object, limit: int) -> str:
    """In one line, and referring to nothing: it stands within a sentence of the person's."""
    return unreferring(" ".join(_cut(value, limit).split()))


def _cut(value: object, limit: int) -> str:
    return plain(value[: 4 * limit])[:limit] if isinstance(value, str) else ""


def _heard_nothing(_answer: str) -> None:
    """What such a script ends with is of no use."""
