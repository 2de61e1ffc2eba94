"""Caches of package managers: one volume for each project, where every container of it finds what others fetched."""

from __future__ import annotations

from pathlib import Path

from studio.contracts.containers import Volume
from studio.domain.ids import ProjectId
from studio.sandbox.labels import mark_of

CACHE = "/studio/cache"
"""Where a sandbox sees its project's caches. Images that Studio makes let everybody write there."""

_PLACES = {
    "npm_config_cache": "npm",
    "npm_config_store_dir": "pnpm",
    "YARN_CACHE_FOLDER": "yarn",
    "BUN_INSTALL_CACHE_DIR": "bun",
    "PIP_CACHE_DIR": "pip",
    "UV_CACHE_DIR": "uv",
    "POETRY_CACHE_DIR": "poetry",
    "CARGO_HOME": "cargo",
    "GOMODCACHE": "go/mod",
    "GOCACHE": "go/build",
    "GRADLE_USER_HOME": "gradle",
    "BUNDLE_USER_CACHE": "bundle",
    "COMPOSER_CACHE_DIR": "composer",
    "NUGET_PACKAGES": "nuget",
    "DENO_DIR": "deno",
}


def cache_volume(home: Path, project: ProjectId) -> Volume:
    """The project's own; no other project ever has it."""
    return Volume(f"studio-cache-{project}-{mark_of(home)}", CACHE)


def cache_environment() -> dict[str, str]:
    """The variables that lead package managers there."""
    environment = {name: f"{CACHE}/{place}" for name, place in _PLACES.items()}
    return {**environment, "MAVEN_ARGS": f"-Dmaven.repo.local={CACHE}/maven"}
