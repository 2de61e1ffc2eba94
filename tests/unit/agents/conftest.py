from __future__ import annotations

from tests.fixtures.memory import database, hub, recorder
from tests.unit.agents.story import story

__all__ = ["database", "hub", "recorder", "story"]
