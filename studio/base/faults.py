"""Fault points: named places where a test can end the process as a crash would."""

from __future__ import annotations

import os
import signal

VARIABLE = "STUDIO_FAULT_POINT"
"""Names one point, or `name:N` for the N-th time it is reached; unset in all normal use."""


class FaultPoints:
    """Counts how often each point is reached in this process."""

    def __init__(self, wanted: str) -> None:
        name, _, count = wanted.partition(":")
        self._name = name
        self._left = int(count or 1)

    def reached(self, name: str) -> None:
        """Ends this process with SIGKILL when this is the wanted point, the wanted time."""
        if name != self._name:
            return
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
