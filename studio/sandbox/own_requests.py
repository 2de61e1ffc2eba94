"""Own requests: what Studio itself asked the app of a sandbox, to be told from what others do in the app's log."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from studio.contracts.clock import Clock

SECONDS = 30.0
"""A log tells of a request once it is answered: what a line says later than this is about another one."""
_KEPT = 200


@dataclass(slots=True)
class _Request:
    path: str
    at: float
    told_by: set[str] = field(default_factory=set)


class OwnRequests:
    """The newest requests; a log's line is held to tell of each of them once, so that others to the same path count."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._requests: deque[_Request] = deque(maxlen=_KEPT)

    def note(self, path: str) -> None:
        """Takes that Studio asks for this path now."""
        self._requests.append(_Request(path, self._clock.monotonic()))

    def told(self, path: str, writer: str) -> bool:
        """Whether a line of this writer's about `path` tells of a request of Studio's that it has not told of yet.

        Two programs may tell of the same one: what stands before the app, and the app.
        """
        earliest = self._clock.monotonic() - SECONDS
        for request in self._requests:
            if request.path == path and request.at >= earliest and writer not in request.told_by:
                request.told_by.add(writer)
                return True
        return False
