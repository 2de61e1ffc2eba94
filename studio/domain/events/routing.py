"""What happened to the routing table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class RoutingTableChanged:
    """A person changed a field of models.toml, such as `tiers.fast`, `prefer` or `roles.tester`.

    `value` is what stands there now: the models of a tier in their order, those of one line joined by `=`; empty for
    a field that is gone.
    """

    kind: ClassVar[str] = "routing_table_changed"
    field: str
    value: str = ""
    by: str = ""
