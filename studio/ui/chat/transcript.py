"""The transcript: a run's events turned into the entries of its chat."""

from __future__ import annotations

from datetime import datetime

from studio.base.text import plain
from studio.domain.events import (
    AgentHeard,
    BriefWritten,
    BudgetRemoved,
    BudgetSet,
    CancelRequested,
    CheckpointDecided,
    CheckpointOpened,
    CheckpointReworded,
    Delta,
    EngineBack,
    EngineLost,
    Event,
    ExperimentJoined,
    FailuresTold,
    GuidanceRead,
    HandedOff,
    HostAllowed,
    HostRemoved,
    IncludesAllowed,
    MessagePosted,
    MessageQueued,
    MessageUnqueued,
    ModelFailed,
    ModelMeasured,
    NetworkSet,
    ProjectAdded,
    ProjectArchived,
    ProjectRemoved,
    ProviderRemoved,
    ProviderSet,
    QueuedMessageChanged,
    Recorded,
    ReservationReleased,
    RoutingTableChanged,
    RunDiscarded,
    RunForked,
    RunSet,
    RunStarted,
    SandboxSlept,
    SandboxStarted,
    SandboxStopped,
    SandboxWoke,
    SecretRemoved,
    SecretSaved,
    ServerStarted,
    ServiceDataForgotten,
    ServicesTold,
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
    WorkspacePrepared,
)
from studio.domain.messages import Speaker
from studio.domain.takeovers import begun
from studio.ui.chat.changing import Change, ChangingEntries
from studio.ui.chat.entries import AgentSaid, CallState, Entry, Note, Question, Tone
from studio.ui.chat.handed import handed_header, handed_text, heard_header
from studio.ui.chat.notes import Noted, notes_of
from studio.ui.chat.open_questions import OpenQuestions
from studio.ui.chat.told import OUTPUT_CHARACTERS, TEXT_CHARACTERS, decided, human_said, instead
from studio.ui.chat.turn_ends import TurnSum, ending
from studio.ui.chat.words import call_made, lines, lines_changed, model_title, role_title


class Transcript:
    """Entries in order, the question that waits, the model, the text that is streaming, and what the setup says.

    `apply` takes events in the order of the log and never the same one twice.
    """

    def __init__(self) -> None:
        self._questions = OpenQuestions()
        self.model = ""
        self._list = ChangingEntries()
        self._turn = TurnSum()
        self._role = role_title("engineer")
        self._last_header = ""
        self._turn_is_fresh = False

    @property
    def question(self) -> Question | None:
        """What waits for the person, the oldest of it that somebody waits for."""
        return self._questions.first

    @property
    def entries(self) -> list[Entry]:
        """All entries, the one of the message that is arriving last."""
        return self._list.entries

    @property
    def text(self) -> str:
        """What there is of the message that is arriving."""
        return self._list.text

    @property
    def thinking(self) -> str:
        """What there is of its thinking."""
        return self._list.thinking

    @property
    def setup(self) -> str:
        """What the sandbox says while it is prepared."""
        return self._list.setup

    @property
    def is_streaming(self) -> bool:
        """Whether a message is arriving."""
        return self._list.is_streaming

    def knows(self, call: str) -> bool:
        """Whether the call is one of these entries."""
        return self._list.knows(call)

    def go_on_streaming(self, text: str, thinking: str) -> None:
        """Gives the message that is arriving what another transcript of the run has of it already."""
        if self.is_streaming:
            self._list.text, self._list.thinking = text, thinking

    def apply(self, item: Recorded | Delta) -> tuple[Change, ...]:
        """Takes in one event or piece of a stream and tells what changed in `entries`."""
        if isinstance(item, Delta):
            self._on_delta(item)
        else:
            self._on_event(item)
        return self._list.take_changes()

    def _on_delta(self, delta: Delta) -> None:
        match delta.kind:
            case "output":
                self._add_output(delta.call, delta.text)
            case "thinking":
                self._require_stream()
                self._list.thinking += delta.text
            case "text":
                self._require_stream()
                self._list.text += delta.text
            case "setup":
                self._require_stream()
                self._list.add_setup(delta.text)
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
                if (told := begun(event)) and not self.entries:
                    self._note(Note(key, Tone.QUIET, told))
                self._role, self.model = role_title(event.role, event.role_title), event.model
            case MessagePosted():
                self._on_message(key, event)
            case TurnStarted():
                self._turn.begin(time)
                self._last_header = ""
            case TurnResumed():
                self._list.drop_stream()
                if not self._turn_is_fresh:
                    self._note(Note(key, Tone.QUIET, "Studio was closed meanwhile; the turn goes on."))
            case StepStarted():
                self.model = event.model
                self._list.drop_stream()
                self._require_stream()
            case ToolCalled():
                self._list.append_call(call_made(event.call, event.name, event.arguments, event.raw))
            case ToolStarted():
                self._list.change_call(event.call, state=CallState.RUNNING)
            case ToolAnswered():
                self._on_answer(event)
            case AgentHeard():
                self._say(AgentSaid(key, heard_header(event), plain(event.text[:TEXT_CHARACTERS]), ""), "")
            case HandedOff():
                self._say(AgentSaid(key, handed_header(self._role, event), handed_text(event), ""), "")
            case SnapshotTaken():
                self._turn.add(event)
            case CheckpointOpened():
                self._questions.opened(event, time)
            case CheckpointReworded():
                self._questions.reworded(event, time)
            case CheckpointDecided():
                self._note(decided(key, event, self._questions.decided(event, time)))
            case TurnEnded():
                self._list.drop_stream()
                self._list.stop_calls()
                self._note(ending(key, event, time, goes_on=self._turn.goes_on))
                self._list.append(self._turn.footer(key, time, event))
            case SandboxStarted():
                self._list.setup = ""
                if event.weaker:
                    self._note(Note(key, Tone.QUIET, event.weaker))
            case MessageQueued() | QueuedMessageChanged() | MessageUnqueued() | RunSet():
                pass
            case ExperimentJoined():
                part = f"Takes part in the experiment {event.experiment}: {event.variant}."
                self._note(Note(key, Tone.QUIET, plain(part)))
            case GuidanceRead() | ServerStarted() | FailuresTold() | ServicesTold() | EngineLost() | EngineBack():
                pass
            case SandboxSlept() | SandboxWoke() | BriefWritten() | TaskCreated() | TaskCommented() | TaskMoved():
                pass
            case BudgetSet() | BudgetRemoved() | ReservationReleased() | ModelMeasured() | RoutingTableChanged():
                pass
            case NetworkSet() | HostAllowed() | HostRemoved() | ServiceDataForgotten() | IncludesAllowed():
                pass
            case SecretSaved() | SecretRemoved() | ProviderSet() | ProviderRemoved():
                pass
            case UsageRecorded() | SandboxStopped() | ProjectAdded() | ProjectArchived() | ProjectRemoved():
                pass
            case _:
                self._on_noted(key, event)

    def _on_noted(self, key: str, event: Noted) -> None:
        match event:
            case ModelFailed():
                self._list.drop_stream()
                self.model = event.next_model or self.model
            case RunForked() | RunDiscarded():
                self._questions.clear()
            case WorkspacePrepared():
                self._list.setup = ""
            case CancelRequested():
                self._turn.goes_on = bool(event.then)
            case _:
                pass
        for note in notes_of(key, event):
            self._note(note)

    def _on_message(self, key: str, event: MessagePosted) -> None:
        match event.speaker:
            case Speaker.HUMAN:
                self._list.append(human_said(key, event))
            case Speaker.SYSTEM:
                self._note(Note(key, Tone.QUIET, plain(event.text[:TEXT_CHARACTERS])))
            case Speaker.AGENT:
                self._list.drop_stream()
                text, thinking = event.text[:TEXT_CHARACTERS], event.thinking[:TEXT_CHARACTERS]
                if text.strip() or thinking.strip():
                    said = AgentSaid(key, self._header(), plain(text), plain(thinking))
                    self._say(said, self._full_header())

    def _on_answer(self, event: ToolAnswered) -> None:
        added, removed = lines_changed(event.summary)
        self._list.change_call(
            event.call,
            state=CallState.DONE if event.ok else CallState.FAILED,
            summary="" if added is not None else lines(event.summary),
            output=lines(event.text[-OUTPUT_CHARACTERS:]),
            milliseconds=event.milliseconds,
            added=added,
            removed=removed,
            **instead(event),
        )

    def _add_output(self, call: str, text: str) -> None:
        card = self._list.call(call)
        if card is not None:
            self._list.change_call(call, output=(card.output + lines(plain(text)))[-OUTPUT_CHARACTERS:])

    def _header(self) -> str:
        full = self._full_header()
        return "" if full == self._last_header else full

    def _full_header(self) -> str:
        return f"{self._role} · {model_title(self.model)}"

    def _say(self, said: AgentSaid, header: str) -> None:
        """Adds a message; one under the same `header` that follows needs none."""
        self._list.append(said)
        self._last_header = header

    def _note(self, note: Note | None) -> None:
        if note is not None:
            self._list.append(note)

    def _require_stream(self) -> None:
        self._list.begin_stream(self._header())
