"""Words of the activity list: every kind of event as one short sentence."""

from __future__ import annotations

from collections.abc import Sequence

from studio.base.text import plain, shorten
from studio.domain.events import (
    AgentHeard,
    AgentNudged,
    AgentTold,
    AidSkipped,
    BranchMerged,
    BriefWritten,
    ChatRestored,
    CheckpointDecided,
    CheckpointOpened,
    CheckpointReworded,
    EngineBack,
    EngineLost,
    Event,
    ExperimentJoined,
    FailuresTold,
    FilesKept,
    FilesRestored,
    HandedOff,
    HostAllowed,
    HostRemoved,
    MessagePosted,
    ModelFailed,
    ModelMeasured,
    NetworkSet,
    PreviewFailed,
    ProjectAdded,
    ProjectArchived,
    ProjectRemoved,
    ProviderRemoved,
    ProviderSet,
    RoutingTableChanged,
    RunForked,
    RunRoused,
    RunStarted,
    SandboxPlanned,
    SandboxSlept,
    SandboxStarted,
    SandboxStopped,
    SandboxWoke,
    SecretRemoved,
    SecretSaved,
    ServerStarted,
    ServiceDataKept,
    ServicesStarted,
    ServicesTold,
    SnapshotFailed,
    SnapshotTaken,
    StepStarted,
    TaskCommented,
    TaskCreated,
    TaskMoved,
    ToolAnswered,
    ToolCalled,
    TurnEnded,
    UsageRecorded,
    WorkspacePrepared,
)
from studio.domain.failures import in_a_line
from studio.domain.kept_files import kept_beside
from studio.domain.mail import AgentMessage, MessageState
from studio.domain.money import NanoUsd, show, show_saved
from studio.domain.preparations import planned, prepared
from studio.domain.restores import restored
from studio.domain.servers import brings
from studio.domain.skills import left_out

CHARACTERS = 200


LOST_LINES = 4
_LOST = {
    MessageState.UNDELIVERABLE: "Nobody can get this",
    MessageState.NO_AGENT_YET: "Nobody is there yet for this",
}


def lost_messages(messages: Sequence[AgentMessage]) -> str:
    """What nobody can get, or nobody yet, a line for each message, the newest first; empty when there is none."""
    lost = [message for message in reversed(messages) if message.state in _LOST]
    lines = [
        shorten(
            " ".join(
                plain(
                    f"{_LOST[message.state]} {message.kind.value} from {message.from_role} to "
                    f"{message.to_run or message.to_role}: {message.reason} “{message.text}”"
                ).split()
            ),
            CHARACTERS,
        )
        for message in lost[:LOST_LINES]
    ]
    if len(lost) > LOST_LINES:
        lines.append(f"… and {len(lost) - LOST_LINES} more: studio messages")
    return "\n".join(lines)


def sentence(event: Event) -> str:
    """What happened, on one line, with nothing hidden in it."""
    return shorten(" ".join(plain(_said(event)).split()), CHARACTERS)


def _said(event: Event) -> str:
    match event:
        case ProjectAdded() | ProjectArchived() | ProjectRemoved() | SecretSaved() | SecretRemoved():
            return event.name
        case ProviderSet() | ProviderRemoved():
            return event.name
        case RunStarted():
            return f"{event.role_title or event.role} · {event.model} · {event.title}"
        case ExperimentJoined():
            return f"{event.experiment}: {event.variant} · {event.model}"
        case MessagePosted():
            return f"{event.speaker.value}: {event.text}"
        case StepStarted():
            return f"step {event.step} · {event.model}"
        case ToolCalled():
            return f"{event.name} {event.raw if event.arguments is None else event.arguments}"
        case ToolAnswered():
            return f"{event.name} {'ok' if event.ok else 'failed'} · {event.summary} · {event.milliseconds:.0f} ms"
        case RoutingTableChanged():
            return f"{event.field} · {event.value or 'as usual'}"
        case ModelMeasured():
            found = f"{event.context_tokens:,} tokens of context · calls tools: {event.form}"
            return f"{event.model} · {found} · {event.tokens_per_second:g} tokens a second"
        case ModelFailed():
            return f"{event.model}: {event.reason}"
        case UsageRecorded():
            cost = show(None if event.cost_nusd is None else NanoUsd(event.cost_nusd))
            if event.cached:
                return f"{event.model} · an answer that was given before · {show_saved(event.saved_nusd) or cost}"
            return f"{event.model} · {event.input} in, {event.output} out · {cost}"
        case SandboxStopped():
            return f"{event.container[:12]} · {event.reason}"
        case SandboxWoke():
            return f"{event.container[:12]} · in {event.milliseconds:.0f} ms"
        case SandboxStarted() | SandboxSlept():
            return event.container[:12]
        case SnapshotTaken():
            more = f" and {event.left_out} more" if event.left_out else ""
            return f"{event.commit[:10]} · {', '.join(event.files)}{more}"
        case ServerStarted():
            return brings(event)
        case AidSkipped():
            return left_out(event)
        case EngineBack():
            return f"after {event.seconds:.0f} s" if event.seconds else ""
        case SnapshotFailed() | AgentNudged() | EngineLost():
            return event.reason
        case CheckpointOpened():
            return f"{event.title} {event.act}"
        case CheckpointReworded():
            return event.title
        case CheckpointDecided():
            return f"{event.state} {event.answer}"
        case TurnEnded():
            return f"{event.outcome.words} after {event.steps} step{'' if event.steps == 1 else 's'}. {event.reason}"
        case AgentTold():
            lost = f" · not delivered: {event.undeliverable}" if event.undeliverable else ""
            return f"{event.message_kind} to {event.to_run or event.to_role}: {event.text}{lost}"
        case SandboxPlanned():
            return planned(event)
        case WorkspacePrepared():
            return prepared(event)
        case PreviewFailed():
            return in_a_line(event)
        case FilesKept():
            return kept_beside(event)
        case ServicesStarted():
            return " ".join(event.services)
        case ServiceDataKept():
            return ", ".join(event.names)
        case ServicesTold():
            return "to its agent"
        case FailuresTold() | RunRoused():
            return f"{event.failures} of the preview"
        case AgentHeard():
            return f"{event.message_kind} from {event.from_role} {event.from_run}: {event.text}"
        case BriefWritten():
            return event.title
        case TaskCreated():
            return f"{event.by}: {event.title}"
        case TaskCommented():
            return f"{event.by} on {event.task}: {event.text}"
        case TaskMoved():
            return f"{event.task} from {event.was} to {event.state}"
        case HandedOff():
            return f"{f'to {event.to} · ' if event.to else ''}{', '.join(event.result)}"
        case ChatRestored() | FilesRestored() | RunForked():
            return restored(event)
        case NetworkSet():
            return f"{event.mode}{'' if event.packages else ', without the hosts of package clients'}"
        case HostAllowed() | HostRemoved():
            return f"{event.host}:{event.port}{', for images alone' if event.images else ''}"
        case BranchMerged():
            return f"{event.branch} into {event.into}"
        case _:
            return ""
