"""The display: whether there is one for a window."""

from __future__ import annotations

import sys
from collections.abc import Mapping

_NAMED_BY = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")


def has_display(environment: Mapping[str, str], platform: str = sys.platform) -> bool:
    """Whether a window can open."""
    # On Linux Qt itself would end the program with a core dump.
    return platform != "linux" or any(environment.get(name) for name in _NAMED_BY)
