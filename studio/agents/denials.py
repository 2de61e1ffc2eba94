"""Denials: what was denied in a run, and what its agent did since; going back in the chat takes nothing from it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from studio.domain.checkpoints import CheckpointState
from studio.domain.events import CallDenied, CheckpointDecided, Recorded, ToolCalled
from studio.domain.ids import CallId
from studio.domain.messages import ToolCall


@dataclass(slots=True)
class Denials:
    """Every call that a person or a rule denied, and when."""

    _calls: dict[str, ToolCall] = field(default_factory=dict)
    _denied: dict[str, datetime] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self._denied)

    def apply(self, recorded: Recorded) -> None:
        """Takes in one event of the run, also one that a restore left out of the chat."""
        match recorded.event:
            case ToolCalled() as event:
                self._calls[event.call] = ToolCall(CallId(event.call), event.name, event.arguments, event.raw)
            case CallDenied() as event:
                self._denied[event.call] = recorded.time
            case CheckpointDecided() as event if event.call and event.state == CheckpointState.DENIED.value:
                self._denied[event.call] = recorded.time
            case _:
                pass

    def earlier(self, call: ToolCall) -> Iterator[ToolCall]:
        """Every call of the run before this one, in order."""
        for asked in self._calls.values():
            if asked.id == call.id:
                return
            yield asked

    def before(self, call: ToolCall) -> tuple[list[tuple[ToolCall, datetime, int]], list[tuple[int, ToolCall]]]:
        """Each denied call but this one, newest first, with when that was and its place among all calls.

        And every other call behind the first of those, with its place.
        """
        places = {asked: place for place, asked in enumerate(self._calls)}
        denied = [
            (self._calls[asked], when, places[asked])
            for asked, when in reversed(self._denied.items())
            if asked != call.id and asked in places
        ]
        first = min((place for _, _, place in denied), default=len(places))
        since = [(place, self._calls[asked]) for asked, place in places.items() if place > first and asked != call.id]
        return denied, since
