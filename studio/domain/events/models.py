"""What was found out about models."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class ModelMeasured:
    """A model that runs here was tried; `form` is how it can call tools: `native`, `text` or `none`."""

    kind: ClassVar[str] = "model_measured"
    model: str
    context_tokens: int
    form: str
    tokens_per_second: float = 0.0
