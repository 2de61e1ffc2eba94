"""Handed: what a role handed over, for people."""

from __future__ import annotations

from studio.cli import output
from studio.domain.events import HandedOff
from studio.domain.roles import in_sentence, title_of


def show_handed(event: HandedOff) -> None:
    """The result, field by field, on standard output: it is what the turn was for."""
    to = f" to the {in_sentence(title_of(event.to))}" if event.to else ""
    output.say(f"\nHanded over{to}:")
    for name, value in event.result.items():
        if value is not None:
            output.say(f"  {output.one_line(name)}: {output.below(_words(value), 4)}")
    if event.note:
        output.say(f"  note: {output.below(event.note, 4)}")


def _words(value: object) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case list():
            return "".join(f"\n- {output.below(str(entry))}" for entry in value) or "none"
        case _:
            return str(value)
