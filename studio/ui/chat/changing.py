"""Changing entries: the list of a chat, which grows at its end, in its cards and in the message that arrives."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from studio.ui.chat.entries import CallMade, CallState, Entry, HumanSaid, Streaming

SETUP_CHARACTERS = 2000
"""How much is held of what the sandbox says while it is prepared; its last line is shown."""

STREAM_KEY = "stream"


@dataclass(frozen=True, slots=True)
class Change:
    """One change of the list of entries, already done: what, and at which index."""

    kind: Literal["append", "replace", "remove"]
    index: int


class ChangingEntries:
    """Entries in order; the message that arrives is the last one, and its text lives beside it."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.text = ""
        self.thinking = ""
        self.setup = ""
        self._calls: dict[str, int] = {}
        self._changes: list[Change] = []

    @property
    def is_streaming(self) -> bool:
        """Whether a message is arriving."""
        return bool(self.entries) and isinstance(self.entries[-1], Streaming)

    def knows(self, call: str) -> bool:
        """Whether the call is one of these entries."""
        return call in self._calls

    def take_changes(self) -> tuple[Change, ...]:
        """What changed since this was asked last."""
        changes, self._changes = self._changes, []
        return tuple(changes)

    def append(self, entry: Entry) -> None:
        """Adds at the end, but above the message that is arriving."""
        stream = self.entries[-1] if self.is_streaming else None
        if stream is not None:
            self._pop()
        self._push(entry)
        if stream is not None:
            self._push(stream)

    def append_call(self, card: CallMade) -> None:
        """Adds the card of a call, to be found by it."""
        self.append(card)
        self._calls[card.key] = len(self.entries) - (2 if self.is_streaming else 1)

    def call(self, call: str) -> CallMade | None:
        """The card of a call, None when it is not one of these entries."""
        index = self._calls.get(call)
        entry = self.entries[index] if index is not None else None
        return entry if isinstance(entry, CallMade) else None

    def change_call(self, call: str, **fields: object) -> None:
        """Changes fields of a call's card, where there is one."""
        card = self.call(call)
        if card is not None:
            index = self._calls[call]
            self.entries[index] = replace(card, **fields)  # type: ignore[arg-type]
            self._changes.append(Change("replace", index))

    def stop_calls(self) -> None:
        """Shows that what still ran of the newest message's calls was stopped with its turn."""
        for entry in reversed(self.entries):
            if isinstance(entry, HumanSaid):
                break
            if isinstance(entry, CallMade) and entry.state is CallState.RUNNING:
                self.change_call(entry.key, state=CallState.FAILED, summary="stopped")

    def begin_stream(self, header: str) -> None:
        """Lets a message arrive, unless one does already."""
        if not self.is_streaming:
            self.append(Streaming(STREAM_KEY, header))

    def add_setup(self, text: str) -> None:
        """Takes in what the sandbox says while it is prepared."""
        self.setup = (self.setup + text)[-SETUP_CHARACTERS:]

    def drop_stream(self) -> None:
        """Takes the message that is arriving away, and what there is of it."""
        self.text = self.thinking = self.setup = ""
        if self.is_streaming:
            self._pop()

    def _push(self, entry: Entry) -> None:
        self._changes.append(Change("append", len(self.entries)))
        self.entries.append(entry)

    def _pop(self) -> None:
        self.entries.pop()
        self._changes.append(Change("remove", len(self.entries)))
