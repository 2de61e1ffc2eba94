"""Typed identifiers: a letter that names the kind, then eight hexadecimal digits."""

from __future__ import annotations

import secrets
from typing import Self


class Id(str):
    """A short random identifier that is unique within one data folder."""

    __slots__ = ()
    tag = ""

    @classmethod
    def new(cls) -> Self:
        """A fresh identifier: 32 random bits behind the kind's tag."""
        return cls(f"{cls.tag}{secrets.token_hex(4)}")


class ProjectId(Id):
    """Names a project."""

    __slots__ = ()
    tag = "p"


class RunId(Id):
    """Names a run; it is also part of the run's branch name."""

    __slots__ = ()
    tag = "r"


class TurnId(Id):
    """Names a turn of a run."""

    __slots__ = ()
    tag = "t"


class CallId(Id):
    """Names a tool call; unique across providers, whatever ids they use on the wire."""

    __slots__ = ()
    tag = "c"


class CheckpointId(Id):
    """Names a checkpoint."""

    __slots__ = ()
    tag = "k"


class DataId(Id):
    """Names what is kept of a run's services for new runs."""

    __slots__ = ()
    tag = "d"


class RestoreId(Id):
    """Names one going back to an earlier point of a run."""

    __slots__ = ()
    tag = "b"


class RuleId(Id):
    """Names a rule."""

    __slots__ = ()
    tag = "u"


class TaskId(Id):
    """Names a task of a project's board."""

    __slots__ = ()
    tag = "w"


class BriefId(Id):
    """Names a brief of a project."""

    __slots__ = ()
    tag = "f"


class MessageId(Id):
    """Names a message from one agent to another."""

    __slots__ = ()
    tag = "m"


class ReservationId(Id):
    """Names money that is held for one model call."""

    __slots__ = ()
    tag = "v"
