"""Notes on rules: what the chat says when one is made, taken back, or forbids a call."""

from __future__ import annotations

from studio.domain.events import CallDenied, RuleAdded, RuleRemoved
from studio.ui.chat.entries import Tone
from studio.ui.widgets.names import shown


def told_of_rule(event: RuleAdded | RuleRemoved | CallDenied) -> tuple[Tone, str]:
    """The tone and the words of a note."""
    covers = shown(event.covers)
    match event:
        case RuleAdded() if event.effect == "deny":
            return Tone.BAD, f"You forbade in this project: {covers}"
        case RuleAdded():
            where = "this chat" if event.scope == "run" else "this project"
            return Tone.GOOD, f"Without a question in {where} from now on: {covers}"
        case RuleRemoved():
            return Tone.QUIET, f"You took back the rule: {covers}"
        case CallDenied():
            return Tone.BAD, f"Denied by a rule of the {event.whose}, which forbids: {covers}"
