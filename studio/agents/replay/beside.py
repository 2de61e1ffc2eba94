"""Beside the log: snapshots and long outputs, which the log only names; whether they still are what it names."""

from __future__ import annotations

import hashlib
import re
import zlib

from studio.agents.outputs import DIGEST_DIGITS
from studio.agents.replay.record import Record
from studio.domain.errors import StudioError
from studio.domain.events import FilesRestored, RunStarted, SnapshotTaken, ToolAnswered
from studio.domain.runs import Run
from studio.store import outputs
from studio.store.connection import Connection
from studio.tools.outputs import HANDLE
from studio.workspace.workspaces import Workspaces

_NAMED = re.compile(rf'read_output\("{HANDLE}([0-9a-f]{{{DIGEST_DIGITS}}})"')


async def outputs_changed(connection: Connection, record: Record) -> str:
    """Which long output that the log names is another by now; empty when none is."""
    for recorded in record.whole:
        if not isinstance(event := recorded.event, ToolAnswered):
            continue
        for handle in _NAMED.findall(event.text):
            if not await _is_whole(connection, record.run, handle):
                whole = f"the whole output {HANDLE}{handle} is not kept as it was"
                return f"Event {recorded.seq} of the log ({event.kind}): {whole}."
    return ""


async def snapshots_changed(workspaces: Workspaces, record: Record) -> str:
    """Which file of a snapshot that the log names is another by now; empty when none is."""
    base = next(event.base_commit for item in record.whole if isinstance(event := item.event, RunStarted))
    taken = [item for item in record.whole if isinstance(item.event, SnapshotTaken | FilesRestored)]
    commits = [event.commit for item in taken if isinstance(event := item.event, SnapshotTaken | FilesRestored)]
    if not commits:
        return ""
    try:
        damaged = await workspaces.damaged(record.run.project, base, commits)
    except StudioError as error:
        return f"The snapshots of the run cannot be read any more. {error.sentence}"
    for name in damaged:
        for item in taken:
            event = item.event
            if isinstance(event, SnapshotTaken | FilesRestored) and name in event.files:
                where = f"Event {item.seq} of the log ({event.kind})"
                return f"{where}: {name} in its commit {event.commit[:12]} is not kept as it was."
    return f"Git keeps {damaged[0]} of the run's snapshots not as it was." if damaged else ""


async def _is_whole(connection: Connection, run: Run, handle: str) -> bool:
    try:
        text = await outputs.get(connection, run.project, handle)
    except (zlib.error, UnicodeDecodeError):
        return False
    # An agent may write what looks like a handle: nothing is kept under that.
    return text is None or hashlib.sha256(text.encode("utf-8", "replace")).hexdigest().startswith(handle)
