"""History: what a run's log says, kept up to date event by event."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from studio.agents.conversation import Conversation
from studio.agents.denials import Denials
from studio.agents.digest import rules_gone, rules_told
from studio.agents.origin import Origin
from studio.agents.parkings import Parkings
from studio.agents.said import Filled, Said, images_of
from studio.agents.sizes import Sizes
from studio.agents.spent import Spent
from studio.agents.telling import ALWAYS, SAVED_AGAIN, UNSAVED
from studio.domain.checkpoints import CheckpointState
from studio.domain.events import (
    AgentHeard,
    AgentNudged,
    CancelRequested,
    ChatRestored,
    CheckpointDecided,
    ContextCompacted,
    Event,
    ExperimentJoined,
    FailuresTold,
    FilesRestored,
    GuidanceRead,
    HandOverRequested,
    MessagePosted,
    ModelFailed,
    Recorded,
    RunForked,
    RunRoused,
    RunStarted,
    ServicesTold,
    SnapshotFailed,
    SnapshotTaken,
    StepStarted,
    ToolAnswered,
    ToolCalled,
    ToolStarted,
    TurnEnded,
    TurnStarted,
    UsageRecorded,
)
from studio.domain.ids import CallId
from studio.domain.messages import ChatMessage, FinishReason, Speaker, ToolAnswer, ToolCall
from studio.domain.usage import Usage

HAND_OFF = "hand_off"
FILES_MOVED = (
    "[Studio: the person put the chat or the files back to an earlier point. The files in your workspace are not as "
    "this chat left them; read them again before you change them.]"
)


@dataclass(slots=True)
class History:
    """The state of a run as far as a turn needs it; nothing here is a fact of its own.

    `in_turn` counts the turn that is going on, `since_message` all turns since a person's newest message:
    the one that it began and those that decisions began after it. `acted` tells whether the turn that is
    going on has done anything yet, `stopped` whether a person wants it to end. `decisions` are what people
    answered, by call (also that they did not). `cut` holds the last call of each reply that was ended before
    its model was done: it may be half of what was meant, also where it can be read. From the message at
    `unchanged_from` on, neither files nor what the agent was told by anybody have changed; `nudged` tells
    whether it was told since a person's newest message that it repeats itself, `reminded` that it has something
    to hand over, `called` whether it used a tool since then, `changed` whether files were other ones after that.
    `denials` is what was denied in the run, `origin` what its files began with. `paused` tells that the model wants to
    go on though its newest message asks for nothing, `unsaved` that the newest changes could not be brought home.
    `guidance` holds the project's AGENTS.md files as the agent knows them, `sizes` what providers said of how long a
    context is. `prompt`, if any, is told in place of the role's. `replied` names the model of the newest reply.
    """

    said: list[Said] = field(default_factory=list)
    started: set[str] = field(default_factory=set)
    decisions: dict[str, CheckpointDecided] = field(default_factory=dict)
    cut: set[str] = field(default_factory=set)
    in_turn: Spent = field(default_factory=Spent)
    since_message: Spent = field(default_factory=Spent)
    message_time: datetime | None = None
    total_steps: int = 0
    snapshot: str = ""
    prompt: str = ""
    replied: str = ""
    acted: bool = False
    stopped: bool = False
    unchanged_from: int = 0
    nudged: bool = False
    reminded: bool = False
    called: bool = False
    changed: bool = False
    denials: Denials = field(default_factory=Denials)
    origin: Origin = field(default_factory=Origin)
    parkings: Parkings = field(default_factory=Parkings)
    _files: str = field(default="", init=False)
    _files_told: str = field(default="", init=False)
    paused: bool = False
    unsaved: bool = False
    sizes: Sizes = field(default_factory=Sizes)
    guidance: dict[str, str] = field(default_factory=dict)
    conversation: Conversation = field(default_factory=Conversation)
    _open: dict[str, ToolCall] = field(default_factory=dict, init=False)
    _turn: str = field(default="", init=False)
    _turn_began: datetime | None = field(default=None, init=False)
    _seconds_before: float = field(default=0.0, init=False)
    _told_of: dict[str, int] = field(default_factory=dict, init=False)

    def apply(self, recorded: Recorded, *, left_out: bool = False) -> None:
        """Takes in one event of this run; events must come in the order of their numbers.

        One that a restore left out of the chat is not said or done any more, but what it took is spent, and the
        files are as it left them.
        """
        event: Event = recorded.event
        self.denials.apply(recorded)
        self.origin.apply(event)
        if left_out:
            self._apply_left_out(event)
            return
        self.sizes.apply(recorded)
        self.parkings.apply(recorded)
        match event:
            case TurnStarted():
                self._turn, self._turn_began, self.in_turn = event.turn, recorded.time, Spent()
                self.acted = self.stopped = False
            case TurnEnded():
                self._seconds_before = self.seconds_worked(recorded.time)
                self._turn_began = None
            case RunStarted() if not self._files:
                self._files = self._files_told = event.first_commit
            case ExperimentJoined():
                self.prompt = event.prompt
            case MessagePosted():
                self.said.append(Said(event))
                if event.speaker is Speaker.HUMAN:
                    if self._files_told != self._files:
                        self.said[-1].notice, self._files_told = FILES_MOVED, self._files
                    self.since_message, self._seconds_before = Spent(), 0.0
                    self.message_time = recorded.time
                    self.unchanged_from, self.nudged = len(self.said), False
                    self.reminded = self.called = self.changed = False
            case StepStarted():
                self.acted = True
                self.total_steps = max(self.total_steps, event.step)
            case ToolCalled():
                call = ToolCall(CallId(event.call), event.name, event.arguments, event.raw, event.left_out)
                self.said[-1].calls.append(call)
                self._open[call.id] = call
                self.called = True
            case ToolStarted():
                self.acted = True
                self.started.add(event.call)
            case ToolAnswered():
                self.acted = True
                answer = ToolAnswer(CallId(event.call), event.ok, event.text, images_of(event))
                said = self._asked_by(event.call)
                said.answers[event.call], said.summaries[event.call] = answer, event.summary
                self._open.pop(event.call, None)
            case CheckpointDecided() if event.call:
                self.decisions[event.call] = event
            case UsageRecorded():
                for spent in (self.in_turn, self.since_message):
                    spent.steps += 1
                    spent.add(_usage(event), event.cost_nusd, event.saved_nusd)
                self.paused, self.replied = event.finish is FinishReason.PAUSED, event.model
                if event.finish in (FinishReason.LENGTH, FinishReason.FILTERED) and self.said[-1].calls:
                    self.cut.add(self.said[-1].calls[-1].id)
            case CancelRequested():
                self.stopped = event.turn == self._turn
            case ModelFailed():
                for spent in (self.in_turn, self.since_message):
                    spent.add(_usage(event), event.cost_nusd)
            case SnapshotTaken():
                if self._files_told == self._files:
                    self._files_told = event.commit
                self.snapshot = self._files = event.commit
                self.unchanged_from = len(self.said)
                # What a person changed by hand is found as a turn begins, before the agent does anything.
                self.changed = self.changed or self.called
                if self.unsaved and self.said:
                    self.said[-1].tell(SAVED_AGAIN)
                self.unsaved = False
            case FilesRestored():
                self.snapshot, self._files = event.commit, event.target
                self.nudged, self.unchanged_from = False, len(self.said)
            case SnapshotFailed():
                if self.said:
                    self.said[-1].tell(UNSAVED.format(reason=event.reason))
                self.unsaved = True
            case GuidanceRead():
                self._learn(event)
            case ContextCompacted():
                self.conversation = self.compacted(event.messages)
            case AgentHeard() | FailuresTold() | RunRoused() | ServicesTold():
                self.said[-1].tell(event.told)
                self.unchanged_from = len(self.said)
            case HandOverRequested():
                self.said[-1].tell(event.text)
                self.reminded = True
            case AgentNudged():
                self.said[-1].tell(event.text)
                self.unchanged_from, self.nudged = len(self.said), True
            case ChatRestored() | RunForked():
                self._withdraw()
            case _:
                pass

    def _apply_left_out(self, event: Event) -> None:
        match event:
            case StepStarted():
                self.total_steps = max(self.total_steps, event.step)
            case SnapshotTaken():
                self.snapshot = self._files = event.commit
            case FilesRestored():
                self.snapshot, self._files = event.commit, event.target
            case UsageRecorded() | ModelFailed():
                self.since_message.steps += isinstance(event, UsageRecorded)
                self.since_message.add(_usage(event), event.cost_nusd)
            case _:
                pass

    def _withdraw(self) -> None:
        """Whatever was asked for at the point that the chat went back to was decided after it, or by nobody."""
        self.nudged, self.unchanged_from = False, len(self.said)
        for call in self._open.values():
            if call.id not in self.started:
                void = CheckpointState.VOID.value
                self.decisions[call.id] = CheckpointDecided("", call.id, void)

    def seconds_worked(self, now: datetime) -> float:
        """How long turns have worked since a person's newest message; what they waited for people is left out.

        The turn that is going on counts from its first start, also over a restart of Studio.
        """
        going_on = (now - self._turn_began).total_seconds() if self._turn_began is not None else 0.0
        return self._seconds_before + going_on

    def is_first_try(self) -> bool:
        """Whether a person has just asked for something, and no model was asked for it yet."""
        return not self.since_message.steps and not self.parkings.times

    def open_calls(self) -> tuple[ToolCall, ...]:
        """Calls that have no answer yet, oldest first."""
        return tuple(self._open.values())

    def answer_to(self, call: str) -> str | None:
        """What the model was answered to a call, None while it was not."""
        found = next((said.answers[call] for said in reversed(self.said) if call in said.answers), None)
        return None if found is None else found.text

    def agent_has_replied(self) -> bool:
        """Whether the newest message is an agent's that asked for nothing more."""
        if not self.said:
            return False
        newest = self.said[-1]
        return newest.message.speaker is Speaker.AGENT and not newest.calls and not newest.note and not self.paused

    def handed_over(self) -> ToolCall | None:
        """The call by which the agent handed its result over in its newest message, if it did."""
        newest = self.said[-1:]
        done = (call for said in newest for call in said.calls if call.name == HAND_OFF and said.answers[call.id].ok)
        return next(done, None)

    def messages(self) -> tuple[ChatMessage, ...]:
        """The conversation in the form sent to a model; every call must have been answered."""
        return self.conversation.messages(self.said)

    def compacted(self, messages: int) -> Conversation:
        """The conversation with this many of its first messages told in one line each."""
        first = min(messages, len(self.said))
        told = {path: self.guidance[path] for path, at in self._told_of.items() if at < first and self.guidance[path]}
        return Conversation.compacted(self.said, first, told)

    def filled(self) -> Filled:
        """How many tokens the conversation takes by our estimate, by what they are there for."""
        return self.conversation.filled(self.said)

    def _learn(self, read: GuidanceRead) -> None:
        self.guidance[read.path] = read.text
        # These stand before the conversation, not within it.
        if read.path in ALWAYS or not self.said:
            return
        text = rules_told(read.path, read.text) if read.text else rules_gone(read.path)
        self.said[-1].tell(text)
        self.said[-1].rules += len(text)
        self._told_of[read.path] = len(self.said) - 1

    def _asked_by(self, call: str) -> Said:
        for said in reversed(self.said):
            if any(asked.id == call for asked in said.calls):
                return said
        raise KeyError(call)


def _usage(event: UsageRecorded | ModelFailed) -> Usage:
    return Usage(event.input, event.output, event.cache_read, event.cache_write, event.cache_write_1h)
