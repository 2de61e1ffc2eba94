"""What a tool is to a model and to the gate."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from studio.domain.images import Image


class Risk(StrEnum):
    """How much a call can change."""

    READ = "read"  # changes nothing
    WRITE = "write"  # changes files inside the run's own workspace, or says something to the project's other agents
    EXECUTE = "execute"  # runs a command inside the run's sandbox
    ASK = "ask"  # asks a person; the turn waits


class CommandClass(StrEnum):
    """What a command line, or a call of a server's tool, does by its most risky part; a later one is riskier."""

    READ = "read"  # changes nothing
    WRITE = "write"  # changes files of the project or temporary ones
    RUN = "run"  # runs code of the project: its tests, its build, its scripts
    NETWORK = "network"  # speaks to other machines
    INSTALL = "install"  # adds or removes software
    DELETE = "delete"  # removes files, or changes nobody has committed
    HISTORY = "history"  # rewrites history of the run's own clone
    SERVER = "server"  # calls a tool of an MCP server
    UNKNOWN = "unknown"  # cannot be told by reading it
    PUBLISHED = "published"  # rewrites history outside the run's own clone


RISKS = tuple(CommandClass)
"""Every class, the least risky first."""


@dataclass(frozen=True, slots=True)
class Part:
    """One command of a line, or one file that it writes.

    `key` holds the words that a rule knows it by, none where no rule may. `program` is its name without a folder,
    `words` are its arguments that are known and no options, what it is to do first.
    """

    kind: CommandClass
    key: tuple[str, ...] = ()
    program: str = ""
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sorted:
    """A command line's class; `reason` says of an unknown one why it could not be told, as the end of a sentence.

    `parts` is all that the line does, the harmless included. `loose` says why no rule may cover the line although
    its class is known: something in it changes what its parts do.
    """

    kind: CommandClass
    reason: str = ""
    parts: tuple[Part, ...] = field(default=(), compare=False)
    loose: str = field(default="", compare=False)


class ApprovalMode(StrEnum):
    """How the gate treats calls that execute commands."""

    ASK = "ask"
    AUTO = "auto"
    DENY = "deny"


class Verdict(StrEnum):
    """The gate's answer to one call."""

    ALLOW = "allow"
    ASK = "ask"
    DENY = "deny"


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """A tool as shown to the model: name, what it is for, and the JSON schema of its arguments."""

    name: str
    description: str
    schema: dict[str, Any]
    risk: Risk


@dataclass(frozen=True, slots=True)
class ToolOutcome:
    """What running a tool gave.

    `text` goes to the model; `summary` is at most a line for people (a card in the chat); `changed`
    says that files in the workspace may differ now, so that a snapshot is due. `paged` says that the text is
    the part that was asked for, so that nothing of it is left out however long it is. `images` are shown to a model
    that can look at them; the text must make sense without. `difference` is what a file lost and gained, for
    people, where the call alone does not tell.
    """

    ok: bool
    text: str
    summary: str = ""
    changed: bool = False
    paged: bool = False
    images: tuple[Image, ...] = ()
    difference: str = ""
