"""The models door: which models can be chosen, and which is used when nobody chooses."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from studio.app.keys import no_key
from studio.base.log import logger
from studio.base.settings import Settings
from studio.contracts.chat_model import ChatModel
from studio.domain.errors import StudioError, UserError
from studio.domain.models import AUTO, AUTO_NAMES, ModelCard, ModelRef
from studio.domain.money import from_usd
from studio.domain.offers import Listed, Offer
from studio.domain.providers import Provider
from studio.domain.roles import Limits, Tier
from studio.domain.routing import BY_ROLE, Routed, RoutingTable, Wants, is_auto
from studio.domain.tools import ApprovalMode
from studio.router.registry import Registry
from studio.router.router import Router
from studio.router.routing import Routes

log = logger("models")

LISTING_SECONDS = 5.0


class Choices:
    """What may be chosen for a run.

    `configured` tells whether a provider has what it needs to be called; it may take `listing_seconds` to say which
    models it has. `missing` says what to do where it lacks something.
    """

    def __init__(
        self,
        settings: Settings,
        router: Router,
        configured: Callable[[str], bool],
        routes: Routes,
        registry: Registry,
        listing_seconds: float = LISTING_SECONDS,
        missing: Callable[[Provider], tuple[str, str]] = no_key,
    ) -> None:
        self._missing = missing
        self._listing_seconds = listing_seconds
        self._heard: dict[str, Listed] = {}
        self._registry = registry
        self._routes = routes
        self._settings = settings
        self._router = router
        self._configured = configured

    async def default_model(self) -> ModelRef:
        """The model that is set, else that of the routing table if there is one, else the first one on offer.

        Raises UserError when there is none.
        """
        await self._routes.look()
        self._routes.require_right()
        if default := self.default():
            return ModelRef.parse(default)
        offered = await self.choices()
        if not offered:
            raise UserError("No model can be used.", "See what is missing: studio doctor")
        return offered[0].ref

    def default(self) -> str | None:
        """The name of the model that is set, or that of the routing table; None when there is neither."""
        if self._settings.default_model:
            return self._settings.default_model
        return f"{AUTO}/{BY_ROLE}" if self._routes.table.models else None

    def used(self) -> tuple[ModelRef, ...]:
        """The models that new chats use: the one that is set, then those of the routing table."""
        default = (ModelRef.parse(self._settings.default_model),) if self._settings.default_model else ()
        return (*default, *self._routes.table.models)

    def use_default(self, name: str) -> None:
        """Goes by another model from now on; for an empty name by the routing table, or the first on offer."""
        self._settings = self._settings.with_value("default_model", name)

    def default_approval(self) -> ApprovalMode:
        """How commands are treated when a run says nothing."""
        return ApprovalMode(self._settings.approval_mode)

    def default_limits(self, usual: Limits) -> Limits:
        """The limits of a run that says nothing: the role's `usual` ones, where the person has set no others."""
        settings, untouched = self._settings, Settings()
        return Limits(
            usual.steps if settings.max_steps == untouched.max_steps else settings.max_steps,
            usual.seconds if settings.max_minutes == untouched.max_minutes else settings.max_minutes * 60,
            from_usd(Decimal(str(settings.max_cost_usd))) if settings.max_cost_usd else usual.cost_nusd,
        )

    def require_usable(self, model: ModelRef) -> None:
        """Raises UserError when there is no such provider, or it lacks what it needs, or a scripted file is missing."""
        if is_auto(model):
            self._routes.require_right()
            if not self._routes.table.models:
                raise UserError(
                    f"{model} means the models of the routing table, and there is none.",
                    "Give a tier models (studio models tier), or name a model with --model.",
                )
            return
        if model.provider == "scripted" and not Path(model.name).is_file():
            raise UserError(f"There is no reply file {model.name}.", "Name an existing file: scripted/FILE.")
        provider = self._registry.get(model.provider)
        if not self._configured(provider.name):
            raise UserError(*self._missing(provider))

    async def require(self, model: ModelRef) -> None:
        """As `require_usable`, by the providers as their file is now."""
        await self._routes.look()
        self.require_usable(model)

    async def choices(self) -> tuple[ModelCard, ...]:
        """The models of all providers that answer within five seconds, before them those that the routing table means.

        Providers that do not answer are left out. Raises UserError while nobody can tell which providers there are.
        """
        return (await self.on_offer()).cards

    async def on_offer(self) -> Offer:
        """As `choices`, with the providers that gave no list."""
        await self._routes.look()
        if self._registry.mistake is not None:
            raise self._registry.mistake
        offer = await self._ask(self._registry.names)
        table = (ModelCard(ModelRef(AUTO, name)) for name in AUTO_NAMES if self._routes.table.models)
        return replace(offer, cards=(*table, *offer.cards))

    async def cautions(self, models: Iterable[ModelRef]) -> dict[ModelRef, str]:
        """What speaks against those of the models that their providers do not list, where these answer.

        Who listed a model before is not asked again.
        """
        wanted = tuple(models)
        heard = self._heard
        unsure = {
            model.provider
            for model in wanted
            if model.provider not in heard or heard[model.provider].caution(model.name)
        }
        offer = await self._ask(name for name in self._registry.names if name in unsure)
        return {model: caution for model in wanted if (caution := offer.caution(model))}

    async def named(self, text: str) -> ModelRef:
        """Reads `provider/name`; raises UserError for another text, with the model on offer that has it as its name."""
        try:
            return ModelRef.parse(text)
        except UserError as error:
            if "/" in text or (meant := (await self.on_offer()).of_name(text)) is None:
                raise
            raise UserError(error.sentence, f"Did you mean {meant}?") from error

    async def caution(self, model: ModelRef) -> str:
        """As `cautions`, for one model; empty where nothing speaks against it."""
        return (await self.cautions([model])).get(model, "")

    def table(self) -> RoutingTable:
        """The routing table."""
        return self._routes.table

    async def routed(self, tier: Tier) -> Routed:
        """Which models would be tried for a tier at this moment, and why these."""
        return await self._routes.choose(Wants(tier))

    async def offered_by(self, provider: str) -> tuple[ModelCard, ...]:
        """The models that a provider has now; raises StudioError when it does not answer or refuses."""
        return await self._listed(await self._router.model(provider), provider)

    async def _ask(self, providers: Iterable[str]) -> Offer:
        """What the configured ones of the providers list now."""
        wanted = [name for name in providers if self._configured(name)]
        found = dict(zip(wanted, await asyncio.gather(*map(self._of, wanted)), strict=True))
        return Offer(
            tuple(card for cards in found.values() for card in cards or ()),
            {name: self._label(name) for name, cards in found.items() if cards is None},
            {name: self._heard[name] for name, cards in found.items() if cards is not None},
        )

    def _label(self, provider: str) -> str:
        return found.label if (found := self._registry.find(provider)) is not None else provider

    async def _listed(self, model: ChatModel, provider: str) -> tuple[ModelCard, ...]:
        cards = await model.list_models()
        self._registry.learn(cards)
        self._heard[provider] = Listed(self._label(provider), tuple(card.ref.name for card in cards))
        return cards

    async def _of(self, provider: str) -> tuple[ModelCard, ...] | None:
        try:
            # Loading its library takes what it takes, on a slow machine more than a provider may take to answer.
            model = await self._router.model(provider)
            async with asyncio.timeout(self._listing_seconds):
                return await self._listed(model, provider)
        except (StudioError, TimeoutError) as error:
            log.info("models_not_listed", provider=provider, error=str(error))
            return None
