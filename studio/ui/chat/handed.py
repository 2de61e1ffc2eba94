"""Handed: what a role handed over, and what another agent said, as cards in the chat."""

from __future__ import annotations

from collections.abc import Mapping

from studio.base.text import plain, shorten
from studio.domain.events import AgentHeard, HandedOff
from studio.domain.roles import in_sentence, title_of
from studio.ui.widgets.names import shown

VALUE_CHARACTERS = 8000


def handed_header(role_title: str, event: HandedOff) -> str:
    """Who hands over, and to whom where that is said."""
    to = f" to the {shown(in_sentence(title_of(event.to)))}" if event.to else ""
    return f"{role_title} hands over{to}"


def heard_header(event: AgentHeard) -> str:
    """Who told this agent something, and in what sense."""
    return (
        f"{event.message_kind.capitalize()} from the {shown(in_sentence(title_of(event.from_role)))} · {event.from_run}"
    )


def handed_text(event: HandedOff) -> str:
    """Every field that was filled in, as the small Markdown that messages are shown in."""
    return "\n\n".join((*_fields(event.result), *((f"**Note**\n\n{plain(event.note)}",) if event.note else ())))


def _fields(result: Mapping[str, object]) -> list[str]:
    return [f"**{_title(name)}**\n\n{_words(value)}" for name, value in result.items() if value is not None]


def _title(name: str) -> str:
    return shown(title_of(name)).replace("*", "")


def _words(value: object) -> str:
    match value:
        case bool():
            return "Yes" if value else "No"
        case list():
            return "\n".join(f"- {_one_line(str(entry))}" for entry in value) or "None"
        case _:
            return shorten(plain(str(value)), VALUE_CHARACTERS)


def _one_line(text: str) -> str:
    return " ".join(plain(text).split())
