"""Every declared setting does something."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from studio.base.settings import SETTINGS

PACKAGE = Path(__file__).parents[2] / "studio"
TABLE = PACKAGE / "base" / "settings.py"


@pytest.fixture(scope="module")
def source() -> str:
    return "\n".join(file.read_text("utf-8") for file in sorted(PACKAGE.rglob("*.py")) if file != TABLE)


@pytest.mark.parametrize("name", [row.name for row in SETTINGS])
def test_a_declared_setting_is_read_outside_of_the_table(name: str, source: str) -> None:
    assert re.search(rf"(\b|_)settings\.{name}\b", source), f"nothing reads the setting {name}"
