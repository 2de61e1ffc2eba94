"""Which models may be chosen."""

from __future__ import annotations

from pathlib import Path

from studio.adapters.clock import SystemClock
from studio.adapters.providers.config import ProviderConfig
from studio.adapters.providers.scripted import Scripted
from studio.app.choices import Choices
from studio.base.settings import Settings
from studio.domain.models import ModelCard, ModelRef
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


class Lister(Scripted):
    """Says at once which models it has."""

    async def list_models(self) -> tuple[ModelCard, ...]:
        return (ModelCard(ModelRef("openai", "gpt-5")),)


async def test_the_time_that_a_providers_library_takes_to_load_is_not_the_providers() -> None:
    # No time at all for an answer: whatever else was waited for within it would end it.
    choices = Choices(
        Settings.load(Path("/nonexistent/settings.toml"), {}),
        Router(lambda name: Lister(ProviderConfig(name)), Prices(), SystemClock()),
        lambda provider: provider == "openai",
        Routes(CurrentTable(None), Nothing()),
        Registry(),
        listing_seconds=0.0,
    )
    assert [str(card.ref) for card in await choices.choices()] == ["openai/gpt-5"]
