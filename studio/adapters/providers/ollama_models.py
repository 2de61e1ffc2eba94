"""What an Ollama says of its models: what they can do, how long a text they were made for, and what it gives them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from studio.adapters.providers.ollama_wire import Wire
from studio.domain.errors import ProviderError
from studio.domain.models import ModelCard, ModelRef

AGAIN_SECONDS = 60.0
"""After this time a server is asked again that did not answer."""

FRESH_SECONDS = 300.0
"""For so long what a server has loaded is believed to be loaded; it may have been started anew meanwhile."""

_AT_ONCE = 4
_MOST_TOKENS = 1 << 31


@dataclass(frozen=True, slots=True)
class Said:
    """What a server says of a model; no capabilities, or no number of tokens, mean that it does not say."""

    can: tuple[str, ...] = ()
    trained_tokens: int | None = None


_NOTHING = Said()


class Models:
    """Asks the server for what is told of its models, and remembers it."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._config = wire.config
        self._said: dict[str, Said] = {}
        self._digests: dict[str, str] = {}
        self._loaded: dict[str, tuple[int | None, float]] = {}
        self._silent_until: dict[str, float] = {}

    def asked_tokens(self, name: str) -> int:
        """The window that the server is asked to give a model: no more than it was made for, where that is known."""
        trained = self._said.get(full_name(name), _NOTHING).trained_tokens
        return min(self._config.context_tokens, trained or self._config.context_tokens)

    def thinks(self, name: str) -> bool:
        """Whether the server has said that a model thinks, and can be told whether to."""
        return "thinking" in self._said.get(full_name(name), _NOTHING).can

    async def window_of(self, name: str) -> int:
        """The window of a model: what is asked for, or what the server has given it where that is less."""
        await self.said(name)
        return self._window(name)

    async def said(self, name: str) -> Said:
        """What the server says of a model, asked once; nothing when it does not say or has no such model."""
        key = full_name(name)
        if key not in self._said and self._may_ask(f"show {key}"):
            try:
                async with self._wire.errors(name, self._config.looking_seconds):
                    shown = await self._wire.client.show(name)
                self._said[key] = Said(tuple(shown.capabilities or ()), _trained(shown.modelinfo or {}))
            except ProviderError:
                self._silent(f"show {key}")
        return self._said.get(key, _NOTHING)

    async def loaded_tokens(self, name: str, *, again: bool = False) -> int | None:
        """The window with which the server has loaded a model; None when it does not say.

        It is believed for a while, unless it is to be asked `again`.
        """
        key, now = full_name(name), _now()
        loaded, at = self._loaded.get(key, (None, -FRESH_SECONDS))
        if (again or now - at >= FRESH_SECONDS) and self._may_ask("ps"):
            try:
                async with self._wire.errors(name, self._config.looking_seconds):
                    running = (await self._wire.client.ps()).models
            except ProviderError:
                self._silent("ps")
                return None
            lengths = {full_name(each.model or ""): each.context_length for each in running}
            loaded = _tokens(lengths.get(key))
            self._loaded[key] = (loaded, now)
        return loaded

    async def cards(self) -> tuple[ModelCard, ...]:
        """The models on offer that hold a chat, with what is said of each."""
        found = [each for each in (await self._wire.client.list()).models if each.model]
        for each in found:
            self._renew(each.model or "", each.digest or "")
        await self._look_at([each.model or "" for each in found])
        said = {each.model or "": self._said.get(full_name(each.model or ""), _NOTHING) for each in found}
        return tuple(self._card(name, told) for name, told in said.items() if not told.can or "completion" in told.can)

    def _card(self, name: str, said: Said) -> ModelCard:
        tools = "tools" in said.can if said.can else None
        return ModelCard(ModelRef(self._config.name, name), said.trained_tokens, tools, self._window(name))

    async def _look_at(self, names: list[str]) -> None:
        """Asks about models, a few at once; what a slow server has not said in time is left out."""
        places = asyncio.Semaphore(_AT_ONCE)

        async def look(name: str) -> None:
            async with places:
                await self.said(name)

        looks = [asyncio.ensure_future(look(name)) for name in names]
        try:
            if looks:
                await asyncio.wait(looks, timeout=self._config.looking_seconds)
        finally:
            for each in looks:
                each.cancel()
            await asyncio.gather(*looks, return_exceptions=True)

    def _window(self, name: str) -> int:
        asked = self.asked_tokens(name)
        loaded, _ = self._loaded.get(full_name(name), (None, 0.0))
        return min(asked, loaded or asked)

    def forget(self, name: str) -> None:
        """Asks anew about a model that may be another one now."""
        key = full_name(name)
        self._said.pop(key, None)
        self._loaded.pop(key, None)
        self._silent_until.pop(f"show {key}", None)

    def _renew(self, name: str, digest: str) -> None:
        if self._digests.setdefault(full_name(name), digest) != digest:
            self.forget(name)
            self._digests[full_name(name)] = digest

    def _may_ask(self, what: str) -> bool:
        return _now() >= self._silent_until.get(what, 0.0)

    def _silent(self, what: str) -> None:
        self._silent_until[what] = _now() + AGAIN_SECONDS


def full_name(name: str) -> str:
    """The one name of a model that may be written in several ways."""
    return name if ":" in name.rpartition("/")[2] else f"{name}:latest"


def _trained(info: Mapping[str, Any]) -> int | None:
    """The length of the texts that a model was made for, which stands under the name of its architecture."""
    named = info.get(f"{info.get('general.architecture')}.context_length")
    others = (value for key, value in info.items() if key.endswith(".context_length"))
    return next(filter(None, map(_tokens, (named, *others))), None)


def _tokens(said: object) -> int | None:
    return said if isinstance(said, int) and 0 < said < _MOST_TOKENS else None


def _now() -> float:
    return asyncio.get_running_loop().time()
