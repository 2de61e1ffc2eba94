"""The transcript: a run's events turned into the entries of its chat."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, assert_never

from studio.base.text import plain
from studio.domain.events import (
    AgentHeard,
    AgentNudged,
    AgentTold,
    AidSkipped,
    BranchMerged,
    CallDenied,
    CancelRequested,
    ChatRestored,
    CheckpointDecided,
    CheckpointOpened,
    ContextCompacted,
    Delta,
    Event,
    FilesRestored,
    GuidanceRead,
    HandedOff,
    HandOverRequested,
    MessagePosted,
    MessageQueued,
    MessageUnqueued,
    ModelFailed,
    ProjectAdded,
    ProjectArchived,
    ProjectRemoved,
    QueuedMessageChanged,
    Recorded,
    RuleAdded,
    RuleRemoved,
    RunDiscarded,
    RunForked,
    RunSet,
    RunStarted,
    SandboxStarted,
    SandboxStopped,
    ServerStarted,
    SnapshotFailed,
    SnapshotTaken,
    StepStarted,
    TaskCommented,
    TaskCreated,
    TaskMoved,
    ToolAnswered,
    ToolCalled,
    ToolStarted,
    TurnEnded,
    TurnResumed,
    TurnStarted,
    UsageRecorded,
)
from studio.domain.messages import Speaker
from studio.domain.runs import Outcome
from studio.domain.skills import left_out
from studio.ui.chat.entries import (
    AgentSaid,
    CallMade,
    CallState,
    Entry,
    Note,
    Question,
    Streaming,
    Tone,
    TurnFooter,
)
from studio.ui.chat.handed import handed_header, handed_text, heard_header
from studio.ui.chat.notes import told
from studio.ui.chat.rule_notes import told_of_rule
from studio.ui.chat.told import TEXT_CHARACTERS, decided, human_said, question_of
from studio.ui.chat.words import call_made, failure, lines, lines_changed, model_title, role_title

OUTPUT_CHARACTERS = 16_000
"""How much of a command's output a card keeps, from its end."""

SETUP_CHARACTERS = 2000
"""How much is held of what the sandbox says while it is prepared; its last line is shown."""

STREAM_KEY = "stream"


@dataclass(frozen=True, slots=True)
class Change:
    """One change of the list of entries, already done: what, and at which index."""

    kind: Literal["append", "replace", "remove"]
    index: int


class Transcript:
    """Entries in order, the question that waits, the model, the text that is streaming, and what the setup says.

    `apply` takes events in the order of the log and never the same one twice.
    """

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.question: Question | None = None
        self.text = ""
        self.thinking = ""
        self.setup = ""
        self._role = role_title("engineer")
        self.model = ""
        self._last_header = ""
        self._turn_began: datetime | None = None
        self._turn_is_fresh = False
        self._turn_files: set[str] = set()
        self._turn_left_out = 0
        self._calls: dict[str, int] = {}
        self._changes: list[Change] = []

    @property
    def is_streaming(self) -> bool:
        """Whether a message is arriving."""
        return bool(self.entries) and isinstance(self.entries[-1], Streaming)

    def knows(self, call: str) -> bool:
        """Whether the call is one of these entries."""
        return call in self._calls

    def apply(self, item: Recorded | Delta) -> tuple[Change, ...]:
        """Takes in one event or piece of a stream and tells what changed in `entries`."""
        self._changes = []
        if isinstance(item, Delta):
            self._on_delta(item)
        else:
            self._on_event(item)
        return tuple(self._changes)

    def _on_delta(self, delta: Delta) -> None:
        match delta.kind:
            case "output":
                self._add_output(delta.call, delta.text)
            case "thinking":
                self._require_stream()
                self.thinking += delta.text
            case "text":
                self._require_stream()
                self.text += delta.text
            case "setup":
                self._require_stream()
                self.setup = (self.setup + delta.text)[-SETUP_CHARACTERS:]
            case _:
                pass

    def _on_event(self, recorded: Recorded) -> None:
        event, key = recorded.event, f"e{recorded.seq}"
        self._take(event, key, recorded.time)
        # A turn that was taken up before it did anything has no story to tell about it.
        self._turn_is_fresh = isinstance(event, TurnStarted | TurnResumed | SandboxStarted) and (
            self._turn_is_fresh or isinstance(event, TurnStarted)
        )

    def _take(self, event: Event, key: str, time: datetime) -> None:
        match event:
            case RunStarted():
                self._role, self.model = role_title(event.role, event.role_title), event.model
            case MessagePosted():
                self._on_message(key, event)
            case TurnStarted():
                self._turn_began, self._turn_files, self._turn_left_out, self._last_header = time, set(), 0, ""
            case TurnResumed():
                self._drop_stream()
                if not self._turn_is_fresh:
                    self._note(key, Tone.QUIET, "Studio was closed meanwhile; the turn goes on.")
            case StepStarted():
                self.model = event.model
                self._drop_stream()
                self._require_stream()
            case ModelFailed():
                self._drop_stream()
                self._note(key, Tone.WARNING, failure(event))
            case ToolCalled():
                self._calls[event.call] = len(self.entries)
                self._append(call_made(event.call, event.name, event.arguments, event.raw))
            case ToolStarted():
                self._change_call(event.call, state=CallState.RUNNING)
            case ToolAnswered():
                self._on_answer(event)
            case AgentHeard():
                self._append(AgentSaid(key, heard_header(event), plain(event.text[:TEXT_CHARACTERS]), ""))
                self._last_header = ""
            case HandedOff():
                self._append(AgentSaid(key, handed_header(self._role, event), handed_text(event), ""))
                self._last_header = ""
            case AidSkipped():
                self._note(key, Tone.WARNING, plain(left_out(event)))
            case SnapshotTaken():
                self._turn_files.update(event.files)
                self._turn_left_out = max(self._turn_left_out, event.left_out)
            case CheckpointOpened():
                self.question = question_of(event)
            case CheckpointDecided():
                self._on_decision(key, event)
            case TurnEnded():
                self._on_turn_end(key, time, event)
            case AgentTold():
                if event.undeliverable:
                    self._note(key, *told(event))
            case AgentNudged() | BranchMerged() | CancelRequested() | ContextCompacted():
                self._note(key, *told(event))
            case HandOverRequested() | SnapshotFailed():
                self._note(key, *told(event))
            case ChatRestored() | FilesRestored():
                self._append(Note(key, *told(event), restored=True, folds=isinstance(event, ChatRestored)))
            case RunForked():
                self.question = None
                self._note(key, *told(event))
            case RunDiscarded():
                self.question = None
                self._note(key, Tone.QUIET, "Discarded. Its snapshots stay in Studio's own repository.")
            case SandboxStarted():
                self.setup = ""
            case RuleAdded() | RuleRemoved() | CallDenied():
                self._note(key, *told_of_rule(event))
            case MessageQueued() | QueuedMessageChanged() | MessageUnqueued() | RunSet():
                pass
            case GuidanceRead() | ServerStarted():
                pass
            case TaskCreated() | TaskCommented() | TaskMoved():
                pass
            case UsageRecorded() | SandboxStopped() | ProjectAdded() | ProjectArchived() | ProjectRemoved():
                pass
            case _:
                assert_never(event)

    def _on_message(self, key: str, event: MessagePosted) -> None:
        match event.speaker:
            case Speaker.HUMAN:
                self._append(human_said(key, event))
            case Speaker.SYSTEM:
                self._note(key, Tone.QUIET, plain(event.text[:TEXT_CHARACTERS]))
            case Speaker.AGENT:
                self._drop_stream()
                text, thinking = event.text[:TEXT_CHARACTERS], event.thinking[:TEXT_CHARACTERS]
                if text.strip() or thinking.strip():
                    self._append(AgentSaid(key, self._header(), plain(text), plain(thinking)))
                    self._last_header = self._full_header()

    def _on_answer(self, event: ToolAnswered) -> None:
        added, removed = lines_changed(event.summary)
        self._change_call(
            event.call,
            state=CallState.DONE if event.ok else CallState.FAILED,
            summary="" if added is not None else lines(event.summary),
            output=lines(event.text[-OUTPUT_CHARACTERS:]),
            milliseconds=event.milliseconds,
            added=added,
            removed=removed,
        )

    def _on_decision(self, key: str, event: CheckpointDecided) -> None:
        question, self.question = self.question, None
        self._append(decided(key, event, question.act if question is not None else ""))

    def _on_turn_end(self, key: str, time: datetime, event: TurnEnded) -> None:
        self._drop_stream()
        match event.outcome:
            case Outcome.WAITING | Outcome.HANDED_OFF:
                pass
            case Outcome.REPLIED:
                if event.reason:
                    self._note(f"{key}o", Tone.WARNING, plain(f"{event.reason} {event.action}".strip()))
            case Outcome.CANCELLED | Outcome.LIMIT:
                self._note(f"{key}o", Tone.WARNING, plain(f"{event.reason} {event.action}".strip() or "Stopped."))
            case Outcome.FAILED | Outcome.REFUSED:
                self._note(f"{key}o", Tone.BAD, plain(f"{event.reason} {event.action}".strip() or "The turn failed."))
            case _:
                assert_never(event.outcome)
        cached = round(100 * event.cache_read / event.input) if event.input and event.cache_read else None
        tokens, files = event.input + event.output, len(self._turn_files) + self._turn_left_out
        self._append(
            TurnFooter(key, event.turn, self._turn_began or time, time, tokens, cached, event.cost_nusd, files)
        )

    def _header(self) -> str:
        full = self._full_header()
        return "" if full == self._last_header else full

    def _full_header(self) -> str:
        return f"{self._role} · {model_title(self.model)}"

    def _note(self, key: str, tone: Tone, text: str) -> None:
        self._append(Note(key, tone, text))

    def _require_stream(self) -> None:
        if not self.is_streaming:
            self._append(Streaming(STREAM_KEY, self._header()))

    def _drop_stream(self) -> None:
        self.text = self.thinking = self.setup = ""
        if self.is_streaming:
            self.entries.pop()
            self._changes.append(Change("remove", len(self.entries)))

    def _append(self, entry: Entry) -> None:
        """Adds at the end, but above the streaming message."""
        stream = self.entries[-1] if self.is_streaming else None
        if stream is not None:
            self.entries.pop()
            self._changes.append(Change("remove", len(self.entries)))
        self._changes.append(Change("append", len(self.entries)))
        self.entries.append(entry)
        if stream is not None:
            self._changes.append(Change("append", len(self.entries)))
            self.entries.append(stream)

    def _add_output(self, call: str, text: str) -> None:
        index = self._calls.get(call)
        entry = self.entries[index] if index is not None else None
        if isinstance(entry, CallMade):
            self._change_call(call, output=(entry.output + lines(plain(text)))[-OUTPUT_CHARACTERS:])

    def _change_call(self, call: str, **fields: object) -> None:
        index = self._calls.get(call)
        if index is None:
            return
        entry = self.entries[index]
        if isinstance(entry, CallMade):
            self.entries[index] = replace(entry, **fields)  # type: ignore[arg-type]
            self._changes.append(Change("replace", index))
