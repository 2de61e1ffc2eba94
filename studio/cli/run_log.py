"""A run's log for people: its messages, its tool calls, and which model was asked for what they cost."""

from __future__ import annotations

import json

from studio.base.text import plain, shorten, shown
from studio.cli import model_words, output
from studio.cli.handed import show_handed
from studio.domain.events import (
    AgentHeard,
    AgentNudged,
    AidSkipped,
    ChatRestored,
    FailuresTold,
    FilesKept,
    FilesRestored,
    HandedOff,
    HandOverRequested,
    MessagePosted,
    ModelFailed,
    Recorded,
    RunForked,
    RunRoused,
    RunStarted,
    SandboxPlanned,
    ServicesTold,
    ToolAnswered,
    ToolCalled,
    TurnEnded,
    UsageRecorded,
    WorkspacePrepared,
)
from studio.domain.kept_files import kept_beside
from studio.domain.parked import parked
from studio.domain.preparations import planned, prepared
from studio.domain.restores import restored
from studio.domain.runs import Outcome
from studio.domain.skills import left_out
from studio.domain.takeovers import begun


def tell(item: Recorded, first: Recorded) -> None:
    """Says what happened, where it is of interest to people; `first` is the first event of the run."""
    match item.event:
        case RunStarted() as began if begun(began) and item is first:
            output.say(f"[system] {begun(began)}\n")
        case MessagePosted() as said if said.text:
            output.say(f"[{said.speaker.value}] {plain(said.text)}\n")
        case ToolCalled() as called:
            output.say(f"→ {shown(called.name)} {output.one_line(_sent(called))}")
        case ToolAnswered() as answered:
            output.say(f"{'✓' if answered.ok else '✗'} {shorten(plain(answered.text), 4000)}\n")
        case UsageRecorded() as spent:
            output.say(f"· {model_words.used(spent)}\n")
        case ModelFailed() as failed:
            output.say(f"✗ {model_words.failed_and_used(failed)}\n")
        case AgentHeard() | FailuresTold() | RunRoused() | ServicesTold() as heard:
            output.say(f"{plain(heard.told)}\n")
        case SandboxPlanned() as made:
            output.say(f"[system] {plain(planned(made))}\n")
        case FilesKept() as both:
            output.say(f"[system] {kept_beside(both)}\n")
        case WorkspacePrepared() as ready:
            output.say(f"[system] {plain(prepared(ready))}\n")
        case AgentNudged() | HandOverRequested() as told:
            output.say(f"[system] {plain(told.text)}\n")
        case HandedOff() as handed:
            show_handed(handed)
        case AidSkipped() as skipped:
            output.say(f"[system] {plain(left_out(skipped))}\n")
        case TurnEnded(outcome=Outcome.PARKED) as ended:
            output.say(f"[system] {plain(parked(ended, item.time))}\n")
        case ChatRestored() | FilesRestored() | RunForked() as back:
            output.say(f"[system] {restored(back)}\n")
        case _:
            pass


def _sent(called: ToolCalled) -> str:
    return json.dumps(called.arguments, ensure_ascii=False) if called.arguments else called.raw
