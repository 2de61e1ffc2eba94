"""Streams: transient deltas without the secrets that arrive in pieces."""

from __future__ import annotations

from dataclasses import replace

from studio.base.redact import Redactor
from studio.domain.events import (
    WHOLE,
    Delta,
    MessagePosted,
    ModelFailed,
    Recorded,
    SandboxStarted,
    ToolAnswered,
    TurnEnded,
    WorkspacePrepared,
)
from studio.domain.ids import RunId
from studio.domain.messages import Speaker


class Streams:
    """Holds back the end of a stream while it may be the start of a secret, until more of it or its end comes."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self._held: dict[tuple[RunId, str, str], Delta] = {}

    def clean(self, delta: Delta) -> Delta | None:
        """What may be shown by now of the stream that `delta` goes on with; None when nothing may."""
        if delta.kind in WHOLE:
            return delta
        key = (delta.run, delta.kind, delta.call)
        held = self._held.pop(key, None)
        shown, rest = self._redactor.settled(held.text + delta.text if held else delta.text)
        if rest:
            self._held[key] = replace(delta, text=rest)
        return replace(delta, text=shown) if shown else None

    def ended_by(self, recorded: Recorded) -> tuple[Delta, ...]:
        """The last pieces of the streams that end with this event."""
        over = [key for key in self._held if key[0] == recorded.run and _ends(recorded, key[1], key[2])]
        return tuple(
            replace(held, text=self._redactor.text(held.text)) for held in (self._held.pop(key) for key in over)
        )


def _ends(recorded: Recorded, kind: str, call: str) -> bool:
    match recorded.event:
        case TurnEnded():
            return True
        case MessagePosted(speaker=Speaker.AGENT) | ModelFailed():
            return kind in ("text", "thinking")
        case ToolAnswered() as answered:
            return kind == "output" and call == answered.call
        case SandboxStarted() | WorkspacePrepared():
            return kind == "setup"
        case _:
            return False
