from __future__ import annotations

from tests.fixtures.engine import project, project_files, studio_here
from tests.fixtures.scripts import script

__all__ = ["project", "project_files", "script", "studio_here"]
