"""Origin: whose files a run began with, and what of the project's rules has been written in it since."""

from __future__ import annotations

from dataclasses import dataclass, field

from studio.agents.telling import RULES_FILE
from studio.domain.events import Event, RunStarted, SnapshotTaken
from studio.tools.notes import NOTES_FOLDER


@dataclass(slots=True)
class Origin:
    """Tells whether a run began with another agent's files, and which AGENTS.md files and notes changed in it."""

    took_over: bool = False
    rules_written: set[str] = field(default_factory=set)

    def apply(self, event: Event) -> None:
        """Takes in one event of the run, also one that a restore left out of the chat."""
        match event:
            case RunStarted():
                self.took_over = self.took_over or bool(event.takes_over)
            case SnapshotTaken():
                self.rules_written.update(filter(_rules, event.files))
            case _:
                pass


def _rules(path: str) -> bool:
    return path.rpartition("/")[2] == RULES_FILE or path.startswith(f"{NOTES_FOLDER}/")
