from __future__ import annotations

from tests.fixtures.bridge import bridge, doors, theme

__all__ = ["bridge", "doors", "theme"]
