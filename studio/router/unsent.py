"""Unsent: why a model is not even asked."""

from __future__ import annotations

from datetime import datetime

from studio.domain.errors import OverBudget, ProviderError, ProviderFault
from studio.domain.models import ModelRef
from studio.domain.providers import BUILT_IN

_WAIT = "Wait until then, or choose another model."


def over_budget(refused: OverBudget) -> ProviderError:
    """No budget has the money."""
    return ProviderError(ProviderFault.OVER_BUDGET, refused.sentence, refused.action, retry_after=refused.passes_in)


def resting(model: ModelRef, until: datetime, seconds: float, *, asked: bool) -> ProviderError:
    """Its provider is left alone for so many seconds, as it `asked` or since it failed too often."""
    known = BUILT_IN.get(model.provider)
    why = "asked for a pause" if asked else "failed too often"
    return ProviderError(
        ProviderFault.RESTING,
        f"{known.label if known else model.provider} {why}, and is left alone until {_time(until)}.",
        _WAIT,
        retry_after=seconds,
    )


def paced(model: ModelRef, until: datetime, seconds: float) -> ProviderError:
    """Its provider's key has made as many requests as it may make in a minute."""
    return ProviderError(
        ProviderFault.PACED,
        f"{model.provider} was asked as often as its key may ask in a minute; it may be asked again at {_time(until)}.",
        _WAIT,
        retry_after=seconds,
    )


def _time(moment: datetime) -> str:
    return moment.astimezone().strftime("%H:%M:%S")
