"""A provider that is called elsewhere than its service is, is not that service, whatever its name."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.app.ground import genuine_in, ground_of

ELSEWHERE = 'base_url = "http://127.0.0.1:9/v1"'


@pytest.mark.parametrize(
    ("said", "environment", "genuine"),
    [
        ("", {}, True),
        ('[anthropic]\nproxy = "http://proxy.example.com:3128"', {}, True),
        (f"[anthropic]\n{ELSEWHERE}", {}, False),
        ("", {"ANTHROPIC_BASE_URL": "http://127.0.0.1:9"}, False),
    ],
    ids=["as it is", "through a proxy", "said to be elsewhere", "elsewhere by the environment"],
)
def test_a_built_in_provider_is_genuine_at_its_own_address(
    tmp_path: Path, said: str, environment: dict[str, str], genuine: bool
) -> None:
    (tmp_path / "providers.toml").write_text(said, encoding="utf-8")
    ground = ground_of({"STUDIO_HOME": str(tmp_path), **environment})
    assert genuine_in(ground)("anthropic") is genuine


def test_a_declared_provider_is_nobody_but_itself(tmp_path: Path) -> None:
    (tmp_path / "providers.toml").write_text(f"[gate]\n{ELSEWHERE}", encoding="utf-8")
    assert not genuine_in(ground_of({"STUDIO_HOME": str(tmp_path)}))("gate")
