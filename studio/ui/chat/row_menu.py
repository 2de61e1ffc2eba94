"""The menu of a row: everything a pointer finds in its text, for the keyboard too."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu, QWidget

from studio.base.text import shorten
from studio.ui.chat.documents import Documents
from studio.ui.chat.entries import AgentSaid, CallMade, Entry, HumanSaid, Streaming, TurnFooter
from studio.ui.chat.growing import Growing
from studio.ui.chat.spots import Spot, SpotKind
from studio.ui.widgets.names import shown

TITLE_CHARACTERS = 60


def row_menu(
    copy: Callable[[], None], spots: Sequence[Spot], click: Callable[[Spot], None], parent: QWidget | None = None
) -> QMenu:
    """A menu that copies the whole row or does what one of its spots does."""
    menu = QMenu(parent)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    menu.addAction("Copy", copy)
    code = 0
    for spot in spots:
        code += spot.kind is SpotKind.COPY
        menu.addAction(_title(spot, code), partial(click, spot))
    return menu


def spots_of(entry: Entry, documents: Documents, growing: Growing) -> list[Spot]:
    """The code blocks, links and files of a row; `growing` is the text that is arriving."""
    match entry:
        case AgentSaid():
            return [*documents.code_spots(entry.text), *documents.links(entry.text)]
        case Streaming():
            return [*growing.code_spots, *growing.links]
        case TurnFooter() if entry.files:
            return [Spot(SpotKind.REVIEW, entry.turn)]
        case CallMade() | HumanSaid():
            return [Spot(SpotKind.FILE, path) for path in entry.files]
        case _:
            return []


def _title(spot: Spot, code: int) -> str:
    value = shown(shorten(spot.value, TITLE_CHARACTERS)).replace("&", "&&")
    match spot.kind:
        case SpotKind.COPY:
            return f"Copy code block {code}"
        case SpotKind.SHOW:
            return f"Open code block {code} in the editor"
        case SpotKind.APPLY:
            return f"Apply code block {code} at the caret of the open file"
        case SpotKind.FILE:
            return f"Open file {value}" + (f", line {spot.line}" if spot.line else "")
        case SpotKind.REVIEW:
            return "Show what this turn changed"
        case _:
            return f"Open link {value}"
