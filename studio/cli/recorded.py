"""What a command said, from the record: for whoever did not hear it while it ran."""

from __future__ import annotations

from studio.base.text import shorten
from studio.domain.events import ToolAnswered

_COMMANDS = frozenset({"shell"})
"""Tools whose output is shown while it comes; its last line, the exit code, is in the summary as well."""
_MOST_CHARACTERS = 16_000


def recorded_output(answered: ToolAnswered) -> str:
    """The output of a command that has ended, with a line end; empty for another tool, or when there was none."""
    if answered.name not in _COMMANDS:
        return ""
    said, _, last = answered.text.rpartition("\n")
    said = said if last.startswith("[exit code ") else answered.text
    if not said or said.startswith("[exit code "):
        return ""
    return f"{shorten(said, _MOST_CHARACTERS)}\n"
