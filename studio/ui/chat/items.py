"""Chat items: the newest entries of one run as a Qt list, fed by events."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from studio.domain.events import Delta, Recorded, ToolAnswered
from studio.ui.chat.changing import Change
from studio.ui.chat.entries import AgentSaid, CallMade, Entry, HumanSaid, Note, Question, Streaming, TurnFooter
from studio.ui.chat.filling import Filling, filling_of
from studio.ui.chat.folding import folded_rows
from studio.ui.chat.parts import begin_of_part, told, told_before
from studio.ui.chat.transcript import Transcript
from studio.ui.chat.words import footer

PAGE = 300
"""About how many entries are shown at first, and how many more each time older ones are asked for."""


class Role(IntEnum):
    """What `ChatItems.data` answers beside the plain text of an entry."""

    ENTRY = Qt.ItemDataRole.UserRole + 1
    OPENED = Qt.ItemDataRole.UserRole + 2


class ChatItems(QAbstractListModel):
    """The rows of one chat: its newest part, and older ones each time that `show_earlier` is called.

    Signals:
        stream_changed: text of the arriving message came or went
        question_changed: a checkpoint opened or was decided
        earlier_wanted: older rows are asked for, of which the log is not here yet
        completed: it is now
        filling_changed: the model's context is fuller or emptier, see `filling`
        folds_changed: other rows are folded away
    """

    stream_changed = Signal()
    question_changed = Signal()
    earlier_wanted = Signal()
    completed = Signal()
    filling_changed = Signal()
    folds_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._transcript = Transcript()
        self._rows: list[Entry] = []
        self._opened: set[str] = set()
        self._left_out: frozenset[str] = frozenset()
        self._last_seq = 0
        # What is older than the rows; the log may begin before it, and what belongs to it may come after it.
        self._untold: tuple[Recorded, ...] = ()
        self._is_whole = True
        self._strays: list[Recorded] = []
        self._first_seq = 0
        self._earlier = 0
        self.filling = Filling()

    @property
    def question(self) -> Question | None:
        """The checkpoint that waits for a person."""
        return self._transcript.question

    @property
    def streaming_text(self) -> str:
        """What has arrived of the message that is being streamed."""
        return self._transcript.text

    @property
    def streaming_thinking(self) -> str:
        """What has arrived of its thinking."""
        return self._transcript.thinking

    @property
    def model(self) -> str:
        """The model that was asked last."""
        return self._transcript.model

    @property
    def setup(self) -> str:
        """What the sandbox says while it is prepared, empty once it is there."""
        return self._transcript.setup

    @property
    def has_earlier(self) -> bool:
        """Whether there is more before the first row."""
        return bool(self._untold) or not self._is_whole

    @property
    def waits_for_log(self) -> bool:
        """Whether older rows cannot be shown before `complete`."""
        return not self._is_whole

    def load(self, log: Iterable[Recorded], *, is_whole: bool = True) -> None:
        """Starts anew with what is recorded of the run; what streams now goes on.

        A log that is not whole begins with the run's start, and goes on where a turn of its newest part began.
        """
        self.beginResetModel()
        text, thinking = self.streaming_text, self.streaming_thinking
        log = tuple(log)
        begin = begin_of_part(log, PAGE)
        self._transcript = told(log, begin)
        self._untold, self._is_whole = log[:begin], is_whole
        # What a log that is not whole begins with is far from what follows.
        self._first_seq = log[max(begin, 1)].seq if len(log) > 1 else 0
        self._last_seq = log[-1].seq if log else 0
        self._strays = [each for each in log[begin:] if self._is_stray(each)]
        self._transcript.go_on_streaming(text, thinking)
        self._earlier = 0
        self.filling = filling_of(log)
        self._rows = list(self._transcript.entries)
        self.endResetModel()
        self.stream_changed.emit()
        self.question_changed.emit()
        self.filling_changed.emit()

    def complete(self, log: Iterable[Recorded]) -> None:
        """Takes the whole log in the place of one that was not; the rows stay as they are."""
        if not self._is_whole:
            self._untold = tuple(each for each in log if each.seq < self._first_seq)
            self._is_whole = True
            self.completed.emit()

    def apply(self, item: Recorded | Delta) -> None:
        """Takes in one event or piece of a stream; an event that is known already changes nothing."""
        if isinstance(item, Recorded):
            if item.seq <= self._last_seq:
                return
            self._last_seq = item.seq
            if self._is_stray(item):
                self._strays.append(item)
        question, streamed, filling = self.question, self._stream(), self.filling
        self.filling = filling.after(item)
        for change in self._transcript.apply(item):
            self._follow(change)
        if self._stream() != streamed:
            self.stream_changed.emit()
        if self.question != question:
            self.question_changed.emit()
        if self.filling is not filling:
            self.filling_changed.emit()

    def show_earlier(self) -> None:
        """Brings in the page of entries before the first row, or asks for the log that it needs."""
        if not self._is_whole:
            self.earlier_wanted.emit()
        if not self._is_whole or not self._untold:
            return
        begin = begin_of_part(self._untold, PAGE)
        entries = told_before(self._untold, begin, self._strays)
        self._untold = self._untold[:begin]
        if entries:
            self.beginInsertRows(QModelIndex(), 0, len(entries) - 1)
            self._rows[:0] = entries
            self._earlier += len(entries)
            self.endInsertRows()

    def show_all(self) -> None:
        """Brings in everything that is older, or asks for the log that it needs."""
        while self._untold and self._is_whole:
            self.show_earlier()
        if not self._is_whole:
            self.earlier_wanted.emit()

    def fold(self, keys: frozenset[str]) -> None:
        """Names the entries that a restore left out of the chat."""
        if keys != self._left_out:
            self._left_out = keys
            self.folds_changed.emit()

    def folded_rows(self) -> set[int]:
        """The rows that are not to be shown."""
        return folded_rows(self._rows, self._left_out, self._opened)

    def is_left_out(self, row: int) -> bool:
        """Whether a restore left this entry out of the chat."""
        return self._rows[row].key in self._left_out

    def turn_of(self, row: int) -> str:
        """The turn that a row belongs to; empty while that goes on, and between two of them."""
        for at in range(row, len(self._rows)):
            entry = self._rows[at]
            if isinstance(entry, TurnFooter):
                return entry.turn
            if at > row and isinstance(entry, HumanSaid):
                break
        return ""

    def is_newest(self, row: int) -> bool:
        """Whether a row belongs to what came of the person's newest message that is in the chat, or is that."""
        if not self.turn_of(row) or self.is_left_out(row):
            return False
        return not any(
            isinstance(entry, HumanSaid) and entry.key not in self._left_out for entry in self._rows[row + 1 :]
        )

    def entry(self, row: int) -> Entry:
        """The entry in a row."""
        return self._rows[row]

    def turn_text(self, row: int) -> str:
        """All that was said and done in the turn that ends in this row."""
        begin = row
        while begin and not isinstance(self._rows[begin - 1], TurnFooter):
            begin -= 1
        return "\n\n".join(plain_text(entry) for entry in self._rows[begin:row])

    def is_opened(self, row: int) -> bool:
        """Whether a card or a piece of thinking is unfolded."""
        return self._rows[row].key in self._opened

    def toggle(self, row: int) -> None:
        """Unfolds a card, or folds it again."""
        entry = self._rows[row]
        self._opened ^= {entry.key}
        self._tell_changed(row)
        if isinstance(entry, Note) and entry.folds:
            self.folds_changed.emit()

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008, D102
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:  # noqa: D102
        if not index.isValid():
            return None
        match role:
            case Role.ENTRY:
                return self._rows[index.row()]
            case Role.OPENED:
                return self.is_opened(index.row())
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.AccessibleTextRole:
                return plain_text(self._rows[index.row()])
            case _:
                return None

    def _stream(self) -> tuple[int, int, str]:
        return len(self._transcript.text), len(self._transcript.thinking), self._transcript.setup

    def _is_stray(self, item: Recorded) -> bool:
        """Whether this answers a call of an older part."""
        return isinstance(item.event, ToolAnswered) and not self._transcript.knows(item.event.call)

    def _follow(self, change: Change) -> None:
        row = change.index + self._earlier
        match change.kind:
            case "append":
                self.beginInsertRows(QModelIndex(), row, row)
                self._rows.append(self._transcript.entries[change.index])
                self.endInsertRows()
            case "remove":
                self.beginRemoveRows(QModelIndex(), row, row)
                self._rows.pop()
                self.endRemoveRows()
            case "replace":
                self._rows[row] = self._transcript.entries[change.index]
                self._tell_changed(row)

    def _tell_changed(self, row: int) -> None:
        index = self.index(row)
        self.dataChanged.emit(index, index)


def plain_text(entry: Entry) -> str:
    """What copying an entry gives, and what a screen reader says."""
    match entry:
        case HumanSaid() if entry.images:
            return f"{entry.text}\n[{', '.join(entry.images)}]"
        case HumanSaid() | Note():
            return entry.text
        case AgentSaid():
            return entry.text or entry.thinking
        case Streaming():
            return "The agent is writing"
        case CallMade():
            return "\n".join(part for part in (f"{entry.verb} {entry.target}", entry.summary, entry.output) if part)
        case TurnFooter():
            return footer(entry)
