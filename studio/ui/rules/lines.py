"""Lines: a rule, or what a role's file forbids, as the page tells it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from studio.domain.ids import ProjectId, RuleId
from studio.domain.roles import Role
from studio.domain.rules import CommandKind, Effect, Rule
from studio.ui.widgets.names import shown

if TYPE_CHECKING:
    from studio.app.policies import Use

EVERY_ROLE = "Every role"

_YEAR = timedelta(days=300)
"""Before a day and a month could be those of last year, the year is told in place of the hour."""


@dataclass(frozen=True, slots=True)
class Line:
    """One row. `rule` is None for what a role's file forbids: that is changed in the file."""

    rule: Rule | None
    effect: Effect
    kind: CommandKind
    role: str
    project: str
    own_role: bool = False
    times: int = 0
    last: datetime | None = None

    @property
    def key(self) -> str:
        """What this row is known by when the rows are read again."""
        return self.rule.id if self.rule is not None else f"{self.role}: {self.kind.text}"

    @property
    def does(self) -> str:
        """What the rule does, in a word or two."""
        return "Lets through" if self.effect is Effect.ALLOW else "Forbids"

    @property
    def place(self) -> str:
        """Where it counts."""
        if self.rule is None:
            return self.project or "every project"
        return f"{self.project} · one chat" if self.rule.run else self.project

    @property
    def saved(self) -> str:
        """Who saved it and when."""
        return f"{_moment(self.rule.created)} · {shown(self.rule.by)}" if self.rule else "in the role's file"

    @property
    def used(self) -> str:
        """How often it decided in place of a person; unknown of a role's file, which no event names."""
        if self.rule is None:
            return ""
        return f"{self.times} ×" if self.times else "never"

    @property
    def story(self) -> str:
        """Everything about it in sentences."""
        verb = "No question is asked" if self.effect is Effect.ALLOW else "Never run, whatever anybody allows,"
        used = f" Used last on {_moment(self.last)}." if self.last is not None else ""
        return f"{shown(self.kind.sentence)} {verb} {self._who}. {self._origin}{used}"

    @property
    def _who(self) -> str:
        if self.rule is None:
            return f"for the role {shown(self.role)}"
        return f"in the chat {self.rule.run}" if self.rule.run else f"for every role in {shown(self.project)}"

    @property
    def _origin(self) -> str:
        if self.rule is None and self.own_role:
            return "It stands in the role's file in .studio/roles of the repository: change it there and commit it."
        if self.rule is None:
            return "It comes with the role that Studio brings; a file in .studio/roles of a repository can replace it."
        return f"Made of the approval {self.rule.checkpoint}." if self.rule.checkpoint else "Written by hand."


def lines_of(
    rules: Iterable[Rule],
    roles: Iterable[Role],
    projects: Mapping[ProjectId, str],
    uses: Mapping[RuleId, Use],
    project: str = "",
) -> list[Line]:
    """What is forbidden first, as it wins; within that the newest first, and what roles forbid last.

    `project` is the name of the one whose roles these are, empty for the roles that Studio brings.
    """
    saved = sorted(rules, key=lambda rule: rule.created, reverse=True)
    lines = [_of_rule(rule, projects, uses) for rule in saved]
    lines += [
        Line(None, Effect.DENY, kind, role.title, project if role.own else "", own_role=role.own)
        for role in roles
        for kind in role.deny
    ]
    return sorted(lines, key=lambda line: line.effect is Effect.ALLOW)


def _of_rule(rule: Rule, projects: Mapping[ProjectId, str], uses: Mapping[RuleId, Use]) -> Line:
    use = uses.get(rule.id)
    name = projects.get(rule.project, rule.project)
    if use is None:
        return Line(rule, rule.effect, rule.kind, EVERY_ROLE, name)
    return Line(rule, rule.effect, rule.kind, EVERY_ROLE, name, times=use.times, last=use.last)


def _moment(time: datetime) -> str:
    local = time.astimezone()
    is_recent = datetime.now(UTC) - time < _YEAR
    return f"{local:%d %b %H:%M}" if is_recent else f"{local:%d %b %Y}"
