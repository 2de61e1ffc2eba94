"""The standing answers that people give, so that a kind of command is not asked about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class RuleAdded:
    """A person lets a kind of commands through without a question, or forbids it, in a project or in one run.

    `effect` is `allow` or `deny`; `covers` says in short what, `checkpoint` names the question it came from.
    """

    kind: ClassVar[str] = "rule_added"
    rule: str
    scope: str
    effect: str
    covers: str
    checkpoint: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True)
class RuleRemoved:
    """A person took a rule back."""

    kind: ClassVar[str] = "rule_removed"
    rule: str
    effect: str
    covers: str
    by: str = ""
