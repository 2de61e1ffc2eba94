from __future__ import annotations

from pathlib import Path

import pytest

from studio.adapters.clock import SystemClock
from studio.adapters.providers import scripted
from studio.adapters.providers.config import ProviderConfig
from studio.app.choices import Choices
from studio.base.settings import Settings
from studio.domain.models import ModelRef
from studio.domain.roles import Limits
from studio.domain.routing import Facts, RoutingTable
from studio.router.current_table import CurrentTable
from studio.router.prices import Prices
from studio.router.registry import Registry
from studio.router.router import Router
from studio.router.routing import Routes


class Nothing:
    """What is known of the models of an empty table."""

    async def of(self, table: RoutingTable) -> dict[ModelRef, Facts]:
        return {}


ROLE = Limits(40, 1800.0, 2_000_000_000)


def limits_with(usual: Limits, **variables: str) -> Limits:
    """What a run may use when its message says nothing, and the environment this."""
    settings = Settings.load(Path("/nonexistent/settings.toml"), variables)
    router = Router(lambda name: scripted.make(ProviderConfig(name)), Prices(), SystemClock())
    routes = Routes(CurrentTable(None), Nothing())
    return Choices(settings, router, lambda provider: True, routes, Registry()).default_limits(usual)


def test_where_nothing_is_set_the_roles_limits_hold() -> None:
    assert limits_with(ROLE) == ROLE
    assert limits_with(Limits(None, None, None)) == Limits(None, None, None)


@pytest.mark.parametrize(
    ("variable", "value", "expected"),
    [
        ("STUDIO_MAX_STEPS", "7", Limits(7, 1800.0, 2_000_000_000)),
        ("STUDIO_MAX_MINUTES", "1.5", Limits(40, 90.0, 2_000_000_000)),
        ("STUDIO_MAX_COST_USD", "0.1", Limits(40, 1800.0, 100_000_000)),
    ],
)
def test_what_a_person_has_set_wins_over_the_role(variable: str, value: str, expected: Limits) -> None:
    assert limits_with(ROLE, **{variable: value}) == expected
