"""What a model call costs."""

from __future__ import annotations

import asyncio
import importlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from studio.base.aio import in_thread
from studio.base.log import logger
from studio.domain.errors import UserError
from studio.domain.models import ModelRef
from studio.domain.money import FREE, NanoUsd, from_usd
from studio.domain.usage import Usage
from studio.router.registry import Registry

log = logger("router")

_MILLION = Decimal(10**6)


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars per million tokens; what is not said of the cache falls back to the price of plain input.

    Writes for an hour fall back to twice that, which is what Anthropic asks for them.
    """

    input: Decimal
    output: Decimal
    cache_read: Decimal | None = None
    cache_write: Decimal | None = None
    cache_write_1h: Decimal | None = None

    def cost(self, usage: Usage) -> NanoUsd:
        """What `usage` costs."""
        read = self.input if self.cache_read is None else self.cache_read
        write = self.input if self.cache_write is None else self.cache_write
        hour = 2 * self.input if self.cache_write_1h is None else self.cache_write_1h
        plain = usage.input - usage.cache_read - usage.cache_write
        written = (usage.cache_write - usage.cache_write_1h) * write + usage.cache_write_1h * hour
        amount = plain * self.input + usage.cache_read * read + written + usage.output * self.output
        return from_usd(amount / _MILLION)


class Prices:
    """The bundled price list behind a person's own prices; nothing is fetched.

    The `registry` says which providers cost nothing and which part of the list the others have; without one the
    built-in ones count. `path` is the file of the person's own prices, whose mistakes `look` passes over.
    """

    def __init__(
        self, own: Mapping[str, Price] | None = None, registry: Registry | None = None, path: Path | None = None
    ) -> None:
        self._own = dict(own or {})
        self._registry = registry or Registry()
        self._path = path
        self._seen = _stamp(path) if path else None

    async def look(self) -> None:
        """Reads the person's own prices again if their file is another one than before.

        With a mistake in it those that were read last go on counting.
        """
        if self._path is not None:
            await in_thread(self._read, self._path)

    def _read(self, path: Path) -> None:
        seen = _stamp(path)
        if seen == self._seen:
            return
        self._seen = seen
        try:
            self._own = load_own_prices(path)
        except (UserError, OSError) as mistake:
            log.warning("prices_kept", why=str(mistake))

    def is_free(self, model: ModelRef) -> bool:
        """Whether calls to `model` cost nothing, whatever they use."""
        return str(model) not in self._own and self._registry.is_free(model)

    def charged(self, model: ModelRef, listed: NanoUsd | None, billed: NanoUsd | None) -> NanoUsd | None:
        """What a call costs whose price is `listed`, and for which its provider `billed` so much; None for unknown.

        A service that is known to bill what it charges is believed. Whoever else answers can make a call dearer than it
        is listed, but not cheaper; a provider that was set to cost nothing is free no longer once it bills something.
        """
        if billed is None:
            return listed
        if billed and self._registry.is_free(model):
            self._registry.learn_charging(model)
            log.warning("free_provider_bills", provider=model.provider, billed_nusd=billed)
        if self._registry.bills_right(model):
            return billed
        return NanoUsd(max(listed or 0, billed)) if billed else listed

    def is_charging(self, model: ModelRef) -> bool:
        """Whether the model's provider was set to cost nothing, and has billed something all the same."""
        return self._registry.is_charging(model)

    async def worst(self, model: ModelRef, tokens_in: int, tokens_out: int, moment: datetime) -> NanoUsd | None:
        """The most that a call of so many tokens can cost, however the provider's cache takes them; None if unknown."""
        plain = await self.cost(model, Usage(tokens_in, tokens_out), moment)
        read = await self.cost(model, Usage(tokens_in, tokens_out, cache_read=tokens_in), moment)
        written = await self.cost(model, Usage(tokens_in, tokens_out, cache_write=tokens_in), moment)
        return None if plain is None or read is None or written is None else max(plain, read, written)

    async def saved(self, model: ModelRef, usage: Usage, moment: datetime) -> NanoUsd:
        """What the provider's cache took off the price of one call; nothing where the price is not known.

        Below zero when what was written to the cache cost more than what was read from it saved.
        """
        if not usage.cache_read and not usage.cache_write:
            return FREE
        plain = await self.cost(model, Usage(usage.input, usage.output), moment)
        paid = await self.cost(model, usage, moment)
        return FREE if plain is None or paid is None else NanoUsd(plain - paid)

    async def cost(self, model: ModelRef, usage: Usage, moment: datetime) -> NanoUsd | None:
        """What one call costs, or None when the model has no known price."""
        if (own := self._own.get(str(model))) is not None:
            return own.cost(usage)
        if self._registry.is_free(model):
            return NanoUsd(0)
        listing = self._registry.price_list(model)
        if not listing:
            return None
        # The list takes a fifth of a second to load when it is first needed.
        return await asyncio.to_thread(_listed_cost, listing, model, usage, moment)


def load_own_prices(path: Path) -> dict[str, Price]:
    """A person's own prices: a TOML table per model; an absent file holds none. Raises UserError.

    ["openai/my-model"]
    input = 0.50        # US dollars per million tokens
    output = 1.50
    cache_read = 0.05   # optional, as are cache_write and cache_write_1h
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
        return {name: _price(table) for name, table in tables.items()}
    except FileNotFoundError:
        return {}
    except (ValueError, TypeError, KeyError, ArithmeticError) as error:
        raise UserError(
            f"The price file {path} cannot be read: {error}.",
            "Give each model a table with input and output in US dollars per million tokens.",
        ) from error


def _stamp(path: Path) -> tuple[int, int, int]:
    try:
        found = path.stat()
    except OSError:
        return 0, 0, 0
    return found.st_mtime_ns, found.st_size, found.st_ino


def _price(table: Any) -> Price:
    if not isinstance(table, dict):
        raise TypeError("a model needs a table of prices")
    amounts = {name: Decimal(value) for name, value in table.items()}
    if unknown := amounts.keys() - {field.name for field in fields(Price)}:
        raise ValueError(f"unknown fields {', '.join(sorted(unknown))}")
    if any(amount < 0 for amount in amounts.values()):
        raise ValueError("a price is negative")
    return Price(**amounts)


def _listed_cost(listing: str, model: ModelRef, usage: Usage, moment: datetime) -> NanoUsd | None:
    genai_prices = importlib.import_module("genai_prices")
    counted = genai_prices.Usage(
        input_tokens=usage.input,
        output_tokens=usage.output,
        cache_read_tokens=usage.cache_read,
        cache_write_tokens=usage.cache_write,
        cache_write_1h_tokens=usage.cache_write_1h,
    )
    try:
        found = genai_prices.calc_price(counted, model.name, provider_id=listing, genai_request_timestamp=moment)
    except LookupError:
        return None
    return from_usd(found.total_price)
