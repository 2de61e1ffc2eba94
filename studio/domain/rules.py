"""Rules: what a person lets through, or forbids, by kind instead of one exact act at a time."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from enum import StrEnum

from studio.domain.errors import UserError
from studio.domain.ids import CheckpointId, ProjectId, RuleId, RunId
from studio.domain.tools import RISKS, CommandClass, Part, Sorted

NEVER_BY_RULE = (CommandClass.UNKNOWN, CommandClass.PUBLISHED)
"""Classes that a person is asked about each time."""

DOES: dict[CommandClass, str] = {
    CommandClass.READ: "only reads",
    CommandClass.WRITE: "writes files of the project or temporary ones",
    CommandClass.RUN: "runs code of the project, which the agent can change",
    CommandClass.NETWORK: "uses the network, whatever the address",
    CommandClass.INSTALL: "adds or removes software, whatever its name",
    CommandClass.DELETE: "deletes files or changes of the project, whichever they are",
    CommandClass.HISTORY: "rewrites the git history of the run",
    CommandClass.SERVER: "calls a tool of an MCP server, which may do whatever the sandbox allows",
    CommandClass.UNKNOWN: "does what cannot be told by reading it",
    CommandClass.PUBLISHED: "rewrites git history outside the run",
}

_BAN = re.compile(r"[A-Za-z0-9_.@+][A-Za-z0-9_.@:+-]*( [A-Za-z0-9_./@+][A-Za-z0-9_./@:+-]*){0,3}")


_SERVER = "mcp_"
"""What a kind's first word begins with when it is about a server of MCP."""


class Scope(StrEnum):
    """How far an approval reaches."""

    ONCE = "once"
    RUN = "run"
    PROJECT = "project"


class Effect(StrEnum):
    """What a rule does with the commands it fits."""

    ALLOW = "allow"
    DENY = "deny"


@dataclass(frozen=True, slots=True)
class CommandKind:
    """Commands that begin with the same words and do the same: what a rule is about.

    To allow, both are given. To forbid, either may be missing: a class stands for whatever does that, words without
    a class for a program, or what it is to do, whatever that does.
    """

    command_class: CommandClass | None
    words: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The kind in short, as `install: npm install …`."""
        if not self.words:
            return self.command_class.value if self.command_class else ""
        written = f"{' '.join(self.words)} …"
        return f"{self.command_class.value}: {written}" if self.command_class else written

    @property
    def sentence(self) -> str:
        """The kind in words, for somebody who decides about it."""
        does = DOES[self.command_class] if self.command_class else ""
        if self.words == (">",):
            return "Output that is written into a file, whichever it is."
        if not self.words:
            return f"Every command that {does}."
        if self.words[0].startswith(_SERVER) and self.command_class in (CommandClass.SERVER, None):
            return self._of_server(self.words[0].removeprefix(_SERVER), *self.words[1:2])
        end = f", as long as each {does}" if does else ""
        return f"Commands that begin with “{' '.join(self.words)}”, whatever follows{end}."

    def _of_server(self, server: str, tool: str = "") -> str:
        if not tool:
            return f"Calls of every tool of the MCP server “{server}”."
        calls = f"Calls of the tool “{tool}” of the MCP server “{server}”, whatever is sent"
        if self.command_class is None:
            return f"{calls}."
        return f"{calls}, as long as neither the server's declaration nor its description of the tool changes."


@dataclass(frozen=True, slots=True)
class Rule:
    """One saved rule of a project, or of one run in it; `checkpoint` is the question it came from, if any."""

    id: RuleId
    project: ProjectId
    run: RunId | None
    effect: Effect
    kind: CommandKind
    created: datetime
    by: str
    checkpoint: CheckpointId | None = None


def kinds_of(line: Sorted) -> tuple[CommandKind, ...]:
    """The kinds that a rule must let through for this line to be let through: all that does more than read.

    None when no rule may: the line cannot be told, or holds something that no rule names.
    """
    if line.kind in NEVER_BY_RULE or line.loose:
        return ()
    acting = [part for part in line.parts if part.kind is not CommandClass.READ]
    if any(part.kind in NEVER_BY_RULE or not part.key for part in acting):
        return ()
    # What the line does is what its parts do, or something in it belongs to no part.
    if max((part.kind for part in acting), key=RISKS.index, default=None) is not line.kind:
        return ()
    return tuple(dict.fromkeys(CommandKind(part.kind, part.key) for part in acting))


def covers(rules: Collection[Rule], line: Sorted) -> tuple[Rule, ...]:
    """The rules which together let the whole line through; none when a single part of it is not covered."""
    allowed = {rule.kind: rule for rule in rules if rule.effect is Effect.ALLOW}
    needed = kinds_of(line)
    return tuple(allowed[kind] for kind in needed) if all(kind in allowed for kind in needed) else ()


def forbids(banned: CommandKind, line: Sorted) -> bool:
    """Whether any part of a line is of a forbidden kind."""
    if not banned.words:
        return any(_is_of(kind, banned.command_class) for kind in (line.kind, *(part.kind for part in line.parts)))
    return any(_is(banned, part) for part in line.parts)


def _is_of(kind: CommandClass, banned: CommandClass | None) -> bool:
    """Whether a ban of a whole class forbids `kind`: what a server's tool does cannot be told by reading its call."""
    return kind is banned or (kind is CommandClass.SERVER and banned is CommandClass.UNKNOWN)


def _is(banned: CommandKind, part: Part) -> bool:
    if banned.command_class is not None and part.kind is not banned.command_class:
        return False
    program, *rest = banned.words
    return part.program == program and part.words[: len(rest)] == tuple(rest)


def kind_of(text: str) -> CommandKind:
    """The kind that `CommandKind.text` wrote for a rule that allows."""
    command_class, _, words = text.partition(": ")
    return CommandKind(CommandClass(command_class), tuple(words.removesuffix(" …").split(" ")))


def ban(text: str) -> CommandKind:
    """What a person forbids, from a class as in `network`, or the beginning of a command as in `git push`.

    Raises UserError for what is neither.
    """
    if text in set(CommandClass):
        return CommandKind(CommandClass(text))
    return banned_words(text)


def nearly_a_class(text: str) -> CommandClass | None:
    """The class whose name `text` nearly is: written so, it would be taken for a program, and nothing be forbidden."""
    near = get_close_matches(text.strip().lower(), list(CommandClass), 1, 0.75)
    return CommandClass(near[0]) if near and text.strip() not in set(CommandClass) else None


def banned_words(text: str) -> CommandKind:
    """What is forbidden by the beginning of a command: a program, and at most three words that say what it does.

    Raises UserError for anything else.
    """
    words = " ".join(text.split())
    if not _BAN.fullmatch(words) or len(words) > 120:
        raise UserError(
            f"“{words[:80]}” is no beginning of a command: a program, and at most three plain words after it.",
            f"Write it like “git push” or “curl”. The classes are: {', '.join(CommandClass)}.",
        )
    program, *rest = words.split(" ")
    return CommandKind(None, (program, *rest))
