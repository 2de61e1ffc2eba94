"""The rule drafts door: what a rule that a person writes would do, before it is saved."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import partial

from studio.agents.approving import KINDS_SHOWN
from studio.checkpoints.rules import Rules
from studio.domain.errors import UserError
from studio.domain.events import ToolCalled
from studio.domain.ids import ProjectId
from studio.domain.rules import CommandKind, Effect, Rule, ban, forbids, kinds_of, nearly_a_class
from studio.domain.tools import CommandClass, Sorted
from studio.store import event_log
from studio.store.database import Database
from studio.tools.commands import VERB_MISSING, sort_command

LOOKED_AT = 200
"""How many of the newest calls of a project a draft is held against."""

_KEPT = 1000
_READS = "This only reads, which no chat asks about: a rule changes nothing."
_SAY_MORE = "Add the word that says it, as in “npm install” or “make test”."
_HARDLY_ANYTHING = "Nearly every line reads something: hardly any command would be left to the agents."

Fits = Callable[[Sorted], bool]
"""Whether a rule would decide about a command."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What would be saved: `kinds`, or none and why in `refusal`, with what to do about it in `action`.

    `covered` are commands that agents of the project ran or asked for lately and that it would have let through, or
    forbidden, out of `looked_at` different ones. `known` says that all of it is saved already; `caution` is what
    else a person should know.
    """

    kinds: tuple[CommandKind, ...] = ()
    refusal: str = ""
    action: str = ""
    caution: str = ""
    known: bool = False
    covered: tuple[str, ...] = ()
    looked_at: int = 0


class RuleDrafts:
    """Reads only; nothing is saved here."""

    def __init__(self, database: Database, rules: Rules) -> None:
        self._database = database
        self._rules = rules
        self._sorted: dict[str, Sorted] = {}

    async def draft(self, project: ProjectId, effect: Effect, text: str) -> Draft:
        """What this text would make: a command line to let through, or a class or a beginning to forbid."""
        try:
            kinds = await kinds_to_allow(text) if effect is Effect.ALLOW else (ban(text.strip()),)
        except UserError as error:
            return Draft(refusal=error.sentence, action=error.action)
        saved = [rule for rule in await self._rules.list(project) if rule.run is None]
        lines = await self._lately(project)
        if effect is Effect.ALLOW:
            fits, caution = _let_through(kinds, saved), _caution_allowing(kinds, saved)
        else:
            fits, caution = partial(forbids, kinds[0]), _caution_forbidding(kinds[0], text)
        return Draft(
            kinds,
            caution=caution,
            known=all(any(rule.kind == kind and rule.effect is effect for rule in saved) for kind in kinds),
            covered=tuple(text for text, line in lines.items() if fits(line)),
            looked_at=len(lines),
        )

    async def _lately(self, project: ProjectId) -> dict[str, Sorted]:
        """The commands of the project's newest calls, the newest first, each once."""
        async with self._database.reading() as connection:
            calls = await event_log.newest_of(connection, ToolCalled.kind, project, LOOKED_AT)
        given = [call.event.arguments or {} for call in calls if isinstance(call.event, ToolCalled)]
        texts = dict.fromkeys(command for each in given if isinstance(command := each.get("command"), str))
        return {text: await self._sort(text) for text in texts}

    async def _sort(self, text: str) -> Sorted:
        if text not in self._sorted:
            if len(self._sorted) >= _KEPT:
                self._sorted.clear()
            self._sorted[text] = await sort_command(text)
        return self._sorted[text]


async def kinds_to_allow(command: str) -> tuple[CommandKind, ...]:
    """The kinds that a rule made of this command lets through; raises UserError where it would be too wide."""
    if not command.strip():
        raise UserError("There is no command yet.", "Write one as an agent would run it, like “npm install left-pad”.")
    line = await sort_command(command)
    kinds = kinds_of(line)
    if not kinds:
        raise UserError(*_why_none(line))
    if len(kinds) > KINDS_SHOWN:
        raise UserError(
            f"This line does {len(kinds)} different things, too many for one rule.", "Write them one by one."
        )
    return kinds


def _why_none(line: Sorted) -> tuple[str, str]:
    """Why no rule may be made of a line, and what to write instead."""
    if line.kind is CommandClass.READ:
        return _READS, ""
    if line.kind is CommandClass.PUBLISHED:
        return "This rewrites git history outside the run.", "No rule lets that through: it is asked about each time."
    if line.loose:
        return f"A rule for this would be too wide: {line.loose}.", "Write the command as it is without that."
    bare = next((part.program for part in line.parts if part.program and not part.key), "")
    if line.kind is CommandClass.UNKNOWN and (line.reason != VERB_MISSING or not bare):
        return (
            f"What this does cannot be told: {line.reason}.",
            "No rule lets that through: it is asked about each time.",
        )
    if bare:
        return f"A rule for “{bare}” alone would be too wide: what it is to do is not said.", _SAY_MORE
    return "A rule for this would be too wide: part of it is not known.", _SAY_MORE


def _let_through(kinds: Collection[CommandKind], saved: Collection[Rule]) -> Fits:
    """Whether a line needs one of these kinds, and is let through with them beside what is let through already."""
    wanted = set(kinds)
    allowed = wanted | {rule.kind for rule in saved if rule.effect is Effect.ALLOW}
    banned = [rule.kind for rule in saved if rule.effect is Effect.DENY]

    def fits(line: Sorted) -> bool:
        needed = set(kinds_of(line))
        return bool(needed & wanted) and needed <= allowed and not any(forbids(kind, line) for kind in banned)

    return fits


def _caution_allowing(kinds: Collection[CommandKind], saved: Collection[Rule]) -> str:
    for rule in saved:
        if rule.effect is Effect.DENY and any(_overrules(rule.kind, kind) for kind in kinds):
            return f"“{rule.kind.text}” is forbidden in this project, and that wins."
    return ""


def _overrules(banned: CommandKind, kind: CommandKind) -> bool:
    if banned.command_class is not None and banned.command_class is not kind.command_class:
        return False
    return banned.words == kind.words[: len(banned.words)]


def _caution_forbidding(kind: CommandKind, text: str) -> str:
    if kind.command_class is None and (near := nearly_a_class(text)):
        return f"Did you mean the class {near}? “{text.strip()}” is taken for a program of that name."
    return _HARDLY_ANYTHING if kind.command_class is CommandClass.READ else ""
