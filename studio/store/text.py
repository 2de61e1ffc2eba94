"""Columns of text, as every table of Studio has them."""

from __future__ import annotations

from typing import Any

import sqlalchemy
from sqlalchemy.sql.operators import OperatorType


class Text(sqlalchemy.Text):
    """Text that is compared with any kind of text, ids among them, without a look at what kind it is.

    The library would ask its object mapper about each value of a class that it does not know. Studio has no use for
    that one, and the durable engine loads it on another thread: asked while it is half loaded, it fails.
    """

    cache_ok = True

    def coerce_compared_value(self, op: OperatorType | None, value: Any) -> Any:
        """This type, whatever it is compared with."""
        return self
