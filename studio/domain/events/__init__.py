"""Everything that can have happened: a closed union of flat, immutable facts in past tense.

Fields are strings, numbers, booleans, None, enums, tuples of strings, and plain JSON objects, so that
what is saved today can always be opened later: a field may be added with a default, never renamed.

A file per noun holds the kinds; everybody imports them from here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from studio.domain.events.aids import AidSkipped, GuidanceRead, ServerStarted
from studio.domain.events.board import BriefWritten, TaskCommented, TaskCreated, TaskMoved
from studio.domain.events.calls import CallDenied, ToolAnswered, ToolCalled, ToolStarted
from studio.domain.events.checkpoints import CheckpointDecided, CheckpointOpened, CheckpointReworded
from studio.domain.events.engines import EngineBack, EngineLost
from studio.domain.events.experiments import ExperimentJoined
from studio.domain.events.handing import HandedOff, HandOverRequested
from studio.domain.events.mail import AgentHeard, AgentTold
from studio.domain.events.messages import MessagePosted, MessageQueued, MessageUnqueued, QueuedMessageChanged
from studio.domain.events.models import ModelMeasured
from studio.domain.events.money import BudgetAlerted, BudgetRemoved, BudgetSet, ReservationReleased
from studio.domain.events.network import HostAllowed, HostRemoved, NetworkSet
from studio.domain.events.previews import FailuresTold, PreviewFailed, RunRoused
from studio.domain.events.projects import ProjectAdded, ProjectArchived, ProjectRemoved
from studio.domain.events.providers import ProviderRemoved, ProviderSet
from studio.domain.events.restores import ChatRestored, FilesRestored, RunForked
from studio.domain.events.routing import RoutingTableChanged
from studio.domain.events.rules import RuleAdded, RuleRemoved
from studio.domain.events.runs import BranchMerged, RunDiscarded, RunSet, RunStarted
from studio.domain.events.sandboxes import (
    FilesKept,
    IncludesAllowed,
    SandboxPlanned,
    SandboxSlept,
    SandboxStarted,
    SandboxStopped,
    SandboxWoke,
    WorkspacePrepared,
)
from studio.domain.events.secrets import SecretRemoved, SecretSaved
from studio.domain.events.services import ServiceDataForgotten, ServiceDataKept, ServicesStarted, ServicesTold
from studio.domain.events.snapshots import SnapshotFailed, SnapshotTaken
from studio.domain.events.steps import AgentNudged, ContextCompacted, ModelFailed, StepStarted, UsageRecorded
from studio.domain.events.streams import CONSOLE, PAGE, SANDBOX, SCREENSHOT, WHOLE, Delta
from studio.domain.events.turns import CancelRequested, TurnEnded, TurnResumed, TurnStarted
from studio.domain.ids import ProjectId, RunId

Event = (
    ProjectAdded
    | ProjectArchived
    | ProjectRemoved
    | RunStarted
    | RunSet
    | ExperimentJoined
    | BranchMerged
    | RunDiscarded
    | TurnStarted
    | TurnResumed
    | CancelRequested
    | TurnEnded
    | MessagePosted
    | MessageQueued
    | QueuedMessageChanged
    | MessageUnqueued
    | StepStarted
    | ModelFailed
    | UsageRecorded
    | AgentNudged
    | ContextCompacted
    | ToolCalled
    | CallDenied
    | ToolStarted
    | ToolAnswered
    | CheckpointOpened
    | CheckpointReworded
    | CheckpointDecided
    | RuleAdded
    | RuleRemoved
    | NetworkSet
    | HostAllowed
    | HostRemoved
    | SecretSaved
    | SecretRemoved
    | BudgetSet
    | BudgetRemoved
    | BudgetAlerted
    | ReservationReleased
    | ModelMeasured
    | RoutingTableChanged
    | ProviderSet
    | ProviderRemoved
    | EngineLost
    | EngineBack
    | SandboxPlanned
    | SandboxStarted
    | SandboxStopped
    | SandboxSlept
    | SandboxWoke
    | FilesKept
    | WorkspacePrepared
    | IncludesAllowed
    | GuidanceRead
    | ServerStarted
    | AidSkipped
    | SnapshotTaken
    | SnapshotFailed
    | ChatRestored
    | FilesRestored
    | RunForked
    | HandOverRequested
    | HandedOff
    | BriefWritten
    | TaskCreated
    | TaskCommented
    | TaskMoved
    | AgentTold
    | AgentHeard
    | PreviewFailed
    | FailuresTold
    | RunRoused
    | ServicesStarted
    | ServicesTold
    | ServiceDataKept
    | ServiceDataForgotten
)


@dataclass(frozen=True, slots=True)
class Recorded:
    """A saved event: its number in the log (from 1, without gaps in order), when, and whom it concerns."""

    seq: int
    time: datetime
    project: ProjectId | None
    run: RunId | None
    event: Event


__all__ = [
    "CONSOLE",
    "PAGE",
    "SANDBOX",
    "SCREENSHOT",
    "WHOLE",
    "AgentHeard",
    "AgentNudged",
    "AgentTold",
    "AidSkipped",
    "BranchMerged",
    "BriefWritten",
    "BudgetAlerted",
    "BudgetRemoved",
    "BudgetSet",
    "CallDenied",
    "CancelRequested",
    "ChatRestored",
    "CheckpointDecided",
    "CheckpointOpened",
    "CheckpointReworded",
    "ContextCompacted",
    "Delta",
    "EngineBack",
    "EngineLost",
    "Event",
    "ExperimentJoined",
    "FailuresTold",
    "FilesKept",
    "FilesRestored",
    "GuidanceRead",
    "HandOverRequested",
    "HandedOff",
    "HostAllowed",
    "HostRemoved",
    "IncludesAllowed",
    "MessagePosted",
    "MessageQueued",
    "MessageUnqueued",
    "ModelFailed",
    "ModelMeasured",
    "NetworkSet",
    "PreviewFailed",
    "ProjectAdded",
    "ProjectArchived",
    "ProjectRemoved",
    "ProviderRemoved",
    "ProviderSet",
    "QueuedMessageChanged",
    "Recorded",
    "ReservationReleased",
    "RoutingTableChanged",
    "RuleAdded",
    "RuleRemoved",
    "RunDiscarded",
    "RunForked",
    "RunRoused",
    "RunSet",
    "RunStarted",
    "SandboxPlanned",
    "SandboxSlept",
    "SandboxStarted",
    "SandboxStopped",
    "SandboxWoke",
    "SecretRemoved",
    "SecretSaved",
    "ServerStarted",
    "ServiceDataForgotten",
    "ServiceDataKept",
    "ServicesStarted",
    "ServicesTold",
    "SnapshotFailed",
    "SnapshotTaken",
    "StepStarted",
    "TaskCommented",
    "TaskCreated",
    "TaskMoved",
    "ToolAnswered",
    "ToolCalled",
    "ToolStarted",
    "TurnEnded",
    "TurnResumed",
    "TurnStarted",
    "UsageRecorded",
    "WorkspacePrepared",
]
