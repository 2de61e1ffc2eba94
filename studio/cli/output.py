"""Output: JSON documents and lines for programs, plain lines for people."""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from textwrap import wrap
from typing import Any

from studio.base.text import shown, shown_lines
from studio.domain import exits
from studio.domain.changes import Diff
from studio.domain.checkpoints import Checkpoint
from studio.domain.clock import to_text
from studio.domain.codec import to_payload
from studio.domain.errors import StudioError
from studio.domain.events import Delta, HandedOff, Recorded, TurnEnded
from studio.domain.money import NanoUsd, to_usd
from studio.domain.parked import counts_as
from studio.domain.projects import Project
from studio.domain.runs import Outcome, Run, RunState

# What a terminal acts on or readers take for the end of a line, and JSON leaves as it is.
_UNSEEN_IN_JSON = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


_GAP = "  "
_LEAST_ROOM = 20
"""Characters that the last column of a table gets, however narrow the terminal is."""


def document(value: Any) -> None:
    """One JSON document on standard output."""
    print(_json(value, indent=2))


def line(value: dict[str, Any]) -> None:
    """One JSON line on standard output, at once."""
    print(_json(value), flush=True)


def _json(value: Any, indent: int | None = None) -> str:
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    return _UNSEEN_IN_JSON.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def say(text: str) -> None:
    """A line or more for people, on standard output; what hides in it is written out."""
    print(shown_lines(text), flush=True)


def note(text: str) -> None:
    """As `say`, on standard error."""
    print(shown_lines(text), file=sys.stderr, flush=True)


def one_line(text: str) -> str:
    """`text` as part of a line of ours, of which it can make no second one."""
    return " ⏎ ".join(map(shown, text.split("\n")))


def below(text: str, width: int = 2) -> str:
    """`text` as a block of its own whose further lines stand `width` to the right too, and so cannot pass for ours."""
    return shown_lines(text).replace("\n", "\n" + " " * width)


def table(head: Sequence[str], rows: Sequence[Sequence[str]], empty: str) -> None:
    """Aligned columns on standard output; `empty` is said on standard error when there is no row.

    In a terminal the last column goes on below itself where it is wider than there is room for; elsewhere a row stays
    a line.
    """
    if not rows:
        note(empty)
        return
    cells = [[one_line(cell) for cell in row] for row in (head, *rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(head))]
    before = sum(widths[:-1]) + len(_GAP) * (len(widths) - 1)
    for *row, last in cells:
        lines = _folded(last, before)
        first = _GAP.join(cell.ljust(width) for cell, width in zip((*row, lines[0]), widths, strict=True))
        print("\n".join((first.rstrip(), *(" " * before + line for line in lines[1:]))))


def _folded(text: str, before: int) -> list[str]:
    """The lines that `text` takes in a terminal where `before` characters of each are taken."""
    if not sys.stdout.isatty():
        return [text]
    room = max(shutil.get_terminal_size().columns - before, _LEAST_ROOM)
    return wrap(text, room, break_on_hyphens=False) if len(text) > room else [text]


def of_event(recorded: Recorded, project: str) -> dict[str, Any]:
    """An event as programs see it: its fields, and who, when and where."""
    return {
        "kind": recorded.event.kind,
        "seq": recorded.seq,
        "time": to_text(recorded.time),
        "project": project,
        "run": recorded.run,
        **to_payload(recorded.event),
    }


def of_delta(delta: Delta, project: str, now: datetime) -> dict[str, Any]:
    """A piece of a stream as programs see it; it has no number, since it is not recorded."""
    return {
        "kind": delta.kind,
        "seq": None,
        "time": to_text(now),
        "project": project,
        "run": delta.run,
        "text": delta.text,
        "call": delta.call or None,
    }


def of_outcome(
    recorded: Recorded, ended: TurnEnded, project: str | None, handed: HandedOff | None = None
) -> dict[str, Any]:
    """The last line of a verb that follows work; a turn that handed off counts as replied, with what it handed over.

    One that is parked counts as what stopped it, and goes on by itself at `parked_until`.
    """
    outcome = Outcome.REPLIED if ended.outcome is Outcome.HANDED_OFF else counts_as(ended)
    return {
        "kind": "outcome",
        "seq": recorded.seq,
        "time": to_text(recorded.time),
        "project": project,
        "run": recorded.run,
        "outcome": outcome.value,
        "branch": ended.branch or None,
        "snapshot": ended.snapshot or None,
        "steps": ended.steps,
        "usage": {
            "input": ended.input,
            "output": ended.output,
            "cache_read": ended.cache_read,
            "cache_write": ended.cache_write,
        },
        "cost_usd": usd(ended.cost_nusd),
        "checkpoint": ended.checkpoint or None,
        "reason": ended.reason or None,
        "action": ended.action or None,
        "parked_until": ended.parked_until or None,
        "handoff": {"to": handed.to or None, "note": handed.note, "result": handed.result} if handed else None,
    }


def of_broken_off(error: StudioError, run: Run | None, project: str | None, now: datetime) -> dict[str, Any]:
    """The last line of a verb that could not begin its work, or follow it any further; it is taken up later."""
    ended = TurnEnded("", exits.outcome_of(error), 0, run.branch if run else "")
    ended = replace(ended, reason=error.sentence, action=error.action)
    return of_outcome(Recorded(0, now, None, run.id if run else None, ended), ended, project) | {"seq": None}


def of_project(project: Project) -> dict[str, Any]:
    """A project as programs see it."""
    return {
        "id": project.id,
        "name": project.name,
        "path": str(project.path),
        "created": to_text(project.created),
        "archived": project.archived,
    }


def of_run(run: Run, project: str) -> dict[str, Any]:
    """A run as programs see it."""
    return {
        "id": run.id,
        "project": project,
        "role": run.role,
        "title": run.title,
        "model": str(run.model),
        "base_branch": run.base_branch,
        "base_commit": run.base_commit,
        "branch": run.branch,
        "head": run.head,
        "created": to_text(run.created),
        "approval": run.approval.value,
        "state": run.state.value,
        "outcome": run.outcome.value if run.outcome else None,
        "task": run.purpose.task or None,
        "brief": run.purpose.brief or None,
        "parked_until": to_text(run.parked_until) if run.state is RunState.PARKED and run.parked_until else None,
    }


def of_checkpoint(checkpoint: Checkpoint, project: str) -> dict[str, Any]:
    """A checkpoint as programs see it."""
    return {
        "id": checkpoint.id,
        "project": project,
        "run": checkpoint.run,
        "kind": checkpoint.kind.value,
        "title": checkpoint.title,
        "act": checkpoint.act,
        "options": list(checkpoint.options),
        "why": checkpoint.why or None,
        "class": checkpoint.command_class or None,
        "rule": [kind.text for kind in checkpoint.kinds],
        "denied_before": checkpoint.denied_before or None,
        "state": checkpoint.state.value,
        "opened": to_text(checkpoint.opened),
        "answer": checkpoint.answer or None,
    }


def of_diff(diff: Diff) -> dict[str, Any]:
    """A diff as programs see it."""
    files = [
        {
            "path": file.path,
            "old_path": file.old_path,
            "status": file.status.value,
            "added": file.added,
            "removed": file.removed,
            "binary": file.binary,
            "patch": file.patch,
            "cut": file.cut,
        }
        for file in diff.files
    ]
    after = diff.after.id if diff.after else None
    running = [{"path": one.path, "by": one.by} for one in diff.on_machines]
    return {
        "base": diff.base,
        "head": diff.head,
        "after": after,
        "files": files,
        "left_out": diff.left_out,
        "runs_on_machines": {"files": running, "more": diff.on_machines_more},
    }


def usd(amount: int | None) -> float | None:
    """Dollars as a JSON number, null when unpriced."""
    return None if amount is None else float(to_usd(NanoUsd(amount)))
