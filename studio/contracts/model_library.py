"""What Studio asks of a provider that keeps models on a disk of its own: to fetch one, and what it gives each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, runtime_checkable

from studio.contracts.chat_model import ChatModel
from studio.domain.pulls import PullProgress

OnPull = Callable[[PullProgress], None]
"""Called on the caller's loop whenever the server says how far it is, which may be many times a second."""


@runtime_checkable
class ModelLibrary(Protocol):
    """A provider whose server has models on its own disk, and fetches more."""

    def full_name(self, name: str) -> str:
        """The one name of a model that may be written in several ways."""
        ...

    async def window_of(self, name: str) -> int:
        """How many tokens the server gives a model: what it is asked for, or less where that is known.

        Asks the server at most once in a while, and waits for it two seconds at most; raises nothing.
        """
        ...

    async def pull(self, name: str, on_progress: OnPull) -> None:
        """Fetches a model, as far as it is not there already. Raises StudioError, with a sentence for each cause.

        Cancelling it closes the connection; the server stops then, and keeps what came for the next time.
        """
        ...


def library_of(model: ChatModel) -> ModelLibrary | None:
    """The chat model, or the one that it was made round, as a library; None when it is none."""
    inner: object = model
    while inner is not None and not isinstance(inner, ModelLibrary):
        inner = getattr(inner, "inner", None)
    return inner
