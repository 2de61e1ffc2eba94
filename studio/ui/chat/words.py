"""Words: short phrases for people about tool calls, models, roles and turns."""

from __future__ import annotations

import json
import re
from itertools import islice
from typing import Any

from studio.base.text import plain, shorten
from studio.domain.errors import UserError
from studio.domain.events import ModelFailed
from studio.domain.images import Image
from studio.domain.models import AUTO, ModelRef
from studio.domain.money import NanoUsd, show, show_saved
from studio.domain.roles import title_of
from studio.domain.routing import BY_ROLE, is_auto
from studio.domain.runs import Outcome, RunState
from studio.ui.chat.entries import CallMade, TurnFooter
from studio.ui.widgets.names import shown

TARGET_CHARACTERS = 300
REQUEST_CHARACTERS = 8000
PATCH_LOOKED_AT = 200_000

_TOOLS: dict[str, tuple[str, str, str]] = {
    "read": ("file", "Read", "path"),
    "list": ("folder", "List", "path"),
    "search": ("search", "Search", "pattern"),
    "git_log": ("history", "History", "path"),
    "git_show": ("git-commit", "Show commit", "commit"),
    "git_blame": ("person", "Blame", "path"),
    "git_diff": ("git-compare", "Compare", "path"),
    "write": ("new-file", "Write", "path"),
    "edit": ("edit", "Edit", "path"),
    "edit_many": ("edit", "Edit", "path"),
    "apply_patch": ("diff", "Patch", "patch"),
    "move": ("arrow-right", "Move", "path"),
    "delete": ("trash", "Delete", "path"),
    "read_output": ("output", "Read output", "output"),
    "plan": ("checklist", "Plan", "plan"),
    "shell": ("terminal", "Run", "command"),
    "process_start": ("play", "Start", "command"),
    "process_output": ("output", "Look at process", "process"),
    "process_stop": ("debug-stop", "Stop process", "process"),
    "preview_start": ("browser", "Start the app", "command"),
    "preview_screenshot": ("device-camera", "Look at the app", "looking_for"),
    "page_look": ("inspect", "Read the page", "within"),
    "page_go": ("inspect", "Load a page", "path"),
    "page_click": ("inspect", "Click in the page", "ref"),
    "page_type": ("inspect", "Type in the page", "ref"),
    "console": ("debug-console", "Console", "level"),
    "ask": ("question", "Ask", "question"),
    "board_read": ("checklist", "Board", "task"),
    "create_task": ("add", "Task", "title"),
    "comment_task": ("comment", "Comment", "task"),
    "tell": ("mail", "Tell", "to"),
    "hand_off": ("check", "Hand over", "next_role"),
}
"""Tool -> icon, verb, and the argument that a card names; a tool not listed here shows its own name."""

_NO_FILE = ("list", "move", "delete")
"""Tools after which there is no file at their path that a click could open."""

_DIFFS = ("write", "edit", "edit_many", "apply_patch")

_APPROVALS = {
    "ask": ("Ask first", "Ask before commands"),
    "auto": ("Run freely", "Run commands freely"),
    "deny": ("No commands", "No commands"),
}
_STATES = {
    RunState.IDLE: "ready",
    RunState.WORKING: "working",
    RunState.WAITING: "waits for you",
    RunState.PARKED: "parked",
    RunState.MERGED: "merged",
    RunState.DISCARDED: "discarded",
}
_PATCHED = re.compile(r"^(?:\+\+\+ (?:b/)?|--- (?:a/)?|rename to )(?!/dev/null)(.{1,300})$", re.MULTILINE)
_OPENABLE = re.compile(r"^(?:\+\+\+ (?:b/)?|rename to )(?!/dev/null)(.{1,300})$", re.MULTILINE)
_LINES_CHANGED = re.compile(r"\+(\d+) [−-](\d+)")


def lines(text: str) -> str:
    """`text` of any number of lines with tabs as spaces and every character that hides or reorders written out."""
    return "\n".join(shown(line.expandtabs(4)) for line in text.replace("\r\n", "\n").split("\n"))


def call_made(call: str, name: str, arguments: dict[str, Any] | None, raw: str) -> CallMade:
    """The card of a call that was just asked for."""
    icon, verb, key = _TOOLS.get(name, ("tools", name, ""))
    given = arguments or {}
    target = " ".join(_named(name, str(given.get(key, "")), given).split())
    path = str(given.get("path", "")) if key == "path" and name not in _NO_FILE else ""
    files = _matches(_OPENABLE, str(given.get("patch", ""))) if name == "apply_patch" else (path,) if path else ()
    request = raw if arguments is None else _request(name, given)
    return CallMade(
        key=call,
        icon=icon,
        verb=shown(verb),
        target=shown(shorten(target, TARGET_CHARACTERS)),
        code=name in ("shell", "search", "process_start", "preview_start"),
        files=files,
        request=lines(shorten(request, REQUEST_CHARACTERS)),
        is_diff=name in _DIFFS,
    )


def lines_changed(summary: str) -> tuple[int | None, int | None]:
    """Lines added and removed as an edit's summary tells them, or a pair of None."""
    found = _LINES_CHANGED.fullmatch(summary)
    return (int(found[1]), int(found[2])) if found else (None, None)


def role_title(role: str, title: str = "") -> str:
    """What people call a role: its title where that is known."""
    return shown(title or title_of(role))


def model_title(model: str) -> str:
    """A model's name for people; a scripted one is never passed off as intelligence."""
    try:
        ref = ModelRef.parse(model)
    except UserError:
        return shown(model)
    if is_auto(ref):
        return "By role" if ref.name == BY_ROLE else f"{ref.name.capitalize()} tier"
    return "scripted, no AI" if ref.provider == "scripted" else shown(ref.name)


def model_choice(model: str) -> str:
    """A model's whole name, where it can be chosen."""
    if model.startswith("scripted/"):
        return f"{shown(model)} (scripted, no AI)"
    return f"{model_title(model)} ({model})" if model.startswith(f"{AUTO}/") else shown(model)


def failure(event: ModelFailed) -> str:
    """What became of one try at a model, and what comes next."""
    text = plain(event.reason)
    if event.next_model:
        return f"{text} Going on with {model_title(event.next_model)}."
    if event.retry_in is not None:
        return f"{text} Trying again{f' in {event.retry_in:.0f} s' if event.retry_in >= 1 else ''}."
    return text


def image_title(image: str) -> str:
    """An image of a message, in a few words."""
    try:
        return Image.parse(image).about
    except ValueError:
        return "image"


def approval_title(approval: str) -> str:
    """What an approval mode means, in three words."""
    return _APPROVALS.get(approval, (approval, approval))[1]


def approval_word(approval: str) -> str:
    """The same in two words, where there is little room."""
    return _APPROVALS.get(approval, (approval, approval))[0]


def state_title(state: RunState, outcome: Outcome | None) -> str:
    """Where a run stands, in two words."""
    if state is RunState.IDLE and outcome in (Outcome.FAILED, Outcome.LIMIT, Outcome.REFUSED, Outcome.CANCELLED):
        return {Outcome.CANCELLED: "stopped", Outcome.LIMIT: "limit reached"}.get(outcome, outcome.value)
    return _STATES[state]


def duration(milliseconds: float) -> str:
    """`0.01 s`, `1.2 s`, `42 s` or `3 min 5 s`."""
    seconds = milliseconds / 1000
    if seconds < 0.095:
        return f"{seconds:.2f} s"
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 60:
        return f"{seconds:.0f} s"
    return f"{int(seconds) // 60} min {int(seconds) % 60} s"


def amount(tokens: int) -> str:
    """`950`, `18.4k` or `1.2M`."""
    if tokens < 1000:
        return str(tokens)
    return f"{tokens / 1000:.1f}k" if tokens < 1_000_000 else f"{tokens / 1_000_000:.1f}M"


def footer(entry: TurnFooter) -> str:
    """The line under a turn: time, tokens, share of the cache, cost, what caches saved, files changed."""
    parts = [duration((entry.ended - entry.began).total_seconds() * 1000), f"{amount(entry.tokens)} tokens"]
    if entry.cached_percent is not None:
        parts.append(f"{entry.cached_percent} % cached")
    parts.append(show(None if entry.cost_nusd is None else NanoUsd(entry.cost_nusd)))
    if saved := show_saved(entry.saved_nusd):
        parts.append(saved)
    if entry.files:
        parts.append(f"{entry.files} file{'s' if entry.files > 1 else ''} changed ▸")
    return " · ".join(parts)


def _request(name: str, given: dict[str, Any]) -> str:
    if name == "shell" and set(given) == {"command"}:
        return f"$ {given['command']}"
    if name == "edit":
        return _difference(given)
    if name == "edit_many" and isinstance(given.get("edits"), list):
        return "\n\n".join(_difference(edit) for edit in given["edits"] if isinstance(edit, dict))
    if name == "write":
        return _added(str(given.get("content", "")))
    if name == "apply_patch":
        return str(given.get("patch", ""))
    return json.dumps(given, indent=2, ensure_ascii=False)


def _named(name: str, value: str, given: dict[str, Any]) -> str:
    """What a card names: the argument that tells most, or what can be told from it."""
    if name == "apply_patch":
        return ", ".join(_matches(_PATCHED, value)) or "no file"
    return f"{value} → {given.get('to', '')}" if name == "move" else value


def _matches(named: re.Pattern[str], patch: str) -> tuple[str, ...]:
    """The files that a patch names, each once, the first few in order."""
    found = islice(named.finditer(patch[:PATCH_LOOKED_AT]), 50)
    return tuple(dict.fromkeys(each[1].split("\t")[0] for each in found))


def _added(content: str) -> str:
    """A new file as lines put in."""
    return "+ " + content.removesuffix("\n").replace("\n", "\n+ ") if content else ""


def _difference(edit: dict[str, Any]) -> str:
    """A replacement as lines taken out and lines put in."""
    old, new = str(edit.get("old", "")), str(edit.get("new", ""))
    return "\n".join([*(f"- {line}" for line in old.split("\n")), *(f"+ {line}" for line in new.split("\n"))])


PLACEHOLDERS = {
    RunState.IDLE: "Say what is to be done …",
    RunState.WORKING: "The agent is working. Write what comes next …",
    RunState.WAITING: "Decide above, or write to go on differently …",
    RunState.PARKED: "Goes on by itself. Write to go on differently …",
    RunState.MERGED: "Merged. Write to go on …",
    RunState.DISCARDED: "This run was discarded.",
}
"""What stands in the message field while nothing is typed."""
