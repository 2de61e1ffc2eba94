"""Money as whole nano-dollars, so that sums are exact."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal
from typing import NewType

NanoUsd = NewType("NanoUsd", int)
"""Billionths of a US dollar; fine enough for the price of a single token."""

FREE = NanoUsd(0)

_PER_USD = Decimal(10**9)


def from_usd(amount: Decimal) -> NanoUsd:
    """The nearest whole nano-dollar to `amount` dollars."""
    return NanoUsd(int((amount * _PER_USD).to_integral_value(rounding=ROUND_HALF_EVEN)))


def to_usd(amount: NanoUsd) -> Decimal:
    """Exact dollars."""
    return Decimal(amount) / _PER_USD


def show(amount: NanoUsd | None) -> str:
    """A short text for people: `unpriced`, `$0.00` or four significant decimals below a dollar."""
    if amount is None:
        return "unpriced"
    usd = to_usd(amount)
    return f"${usd:.2f}" if usd == 0 or usd >= 1 else f"${usd:.4f}"


def show_saved(amount: int) -> str:
    """What caches saved, or what writing to them cost more, for people: `saved $0.50`; nothing when it is nothing."""
    if not amount:
        return ""
    return f"saved {show(NanoUsd(amount))}" if amount > 0 else f"cache cost {show(NanoUsd(-amount))} more"


def show_sum(priced: NanoUsd | None, unpriced: int) -> str:
    """A sum for people that hides no call without a known price: `$1.00 + 2 unpriced`."""
    return f"{show(priced)} + {unpriced} unpriced" if unpriced and priced is not None else show(priced)
