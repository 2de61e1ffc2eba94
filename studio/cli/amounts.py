"""Amounts of money as they are typed."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from studio.domain.errors import UserError
from studio.domain.money import NanoUsd, from_usd

MOST_USD = 1_000_000_000


def dollars(text: str) -> NanoUsd:
    """An amount like `0.50`, not below nothing. Raises UserError."""
    try:
        amount = Decimal(text)
    except InvalidOperation as error:
        raise _not_dollars(text) from error
    # No number of nano-dollars that the data folder holds is larger.
    if not amount.is_finite() or not 0 <= amount <= MOST_USD:
        raise _not_dollars(text)
    return from_usd(amount)


def _not_dollars(text: str) -> UserError:
    return UserError(f"“{text}” is not an amount of dollars.", "Write it like 0.50.")
