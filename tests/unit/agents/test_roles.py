"""Roles are data files, and a wrong one is reported by file and field."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.agents.roles import Roles
from studio.base.resources import resource
from studio.domain.errors import NotFound, UserError
from studio.tools.table import TOOLS


def test_every_shipped_role_names_tools_that_exist() -> None:
    roles = Roles(resource("roles"))
    for name in roles.names():
        assert set(roles.get(name).tools) <= set(TOOLS)


def test_the_engineer_is_there() -> None:
    engineer = Roles(resource("roles")).get("engineer")
    assert (engineer.title, engineer.limits.steps) == ("Engineer", 100)


def test_an_unknown_role_is_answered_with_the_nearest() -> None:
    with pytest.raises(NotFound, match="Did you mean engineer"):
        Roles(resource("roles")).get("enginer")


def test_a_role_without_a_field_names_file_and_field(tmp_path: Path) -> None:
    (tmp_path / "tester.toml").write_text('name = "tester"\n')
    with pytest.raises(UserError, match=r"tester\.toml lacks the field 'title'"):
        Roles(tmp_path).get("tester")


def test_a_broken_role_file_names_the_line(tmp_path: Path) -> None:
    (tmp_path / "tester.toml").write_text("name = \n")
    with pytest.raises(UserError, match="line 1"):
        Roles(tmp_path).get("tester")
