"""The cart of a small shop."""

from decimal import Decimal

CENT = Decimal("0.01")


def total(prices: list[Decimal], discount: Decimal) -> Decimal:
    """The sum of the prices after the discount (0.10 is ten percent), in whole cents."""
    net = sum(prices, Decimal(0))
    return (net - discount).quantize(CENT)
