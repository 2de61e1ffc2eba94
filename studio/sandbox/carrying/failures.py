"""What is said where files cannot be carried."""

from __future__ import annotations

from collections.abc import Sequence

from studio.base.text import shown
from studio.domain.errors import EngineError

_NAMED = 5


class NoRoomThere(EngineError):
    """There is no room for files over there; what is to come home can come all the same."""


def too_large(paths: Sequence[str]) -> str:
    """That these files stay where they are; nothing of none."""
    if not paths:
        return ""
    names = ", ".join(shown(path) for path in paths[:_NAMED])
    more = f" and {len(paths) - _NAMED} more" if len(paths) > _NAMED else ""
    return f"Too large to be copied home from the container engine's machine: {names}{more}."


def not_carried(why: Exception) -> EngineError:
    """That something stood in the way."""
    reason = (why.strerror or str(why)) if isinstance(why, OSError) else str(why)
    return EngineError(f"The sandbox's files cannot be carried: {reason}.", retryable=True)


def too_many() -> EngineError:
    """That there are more files than anybody carries."""
    return EngineError(
        "The sandbox holds more files than can be copied from its engine's machine.",
        "Delete what is not needed in its terminal, or use an engine on this machine.",
    )


def disk_is_full() -> NoRoomThere:
    """That there is no room for files over there."""
    return NoRoomThere(
        "The disk of the container engine's machine is full, so the sandbox's files cannot be copied there.",
        "Make room there, and send the message again.",
        retryable=True,
    )
