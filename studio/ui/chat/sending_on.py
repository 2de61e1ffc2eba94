"""Sending on: what an agent said goes into a new chat with another role, for the person to complete and send."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QMenu

from studio.base.text import shorten
from studio.domain.ids import RunId
from studio.domain.references import Reference, ReferenceKind
from studio.domain.roles import RoleList
from studio.ui.chat.chat import Chat
from studio.ui.chat.entries import AgentSaid, TurnFooter
from studio.ui.widgets.names import shown

CHARACTERS = 8_000


class SendingOn:
    """Adds its entry to the menus of chats; `roles` tells those there are, `new_chat` brings an empty one up."""

    def __init__(self, roles: Callable[[], RoleList], new_chat: Callable[[], Chat | None]) -> None:
        self._roles = roles
        self._new_chat = new_chat

    def offer(self, chat: Chat) -> None:
        """Lets what is said in this chat be sent on."""
        chat.fillers.append(lambda menu, row: self._fill(chat, menu, row))

    def _fill(self, chat: Chat, menu: QMenu, row: int) -> None:
        entry, run, roles = chat.items.entry(row), chat.run, self._roles().roles
        if run is None or not roles or not isinstance(entry, AgentSaid | TurnFooter):
            return
        text = entry.text if isinstance(entry, AgentSaid) else chat.items.turn_text(row)
        submenu = menu.addMenu("Send to another role")
        for role in roles:
            submenu.addAction(shown(role.title).replace("&", "&&"), partial(self._send, role.name, run, text))

    def _send(self, role: str, run: RunId, text: str) -> None:
        chat = self._new_chat()
        if chat is None:
            return
        composer = chat.page().composer
        composer.choose_role(role)
        cursor = composer.input.textCursor()
        cursor.movePosition(QTextCursor.MoveOperation.End)
        before = "\n\n" if composer.input.toPlainText().strip() else ""
        cursor.insertText(before + quoted(run, text))
        composer.input.setTextCursor(cursor)


def quoted(run: RunId, text: str) -> str:
    """What was said as a quotation, after where it comes from."""
    lines = shorten(text.strip(), CHARACTERS).split("\n")
    quotation = "\n".join(f"> {line}".rstrip() for line in lines)
    return f"From {Reference(ReferenceKind.RUN, run).typed}:\n{quotation}\n\n"
