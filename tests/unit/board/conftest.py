from __future__ import annotations

from tests.fixtures.memory import database, hub, recorder

__all__ = ["database", "hub", "recorder"]
