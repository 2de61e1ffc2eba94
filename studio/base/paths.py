"""Paths: where everything of one data folder lies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import platformdirs

from studio.base.identity import make_identity


@dataclass(frozen=True, slots=True)
class Paths:
    """The places inside the data folder `home`; asking for one makes nothing, `make` makes the folders."""

    home: Path

    @classmethod
    def from_environment(cls, env: Mapping[str, str]) -> Self:
        """The folder named by `STUDIO_HOME`, else the platform's folder for a user's data."""
        named = env.get("STUDIO_HOME", "")
        return cls(Path(named).expanduser().absolute() if named else platformdirs.user_data_path("studio", False))

    @property
    def identity(self) -> Path:
        """The random word that tells this data folder from every other one."""
        return self.home / "identity"

    @property
    def database(self) -> Path:
        """State and event log (SQLite)."""
        return self.home / "studio.db"

    @property
    def engine_database(self) -> Path:
        """The durable workflow engine's own file (SQLite)."""
        return self.home / "engine.db"

    @property
    def lock(self) -> Path:
        """Held by the one process whose engine runs on this folder."""
        return self.home / "engine.lock"

    @property
    def settings(self) -> Path:
        """The person's settings (TOML)."""
        return self.home / "settings.toml"

    @property
    def servers(self) -> Path:
        """The MCP servers that the person declares for all projects (TOML)."""
        return self.home / "mcp.toml"

    @property
    def providers(self) -> Path:
        """The providers that the person declares, and how the built-in ones are reached (TOML)."""
        return self.home / "providers.toml"

    @property
    def experiments(self) -> Path:
        """The experiments that new runs take part in (a TOML file each)."""
        return self.home / "experiments"

    @property
    def projects(self) -> Path:
        """The private repository of each project."""
        return self.home / "projects"

    @property
    def workspaces(self) -> Path:
        """One folder for each run's files."""
        return self.home / "workspaces"

    @property
    def cache(self) -> Path:
        """What can be made anew: images, downloads."""
        return self.home / "cache"

    @property
    def logs(self) -> Path:
        """The program's own log files."""
        return self.home / "logs"

    @property
    def secrets(self) -> Path:
        """Where secret values rest when the system offers no keyring."""
        return self.home / "secrets"

    @property
    def window(self) -> Path:
        """The window's layout for each project."""
        return self.home / "window"

    def make(self) -> None:
        """Makes the data folder and its folders, closed to other people (mode 0700). Raises OSError."""
        self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        for folder in (self.projects, self.workspaces, self.cache, self.logs):
            folder.mkdir(exist_ok=True, mode=0o700)
        make_identity(self.identity)


def shared_cache() -> Path:
    """The person's own cache, for what is too large to keep once for each data folder."""
    return platformdirs.user_cache_path("studio", False)
