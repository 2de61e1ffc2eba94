from __future__ import annotations

from tests.fixtures.engine import project, project_files, studio_here
from tests.fixtures.real_apps import express_app, fastapi_app, vite_app
from tests.fixtures.scripts import script

__all__ = ["express_app", "fastapi_app", "project", "project_files", "script", "studio_here", "vite_app"]
