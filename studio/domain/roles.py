"""A role: a job as data, and what is wrong with the files that describe one."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum

from studio.domain.errors import NotFound, UserError
from studio.domain.rules import CommandKind


@dataclass(frozen=True, slots=True)
class Limits:
    """Ceilings of what is done for one message of a person; None means no ceiling.

    Time is in seconds, without what people take to decide; cost is in nano-dollars.
    """

    steps: int | None = 100
    seconds: float | None = 3600.0
    cost_nusd: int | None = None


class Tier(StrEnum):
    """How strong a model a role wants, weakest first."""

    FAST = "fast"
    STANDARD = "standard"
    STRONG = "strong"


class ResultType(StrEnum):
    """What a field of a result holds."""

    TEXT = "text"
    TEXTS = "texts"  # a list, each entry a text
    NUMBER = "number"
    YES_NO = "yes_no"
    CHOICE = "choice"  # one of the field's options


@dataclass(frozen=True, slots=True)
class ResultField:
    """One thing that a role hands over; `options` are those of a choice."""

    name: str
    type: ResultType
    about: str
    options: tuple[str, ...] = ()
    required: bool = True


class HandOverAfter(StrEnum):
    """What of a turn makes an agent owe its result: the rest is talk."""

    TOOLS = "tools"  # it used a tool
    CHANGES = "changes"  # it changed files; what it only looked at or ran, it may tell in a sentence


@dataclass(frozen=True, slots=True)
class Role:
    """What an agent of this role is told, may use, how far it may go and what it hands over.

    `prompt` is whole: its parts are in it, and so is what is to be handed over. `own` tells a role of the
    project's from one that Studio brings. One that `must_hand_over` is told so when it stops without after what
    `hand_over_after` names. `deny` is what nobody who has the role may do, whatever anybody allows. With an
    `answer_cache`, what a model replied to the very same question in another run is given again; with
    `answer_cache_tools`, also where tools are used. `thinking` is how many tokens its models may think for in a step, 0
    for none; None leaves it to the settings. One that `wakes_on_errors` goes on by itself when its app fails at rest.
    """

    name: str
    title: str
    purpose: str
    prompt: str
    tools: tuple[str, ...]
    limits: Limits
    prompt_version: int = 1
    tier: Tier = Tier.STANDARD
    result: tuple[ResultField, ...] = ()
    own: bool = False
    must_hand_over: bool = False
    hand_over_after: HandOverAfter = HandOverAfter.TOOLS
    deny: tuple[CommandKind, ...] = ()
    answer_cache: bool = False
    answer_cache_tools: bool = False
    thinking: int | None = None
    wakes_on_errors: bool = False


@dataclass(frozen=True, slots=True)
class RoleProblem:
    """Why a role cannot be used: the file, the line where one is known, the field, and what is wrong there."""

    file: str
    role: str
    sentence: str
    hint: str = ""
    field: str = ""
    line: int | None = None

    @property
    def text(self) -> str:
        """The problem in one sentence that says where it is, without the hint."""
        place = f"{self.file}, line {self.line}" if self.line else self.file
        return f"{place}: {f'{self.field}: ' if self.field else ''}{self.sentence}"


@dataclass(frozen=True, slots=True)
class RoleList:
    """The roles that can be used, in order of their names, and what is wrong with the others."""

    roles: tuple[Role, ...] = ()
    problems: tuple[RoleProblem, ...] = ()

    def get(self, name: str) -> Role:
        """The role of this name. Raises UserError for one with a problem, NotFound with the nearest name."""
        for role in self.roles:
            if role.name == name:
                return role
        for problem in self.problems:
            if problem.role == name:
                action = f"{problem.hint} Mend the file and commit it.".strip()
                raise UserError(f"The role “{name}” cannot be used. {problem.text}", action)
        names = [role.name for role in self.roles]
        near = get_close_matches(name, names, 1)
        hint = f"Did you mean {near[0]}? " if near else ""
        raise NotFound(f"There is no role “{name}”.", f"{hint}There are: {', '.join(names)}.")


def in_sentence(title: str) -> str:
    """A title as it stands within a sentence: “senior engineer”, but “QA lead”."""
    return title[:1].lower() + title[1:] if title[1:2].islower() else title


def title_of(name: str) -> str:
    """The title of a role of which only the name is known."""
    return name.replace("_", " ").replace("-", " ").capitalize()
