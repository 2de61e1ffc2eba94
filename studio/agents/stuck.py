"""Stuck: finds an agent that repeats itself without getting anywhere.

A monologue, message after message without a call, needs no rule: a message without a call ends the turn.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from studio.agents.history import History
from studio.agents.said import Said
from studio.base.text import plain, shorten
from studio.domain.images import Image
from studio.domain.messages import ToolAnswer, ToolCall

SAME_CALLS = 3
"""The second time may check what the first one said; the third time tells nothing more."""
SAME_ERRORS = 3
"""After one failure a try with other words is right, after a second one perhaps; after a third the way is wrong."""
ROUNDS = 3
"""Looking at two things in turn twice compares them; a third round with the same results compares nothing new."""
IDLE_STEPS = 10
"""More than the files one reads again to get an overview, and few enough to cost little."""
LOOKED_AT = 60
"""How many steps are looked back on: longer circles than that end at the limit of steps first."""

NUDGE = (
    "[A note from Studio, not from the developer.] {what} Doing it once more will not change that. Say what you "
    "expected and why it may not come, then try another way. If you wait for something, wait longer within one "
    "command. If you cannot go on, say what is missing and end your reply without a call. If it goes on like this, "
    "your work on this message is ended."
)
NEXT = "Send a message that says what to do differently, or choose another model."
_NAMED = 80
_BARE_EXIT = re.compile(r"(\[exit code -?\d+\])?")
"""A command that only says no (a search without a match, a test of a condition) tells of no error."""


class Pattern(StrEnum):
    """In which way an agent repeats itself."""

    SAME_CALL = "same_call"
    SAME_ERROR = "same_error"
    PING_PONG = "ping_pong"
    NOTHING_NEW = "nothing_new"


_TOLD = {
    Pattern.SAME_CALL: f"You did the same {SAME_CALLS} times, and the result was the same each time.",
    Pattern.SAME_ERROR: f"You got the same error {SAME_ERRORS} times in a row.",
    Pattern.PING_PONG: "You go back and forth between the same two calls, and their results stay the same.",
    Pattern.NOTHING_NEW: (
        f"For {IDLE_STEPS} steps you have changed nothing and only repeated calls whose results you know."
    ),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """That an agent repeats itself, and with what, as a sentence for people that goes on “the agent: …”."""

    pattern: Pattern
    reason: str

    @property
    def told(self) -> str:
        """What the agent is told; nothing in it is the agent's own or a file's."""
        return NUDGE.format(what=_TOLD[self.pattern])

    @property
    def ending(self) -> str:
        """Why the turn ends when telling the agent did not help."""
        return f"The agent goes in circles, also after it was told so: {self.reason}"


_Key = tuple[str, str, bool, str, tuple[Image, ...]]
_Act = tuple[_Key, dict[str, Any] | None]


class _Made(NamedTuple):
    call: ToolCall
    ok: bool
    text: str
    images: tuple[Image, ...]

    @property
    def key(self) -> _Key:
        return self.call.name, self.call.raw, self.ok, self.text, self.images


_Step = tuple[_Made, ...]


def find(history: History) -> Finding | None:
    """How the agent repeats itself, if it does, since the last thing that can make a repeated call tell something new.

    That is a person's message, a snapshot, or being told so. Two calls are the same when name, arguments and
    result are: other lines of a file, or new output of a process that is looked at, are something new.
    """
    looked_at = history.said[max(history.unchanged_from, len(history.said) - LOOKED_AT) :]
    if not looked_at or _tells_something_new(looked_at[-1], looked_at[:-1]):
        return None
    steps = tuple(_made(said) for said in looked_at if _is_step(said))
    for rule in _RULES:
        found = rule(steps)
        if found is not None:
            return found
    return None


def _is_step(said: Said) -> bool:
    return bool(said.calls) and all(call.id in said.answers for call in said.calls)


def _tells_something_new(newest: Said, before: list[Said]) -> bool:
    """Whether a step did something that works and none before it did: most steps do, and no rule fits one that does."""
    if not _is_step(newest):
        return False
    told = [(call, newest.answers[call.id]) for call in newest.calls]
    return any(answer.ok for _, answer in told) and any(not _is_known(call, answer, before) for call, answer in told)


def _is_known(call: ToolCall, answer: ToolAnswer, before: list[Said]) -> bool:
    for said in reversed(before):
        for earlier in said.calls:
            known = said.answers.get(earlier.id)
            # The answer first: it is what differs most often, and long ones differ early.
            if known is None or known.text != answer.text or earlier.name != call.name or earlier.raw != call.raw:
                continue
            if (known.ok, known.images) == (answer.ok, answer.images) and earlier.arguments == call.arguments:
                return True
    return False


def _made(said: Said) -> _Step:
    answers = (said.answers[call.id] for call in said.calls)
    return tuple(
        _Made(call, answer.ok, answer.text, answer.images) for call, answer in zip(said.calls, answers, strict=True)
    )


def _same_call(steps: tuple[_Step, ...]) -> Finding | None:
    newest = steps[-SAME_CALLS:]
    if len(newest) < SAME_CALLS or not _all_same(newest):
        return None
    return Finding(Pattern.SAME_CALL, f"it did {_named(newest[0])} {SAME_CALLS} times, always with the same result.")


def _same_error(steps: tuple[_Step, ...]) -> Finding | None:
    newest = steps[-SAME_ERRORS:]
    if len(newest) < SAME_ERRORS or any(made.ok for step in newest for made in step):
        return None
    shared = set.intersection(*({made.text for made in step} for step in newest))
    errors = sorted(text for text in shared if not _BARE_EXIT.fullmatch(text))
    if not errors:
        return None
    return Finding(Pattern.SAME_ERROR, f"it got the same error {SAME_ERRORS} times in a row: “{_line(errors[0])}”")


def _ping_pong(steps: tuple[_Step, ...]) -> Finding | None:
    newest = steps[-2 * ROUNDS :]
    if len(newest) < 2 * ROUNDS or not (_all_same(newest[::2]) and _all_same(newest[1::2])):
        return None
    one, other = _named(newest[0]), _named(newest[1])
    return Finding(
        Pattern.PING_PONG, f"it went from {one} to {other} and back {ROUNDS} times, always with the same results."
    )


def _nothing_new(steps: tuple[_Step, ...]) -> Finding | None:
    seen: dict[_Key, list[dict[str, Any] | None]] = {}
    idle = 0
    for step in steps:
        idle += 1
        for made in step:
            # Keys are hashed and arguments compared: a call's arguments can be megabytes, but mostly differ early.
            known = seen.setdefault(made.key, [])
            if made.call.arguments not in known:
                known.append(made.call.arguments)
                idle = 0
    if idle < IDLE_STEPS:
        return None
    return Finding(
        Pattern.NOTHING_NEW,
        f"for {idle} steps it changed nothing and only repeated calls that gave the same as before, "
        f"the last one {_named(steps[-1])}.",
    )


_RULES: tuple[Callable[[tuple[_Step, ...]], Finding | None], ...] = (_same_call, _same_error, _ping_pong, _nothing_new)


def _all_same(steps: tuple[_Step, ...]) -> bool:
    return all(_acts(step) == _acts(steps[0]) for step in steps[1:])


def _acts(step: _Step) -> tuple[_Act, ...]:
    return tuple((made.key, made.call.arguments) for made in step)


def _named(step: _Step) -> str:
    """The first call of a step, as a few words."""
    call = step[0].call
    target = next((value for value in (call.arguments or {}).values() if isinstance(value, str)), "")
    more = f" and {len(step) - 1} more calls" if len(step) > 1 else ""
    return f"“{_line(f'{call.name} {target}'.rstrip())}”{more}"


def _line(text: str) -> str:
    return shorten(" ".join(plain(text[: 4 * _NAMED]).split()), _NAMED)
