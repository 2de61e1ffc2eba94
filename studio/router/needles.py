"""Needles: how long a text may be in which a model still finds all that is hidden in it."""

from __future__ import annotations

import random
from collections.abc import Callable

from studio.domain.errors import ProviderError, ProviderFault
from studio.router.meter import Meter

MOST_PROBES = 8
MOST_TOKENS = 400_000
"""What all probes together may count: on a slow machine a long text takes minutes to read."""

_SHORTEST = 2_000
_DEPTHS = (0.0, 0.26, 0.5, 0.74, 0.98)
"""Where the needles lie, as parts of the text: a window that is too small loses the beginning, a poor one the middle.
"""
_GATES = ("north", "east", "south", "west", "river")
_ROOM = 1_024
"""Tokens left for the question and the answer."""
_FINEST = 1_024
_CHARACTERS_A_TOKEN = 4.0
_NOUNS = ("barge", "lantern", "orchard", "ledger", "quarry", "harbour", "cellar", "meadow", "foundry", "chapel")
_VERBS = ("passed", "faced", "outlived", "bordered", "supplied", "followed", "hid", "kept", "crossed", "named")


class Needles:
    """Probes a model with ever better guesses of its window; `seed` makes the texts."""

    def __init__(self, meter: Meter, seed: int, on_probe: Callable[[int, bool], None]) -> None:
        self._meter = meter
        self._random = random.Random(seed)
        self._on_probe = on_probe
        self._characters = _CHARACTERS_A_TOKEN
        self._probes = 0

    async def longest(self, claimed: int) -> int:
        """The tokens of the longest request in which all needles were found, of `claimed`; 0 when in none.

        It is right to an eighth; fewer probes than that takes are made where they become too many or too long.
        """
        top = max(claimed - _ROOM, _SHORTEST // 2)
        found = min(_SHORTEST, top)
        if not await self._finds(found):
            return 0
        if top > found and await self._finds(top):
            return claimed
        lost = top
        while lost - found > max(_FINEST, lost // 8) and self._may_probe((found + lost) // 2):
            middle = (found + lost) // 2
            if await self._finds(middle):
                found = middle
            else:
                lost = middle
        return found if found < top else claimed

    def _may_probe(self, tokens: int) -> bool:
        return self._probes < MOST_PROBES and self._meter.tokens + tokens <= MOST_TOKENS

    async def _finds(self, tokens: int) -> bool:
        self._probes += 1
        codes = [str(self._random.randrange(10_000, 100_000)) for _ in _GATES]
        text = self._hay(int(tokens * self._characters), codes)
        asked = f"{text}\n\nWhat are the codes of the five gates ({', '.join(_GATES)})? Write the five numbers only."
        try:
            heard = await self._meter.ask(asked, most=_ROOM // 2)
        except ProviderError as error:
            if error.fault is not ProviderFault.CONTEXT_TOO_LONG:
                raise
            found = False
        else:
            found = all(code in heard.reply.text for code in codes)
            if found:
                self._learn(len(asked), heard.reply.usage.input, tokens)
        self._on_probe(tokens, found)
        return found

    def _learn(self, characters: int, counted: int, meant: int) -> None:
        """Makes the next text as long as it is meant to be; a count far from it is of something else."""
        if meant // 2 < counted < meant * 2:
            self._characters = characters / counted

    def _hay(self, characters: int, codes: list[str]) -> str:
        needles = [f"The code of the {gate} gate is {code}." for gate, code in zip(_GATES, codes, strict=True)]
        lines: list[str] = []
        length = placed = 0
        while length < characters or placed < len(needles):
            if placed < len(needles) and length >= _DEPTHS[placed] * characters:
                line = needles[placed]
                placed += 1
            else:
                line = self._sentence()
            lines.append(line)
            length += len(line) + 1
        return "\n".join(lines)

    def _sentence(self) -> str:
        of = self._random.choice
        year = self._random.randrange(100, 1000)
        return f"In the year {year} the {of(_NOUNS)} {of(_VERBS)} the {of(_NOUNS)} by the {of(_NOUNS)}."
