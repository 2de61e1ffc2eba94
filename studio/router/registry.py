"""The registry: every provider that there is at this moment, by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from urllib.parse import urlsplit

from studio.domain.errors import NotFound, UserError
from studio.domain.models import ModelCard, ModelRef
from studio.domain.providers import BUILT_IN, SCRIPTED, Provider

_BILLING = {"openrouter": "openrouter.ai"}
"""The services, by their part of the price list, that say with each reply what they charge for it, and where."""


class Registry:
    """The built-in providers, and beside or in the place of these what a person's `own` file says.

    Of a file that nobody could read yet `mistake` says why. There is no provider then: without what it says of a proxy,
    or of another address, a key would go where it must not.
    """

    def __init__(self, own: Iterable[Provider] = ()) -> None:
        self._providers: dict[str, Provider] = {}
        self.own: Mapping[str, Provider] = {}
        self._windows: dict[ModelRef, int] = {}
        self.mistake: UserError | None = None
        self._charging: set[str] = set()
        self.use(own)

    @property
    def names(self) -> tuple[str, ...]:
        """The providers that can be asked, built-in ones first; the one that replays a file is none of them."""
        return tuple(name for name in self._providers if name != SCRIPTED.name)

    @property
    def all(self) -> tuple[Provider, ...]:
        """As `names`, with all that is known of each."""
        return tuple(self._providers[name] for name in self.names)

    def get(self, name: str) -> Provider:
        """The provider of this name, the scripted one included; raises NotFound with the nearest name.

        Raises UserError while the file cannot be read.
        """
        if (found := self._providers.get(name)) is not None:
            return found
        if self.mistake is not None:
            raise self.mistake
        near = get_close_matches(name, self.names, 1)
        others = f"There are: {', '.join(self.names)}. Add one: studio providers add {name} --base-url URL"
        raise NotFound(f"There is no provider “{name}”.", f"Did you mean {near[0]}?" if near else others)

    def find(self, name: str) -> Provider | None:
        """As `get`, with None for a name that no provider has."""
        return self._providers.get(name)

    def use(self, own: Iterable[Provider]) -> None:
        """Goes by what the person's file says from now on."""
        before, self.own = self.own, {each.name: each for each in own}
        self._charging = {name for name in self._charging if before.get(name) == self.own.get(name)}
        # Another address may serve other models under the same names.
        self._windows = {
            model: tokens
            for model, tokens in self._windows.items()
            if before.get(model.provider) == self.own.get(model.provider)
        }
        self._providers = {**BUILT_IN, **self.own}
        self.mistake = None

    def refuse(self, mistake: UserError) -> None:
        """Has no provider but the scripted one until the file can be read."""
        self._providers = {SCRIPTED.name: SCRIPTED}
        self.mistake = mistake

    def learn(self, cards: Iterable[ModelCard]) -> None:
        """Remembers which windows a provider says that its models have."""
        said = ((card.ref, card.given_tokens or card.context_tokens) for card in cards)
        self._windows |= {model: tokens for model, tokens in said if tokens}

    def window(self, model: ModelRef) -> int | None:
        """What all models of the provider take at once, else what it said of this one; None where neither is known."""
        provider = self.find(model.provider)
        return (provider.context_tokens if provider is not None else None) or self._windows.get(model)

    def is_local(self, model: ModelRef) -> bool:
        """Whether the model runs on the person's own machines."""
        return (found := self.find(model.provider)) is not None and found.is_local

    def is_free(self, model: ModelRef) -> bool:
        """Whether the provider charges nothing for it."""
        found = self.find(model.provider)
        return found is not None and found.is_free and not self.is_charging(model)

    def is_charging(self, model: ModelRef) -> bool:
        """Whether the provider was set to cost nothing, and has billed something all the same."""
        return model.provider in self._charging

    def learn_charging(self, model: ModelRef) -> None:
        """Takes in that the provider bills what it was set to give for nothing."""
        self._charging.add(model.provider)

    def bills_right(self, model: ModelRef) -> bool:
        """Whether the provider is a service that is known to say itself what a call costs."""
        found = self.find(model.provider)
        host = _BILLING.get(found.price_list) if found is not None else None
        return host is not None and found is not None and urlsplit(found.base_url).hostname == host

    def per_minute(self, provider: str) -> int | None:
        """How many requests a minute its key may make: the least said of those that share it, None where none is."""
        key = self.key_of(provider)
        sharing = (each for each in self._providers.values() if self.key_of(each.name) == key)
        return min((each.requests_per_minute for each in sharing if each.requests_per_minute is not None), default=None)

    def key_of(self, provider: str) -> str:
        """What its key is called: the variable that it is looked for in, which several providers may name."""
        return (found.key_variable if (found := self.find(provider)) is not None else "") or provider

    def price_list(self, model: ModelRef) -> str:
        """The part of the bundled list that has the model's price and window; empty for none."""
        return found.price_list if (found := self.find(model.provider)) is not None else ""
