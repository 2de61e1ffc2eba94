"""Everything that can have happened: a closed union of flat, immutable facts in past tense.

Fields are strings, numbers, booleans, None, enums, tuples of strings, and plain JSON objects, so that
what is saved today can always be opened later: a field may be added with a default, never renamed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from studio.domain.ids import ProjectId, RunId
from studio.domain.messages import FinishReason, Speaker
from studio.domain.runs import Outcome


@dataclass(frozen=True, slots=True)
class ProjectAdded:
    """A repository was added as a project."""

    kind: ClassVar[str] = "project_added"
    name: str
    path: str


@dataclass(frozen=True, slots=True)
class ProjectArchived:
    """A project was put away; nothing of it was deleted."""

    kind: ClassVar[str] = "project_archived"
    name: str


@dataclass(frozen=True, slots=True)
class ProjectRemoved:
    """Studio forgot a project and deleted its own copies; the checkout stayed as it was."""

    kind: ClassVar[str] = "project_removed"
    name: str


@dataclass(frozen=True, slots=True)
class RunStarted:
    """A run was made: its branch is `branch`, starting at `base_commit` of `base_branch`."""

    kind: ClassVar[str] = "run_started"
    title: str
    role: str
    model: str
    base_branch: str
    base_commit: str
    branch: str
    approval: str
    fallbacks: tuple[str, ...] = ()
    max_steps: int | None = None
    max_seconds: float | None = None
    max_cost_nusd: int | None = None
    role_title: str = ""


@dataclass(frozen=True, slots=True)
class MessagePosted:
    """Somebody said something; an agent's message may be empty when it only called tools.

    `step` is 0 for messages that no step made. `opaque` is the provider's own data of an agent message. Each of
    `images` names one that the message holds, as `domain.images.Image` reads it; `references` are what a person
    refers to in it (`file:cart.py`), and what that was when they sent it.
    """

    kind: ClassVar[str] = "message_posted"
    speaker: Speaker
    text: str
    turn: str = ""
    step: int = 0
    thinking: str = ""
    opaque: dict[str, Any] = field(default_factory=dict)
    images: tuple[str, ...] = ()
    references: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TurnStarted:
    """An agent was set to work on the newest message or decision."""

    kind: ClassVar[str] = "turn_started"
    turn: str


@dataclass(frozen=True, slots=True)
class TurnResumed:
    """A turn that a dead process left was taken up again."""

    kind: ClassVar[str] = "turn_resumed"
    turn: str


@dataclass(frozen=True, slots=True)
class SandboxStarted:
    """A container came up for the run."""

    kind: ClassVar[str] = "sandbox_started"
    container: str
    image: str
    milliseconds: float = 0.0


@dataclass(frozen=True, slots=True)
class SandboxStopped:
    """The run's container is gone."""

    kind: ClassVar[str] = "sandbox_stopped"
    container: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class StepStarted:
    """A model is about to be asked.

    `context` says what fills what it is shown, in tokens as Studio estimates them: rules, role, goal, plan, notes,
    conversation and outputs. `window` is how many tokens the model takes at most.
    """

    kind: ClassVar[str] = "step_started"
    turn: str
    step: int
    model: str
    context: dict[str, int] = field(default_factory=dict)
    window: int = 0


@dataclass(frozen=True, slots=True)
class ModelFailed:
    """One try at a model failed; `retry_in` is seconds until the next try, None when there is none.

    `next_model` names the model that is tried next when the route moves on. What the try used counts like
    that of a completed call; `cost_nusd` is None when the model has no known price.
    """

    kind: ClassVar[str] = "model_failed"
    turn: str
    step: int
    model: str
    fault: str
    reason: str
    retry_in: float | None = None
    next_model: str = ""
    role: str = ""
    input: int = 0
    output: int = 0
    cache_read: int = 0
    cache_write: int = 0
    cost_nusd: int | None = 0
    milliseconds: float = 0.0


@dataclass(frozen=True, slots=True)
class UsageRecorded:
    """What one completed model call used; `cost_nusd` is None when the model has no known price."""

    kind: ClassVar[str] = "usage_recorded"
    turn: str
    step: int
    model: str
    role: str
    input: int
    output: int
    cache_read: int = 0
    cache_write: int = 0
    cost_nusd: int | None = None
    milliseconds: float = 0.0
    finish: FinishReason = FinishReason.STOP


@dataclass(frozen=True, slots=True)
class ToolCalled:
    """The model asked for a tool. `arguments` is None when its JSON could not be read; `raw` then holds it.

    `left_out` counts the characters of a JSON that was too long to be read; `raw` is its beginning then.
    """

    kind: ClassVar[str] = "tool_called"
    turn: str
    step: int
    call: str
    name: str
    arguments: dict[str, Any] | None = None
    raw: str = ""
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class ToolStarted:
    """The gate let a call through and it is being run: from here on its outcome is unknown until answered.

    `rules` are those of a person that let it through without a question.
    """

    kind: ClassVar[str] = "tool_started"
    call: str
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ToolAnswered:
    """A call got its one result; `text` is what the model reads, `images` what it sees, `summary` a line for people."""

    kind: ClassVar[str] = "tool_answered"
    call: str
    name: str
    ok: bool
    text: str
    summary: str = ""
    milliseconds: float = 0.0
    images: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AgentNudged:
    """The agent repeated itself and was told so: `text` is what it reads, `reason` what it repeated, for people."""

    kind: ClassVar[str] = "agent_nudged"
    turn: str
    step: int
    pattern: str
    reason: str
    text: str


@dataclass(frozen=True, slots=True)
class ContextCompacted:
    """The run's first `messages` messages are told to the model in one line each from here on.

    `steps` of them were not told so before. Tokens are estimates of what the model is shown with and without.
    """

    kind: ClassVar[str] = "context_compacted"
    turn: str
    step: int
    messages: int
    steps: int
    tokens_before: int
    tokens_after: int


@dataclass(frozen=True, slots=True)
class GuidanceRead:
    """A file in which the project guides its agents (AGENTS.md) was read for the agent, for the first time or changed.

    An empty `text` says that it is gone.
    """

    kind: ClassVar[str] = "guidance_read"
    turn: str
    path: str
    text: str


@dataclass(frozen=True, slots=True)
class SnapshotTaken:
    """Changed files were committed on the run's branch and brought into the project's private repository.

    `files` names the first ones, `left_out` counts those beyond.
    """

    kind: ClassVar[str] = "snapshot_taken"
    turn: str
    step: int
    commit: str
    parent: str
    files: tuple[str, ...] = ()
    milliseconds: float = 0.0
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class SnapshotFailed:
    """Changed files could not be brought home; they still lie in the workspace."""

    kind: ClassVar[str] = "snapshot_failed"
    turn: str
    step: int
    reason: str


@dataclass(frozen=True, slots=True)
class CheckpointOpened:
    """A person is asked; `checkpoint_kind` is `approval` or `choice`, `command_class` what a command does.

    `kinds` is what a rule would let through that is made of an approval; `denied_before` what was denied in this run
    and is like this; `why` what the agent said when it asked.
    """

    kind: ClassVar[str] = "checkpoint_opened"
    checkpoint: str
    checkpoint_kind: str
    call: str
    title: str
    act: str
    options: tuple[str, ...] = ()
    command_class: str = ""
    kinds: tuple[str, ...] = ()
    denied_before: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class CheckpointDecided:
    """A person answered; `state` is approved, denied, answered or void."""

    kind: ClassVar[str] = "checkpoint_decided"
    checkpoint: str
    call: str
    state: str
    answer: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True)
class CancelRequested:
    """A person asked the run to stop; `then` names the turn of a queued message that is to begin at once after it."""

    kind: ClassVar[str] = "cancel_requested"
    turn: str = ""
    then: str = ""


@dataclass(frozen=True, slots=True)
class TurnEnded:
    """The agent stopped; `reason` is one sentence, `action` what to do next (both empty when it replied)."""

    kind: ClassVar[str] = "turn_ended"
    turn: str
    outcome: Outcome
    steps: int
    branch: str
    snapshot: str = ""
    reason: str = ""
    action: str = ""
    checkpoint: str = ""
    input: int = 0
    output: int = 0
    cache_read: int = 0
    cache_write: int = 0
    cost_nusd: int | None = None


@dataclass(frozen=True, slots=True)
class HandOverRequested:
    """The agent stopped without handing over what its role must; `text` is what it was told about that."""

    kind: ClassVar[str] = "hand_over_requested"
    turn: str
    step: int
    text: str


@dataclass(frozen=True, slots=True)
class HandedOff:
    """The agent gave over its result, by the fields that its role's file names; `to` is the role that is to go on."""

    kind: ClassVar[str] = "handed_off"
    turn: str
    call: str
    role: str
    result: dict[str, Any] = field(default_factory=dict)
    to: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class TaskCreated:
    """A task was put on the project's board; `by` is the role of the agent, or the developer, who wrote it."""

    kind: ClassVar[str] = "task_created"
    task: str
    title: str
    by: str
    text: str = ""
    checks: tuple[str, ...] = ()
    role: str = ""
    priority: str = "normal"
    depends: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TaskCommented:
    """Somebody said something about a task."""

    kind: ClassVar[str] = "task_commented"
    task: str
    by: str
    text: str


@dataclass(frozen=True, slots=True)
class TaskMoved:
    """A task went from one state to another."""

    kind: ClassVar[str] = "task_moved"
    task: str
    state: str
    was: str
    by: str


@dataclass(frozen=True, slots=True)
class AgentTold:
    """The run's agent sent a message to another run, or to a role; `undeliverable` says why nobody can get it."""

    kind: ClassVar[str] = "agent_told"
    message: str
    message_kind: str
    from_role: str
    text: str
    to_role: str = ""
    to_run: str = ""
    priority: str = "normal"
    answers: str = ""
    undeliverable: str = ""


@dataclass(frozen=True, slots=True)
class AgentHeard:
    """The run's agent read a message of another; `text` is what was written, `told` how it was put before this one."""

    kind: ClassVar[str] = "agent_heard"
    message: str
    message_kind: str
    from_role: str
    from_run: str
    text: str
    told: str


@dataclass(frozen=True, slots=True)
class BranchMerged:
    """A run's branch was joined into a branch of the person's repository."""

    kind: ClassVar[str] = "branch_merged"
    branch: str
    into: str
    commit: str
    previous: str


@dataclass(frozen=True, slots=True)
class RunDiscarded:
    """A run was put away; its snapshots stay reachable in the project's private repository."""

    kind: ClassVar[str] = "run_discarded"
    branch: str


@dataclass(frozen=True, slots=True)
class ChatRestored:
    """The chat is again as it was right after event `until`: what followed is out of what the agent is shown.

    All of it stays in the log, and what it took stays spent. `restore` names the act, `number` counts the run's
    turns from 1: the point lies before or after that one. `undoes` is the act that this one takes back.
    """

    kind: ClassVar[str] = "chat_restored"
    restore: str
    until: int
    turn: str = ""
    number: int = 0
    before: bool = False
    undoes: str = ""


@dataclass(frozen=True, slots=True)
class FilesRestored:
    """The files of a run are again those of the commit `target`: `commit` has its tree and follows `parent`.

    `restore` names the act, `number` the turn before or after which they were so, as in `ChatRestored`. `files` names
    the first ones that changed, `left_out` counts those beyond. What no snapshot held and stood in the way is in the
    commit `kept`, `kept_files` names the first of it.
    """

    kind: ClassVar[str] = "files_restored"
    restore: str
    target: str
    commit: str
    parent: str
    turn: str = ""
    number: int = 0
    before: bool = False
    undoes: str = ""
    files: tuple[str, ...] = ()
    left_out: int = 0
    kept: str = ""
    kept_files: tuple[str, ...] = ()
    milliseconds: float = 0.0


@dataclass(frozen=True, slots=True)
class RunForked:
    """The run goes on from a point of the run `source`: its log begins with that one's up to event `until`.

    `number` and `before` say at which turn of the source that is, as in `ChatRestored`.
    """

    kind: ClassVar[str] = "run_forked"
    source: str
    until: int
    turn: str = ""
    number: int = 0
    before: bool = False


@dataclass(frozen=True, slots=True)
class AidSkipped:
    """Something the project offers its agents cannot be used and was left out; the turn went on.

    `aid` is `skill` or `server` (of MCP), `name` its name.
    """

    kind: ClassVar[str] = "aid_skipped"
    turn: str
    aid: str
    name: str
    reason: str
    action: str = ""


@dataclass(frozen=True, slots=True)
class RuleAdded:
    """A person lets a kind of commands through without a question, or forbids it, in a project or in one run.

    `effect` is `allow` or `deny`; `covers` says in short what, `checkpoint` names the question it came from.
    """

    kind: ClassVar[str] = "rule_added"
    rule: str
    scope: str
    effect: str
    covers: str
    checkpoint: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True)
class RuleRemoved:
    """A person took a rule back."""

    kind: ClassVar[str] = "rule_removed"
    rule: str
    effect: str
    covers: str
    by: str = ""


@dataclass(frozen=True, slots=True)
class CallDenied:
    """A rule forbade a call and nobody was asked; `whose` is `role` or `project`, `covers` what the rule forbids."""

    kind: ClassVar[str] = "call_denied"
    call: str
    whose: str
    covers: str
    act: str = ""


@dataclass(frozen=True, slots=True)
class MessageQueued:
    """A person wrote a message that is sent once the agent has stopped; `turn` names the turn it will begin.

    A `first` one goes before all others. `model` and `approval` are what the run is set to with it, empty for as it is.
    """

    kind: ClassVar[str] = "message_queued"
    turn: str
    text: str
    model: str = ""
    approval: str = ""
    first: bool = False
    images: tuple[str, ...] = ()
    references: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class QueuedMessageChanged:
    """A person changed the text of a message that waits."""

    kind: ClassVar[str] = "queued_message_changed"
    turn: str
    text: str
    references: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MessageUnqueued:
    """A message left the queue: it was `sent`, beginning its turn, or a person took it back."""

    kind: ClassVar[str] = "message_unqueued"
    turn: str
    sent: bool


@dataclass(frozen=True, slots=True)
class ServerStarted:
    """An MCP server came up in the run's sandbox; `tools` are what agents call, `left_out` counts those beyond."""

    kind: ClassVar[str] = "server_started"
    turn: str
    name: str
    tools: tuple[str, ...] = ()
    left_out: int = 0
    milliseconds: float = 0.0


@dataclass(frozen=True, slots=True)
class RunSet:
    """With a message a person set the run to another model, approval mode, or other limits; all of it as it is now."""

    kind: ClassVar[str] = "run_set"
    model: str
    approval: str
    fallbacks: tuple[str, ...] = ()
    max_steps: int | None = None
    max_seconds: float | None = None
    max_cost_nusd: int | None = None


Event = (
    ProjectAdded
    | ProjectArchived
    | ProjectRemoved
    | RunStarted
    | MessagePosted
    | TurnStarted
    | TurnResumed
    | SandboxStarted
    | SandboxStopped
    | StepStarted
    | ModelFailed
    | UsageRecorded
    | ToolCalled
    | ToolStarted
    | ToolAnswered
    | AgentNudged
    | SnapshotTaken
    | SnapshotFailed
    | CheckpointOpened
    | CheckpointDecided
    | CancelRequested
    | TurnEnded
    | BranchMerged
    | RunDiscarded
    | AidSkipped
    | ServerStarted
    | ChatRestored
    | FilesRestored
    | RunForked
    | HandOverRequested
    | HandedOff
    | RuleAdded
    | RuleRemoved
    | CallDenied
    | ContextCompacted
    | GuidanceRead
    | MessageQueued
    | QueuedMessageChanged
    | MessageUnqueued
    | RunSet
    | TaskCreated
    | TaskCommented
    | TaskMoved
    | AgentTold
    | AgentHeard
)


@dataclass(frozen=True, slots=True)
class Recorded:
    """A saved event: its number in the log (from 1, without gaps in order), when, and whom it concerns."""

    seq: int
    time: datetime
    project: ProjectId | None
    run: RunId | None
    event: Event


SCREENSHOT = "screenshot"
"""The kind of delta that asks whoever shows the run's preview for a picture of it."""


@dataclass(frozen=True, slots=True)
class Delta:
    """A transient piece of a stream: shown, never recorded.

    `kind` is `text` or `thinking` (a model speaking), `output` (a command's output, `call` names the call) or `setup`
    (the sandbox's image being made). `SCREENSHOT` is a request and no piece of anything: `call` names the request.
    """

    project: ProjectId
    run: RunId
    kind: str
    text: str
    call: str = ""
