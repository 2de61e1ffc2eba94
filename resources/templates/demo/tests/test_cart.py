from decimal import Decimal

from cart import total


def test_without_a_discount_the_total_is_the_sum() -> None:
    assert total([Decimal("2.50"), Decimal("1.25")], Decimal(0)) == Decimal("3.75")


def test_the_discount_is_a_share_of_the_sum() -> None:
    assert total([Decimal("20.00"), Decimal("30.00")], Decimal("0.10")) == Decimal("45.00")
