"""Provider tests: what came of trying a provider out: the models it has, one call of a tool, and its pace."""

from __future__ import annotations

from dataclasses import dataclass

from studio.domain.money import FREE, NanoUsd

_NAMED = 6
"""Models that are named of those which a provider lists."""


@dataclass(frozen=True, slots=True)
class ProviderTest:
    """What one test of a provider found; `models` and `model` are the provider's own names.

    `model` is the one that was asked, empty where there was none to ask. `called` says whether it called the tool as it
    was told, `fault` what went wrong, in words for the person with what to do, empty when all is well. Figures that
    were not reached are None; so is the cost of calls without a known price.
    """

    provider: str
    models: tuple[str, ...]
    model: str = ""
    called: bool = False
    fault: str = ""
    first_token_ms: float | None = None
    tokens_per_second: float | None = None
    input: int = 0
    output: int = 0
    cost_nusd: NanoUsd | None = FREE

    @property
    def passed(self) -> bool:
        """Whether agents can work with it."""
        return self.called and not self.fault


def some_of(names: tuple[str, ...]) -> str:
    """Names for people, not all of them where there are many."""
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{', '.join(names[:_NAMED])}{more}"
