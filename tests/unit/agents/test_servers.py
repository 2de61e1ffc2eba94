"""Which MCP servers count for a project, of those that its repository and the person declare."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from studio.adapters.clock import SystemClock
from studio.agents.servers import Servers
from studio.base.paths import Paths
from studio.domain.servers import ServerList
from studio.workspace.git import find_git
from studio.workspace.workspaces import Workspaces
from tests.fixtures.git_stories import make_person, make_project


class Story:
    """A person with a repository and a data folder."""

    def __init__(self, folder: Path) -> None:
        self.person = make_person(folder / "person")
        self.paths = Paths(folder / "data")
        self.paths.make()
        self._workspaces = Workspaces(self.paths, find_git(os.environ["PATH"]), self.person.environment)
        self._servers = Servers(self._workspaces, self.paths.servers, SystemClock())

    def commit(self) -> None:
        """Commits all that the person wrote."""
        self.person.git("add", "--all")
        self.person.git("commit", "--quiet", "--message", "Servers")

    async def servers(self) -> ServerList:
        """Those that count for the person's newest commit."""
        project = make_project(self.person.folder)
        await self._workspaces.register(project)
        return await self._servers.at(project.id, (await self._workspaces.base(project)).commit)


@pytest.fixture
def story(tmp_path: Path) -> Story:
    return Story(tmp_path)


async def test_studios_own_file_counts_before_the_shared_one_and_that_before_the_persons(story: Story) -> None:
    story.person.write(".studio/mcp.toml", "[servers.a]\ncommand = 'own'\n")
    shared = {"mcpServers": {"a": {"command": "shared"}, "b": {"command": "shared"}}}
    story.person.write(".mcp.json", json.dumps(shared))
    story.paths.servers.write_text("".join(f"[servers.{name}]\ncommand = 'person'\n" for name in "abc"))
    story.commit()
    found = await story.servers()
    assert [(server.name, server.command) for server in found.servers] == [
        ("a", "own"),
        ("b", "shared"),
        ("c", "person"),
    ]
    assert found.servers[2].file == str(story.paths.servers)


async def test_what_is_not_committed_does_not_count(story: Story) -> None:
    story.person.write(".studio/mcp.toml", "[servers.a]\ncommand = 'own'\n")
    assert await story.servers() == ServerList()
    story.commit()
    assert [server.name for server in (await story.servers()).servers] == ["a"]


async def test_a_declaration_that_is_a_link_is_named_and_not_followed(story: Story) -> None:
    (story.person.folder / ".mcp.json").symlink_to("/etc/passwd")
    story.commit()
    found = await story.servers()
    assert [(problem.file, problem.sentence) for problem in found.problems] == [
        (".mcp.json", "It is a link, and was not read.")
    ]
